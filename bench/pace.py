"""How exactly the pace keeps its rate: several processes that send as fast as they may.

`python -m bench.pace` starts a Valkey of its own, or uses the one named by REDIS_URL. For
every rate it prints the mean, and the most that any window of one second has seen; then how
long the first urgent message waits while bulk takes all it can get, and on an idle system.
The figures are clock times of granted permits, gathered from all processes.
"""

import argparse
import json
import multiprocessing as mp
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import redis

from campaigns.pace import KEY, Pace
from swe_broadcast import engines

ROOM = 64  # messages that a sender wants at once, like a pump's pipeline
CALM = 0.5  # seconds between two urgent messages


def _send(url: str, rate: float, until: float, into: "mp.Queue[list[float]]") -> None:
    """Be a bulk sender until `until`; then tell when each permit was granted."""
    pace = Pace(redis.Redis.from_url(url), rate)
    granted: list[float] = []
    while time.time() < until:
        grant = pace.take(ROOM)
        granted += [time.time()] * grant.permits
        if not grant.permits:
            time.sleep(grant.wait)
    into.put(granted)


def _senders(
    url: str, rate: float, *, processes: int, seconds: float, meanwhile: Callable[[], None]
) -> list[float]:
    """Run bulk senders side by side; return the times of all permits, sorted."""
    redis.Redis.from_url(url).delete(KEY)
    into: mp.Queue[list[float]] = mp.Queue()
    until = time.time() + seconds
    workers = [
        mp.Process(target=_send, args=(url, rate, until, into), daemon=True)
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    meanwhile()
    times = sorted(at for _ in workers for at in into.get())
    for worker in workers:
        worker.join()
    return times


def most_in_a_second(times: list[float]) -> int:
    """Return the most that any half-open window of one second contains; `times` sorted."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def accuracy(url: str, rate: float, *, processes: int, seconds: float) -> dict[str, object]:
    """Measure one rate; shares of the setting, in percent."""
    times = _senders(url, rate, processes=processes, seconds=seconds, meanwhile=lambda: None)
    mean = (len(times) - 1) / (times[-1] - times[0])
    most = most_in_a_second(times)
    return {
        "rate": rate,
        "processes": processes,
        "seconds": seconds,
        "permits": len(times),
        "mean_percent": round(100 * mean / rate, 2),
        "most_in_1s": most,
        "most_percent": round(100 * most / rate, 2),
        "keeps_promise": bool(100 * most <= 102 * rate and 100 * mean >= 98 * rate),
    }


def first_urgent(url: str, rate: float, *, processes: int, seconds: float) -> dict[str, object]:
    """Measure how long an urgent message waits for its permit, in milliseconds."""
    pace = Pace(redis.Redis.from_url(url), rate)
    waits: list[float] = []

    def ask_now_and_then() -> None:
        for _ in range(int(seconds / CALM) - 1):
            time.sleep(CALM)
            asked = time.monotonic()
            while not (grant := pace.take(1, urgent=True)).permits:
                time.sleep(grant.wait)
            waits.append(1000 * (time.monotonic() - asked))

    found: dict[str, object] = {"rate": rate}
    for name, senders in (("idle", 0), ("busy", processes)):
        waits.clear()
        _senders(url, rate, processes=senders, seconds=seconds, meanwhile=ask_now_and_then)
        found[f"urgent_{name}_median_ms"] = round(statistics.median(waits), 2)
        found[f"urgent_{name}_longest_ms"] = round(max(waits), 2)
    return found


def main() -> int:
    """Print one JSON line per measurement; exit with 1 if a promise about accuracy broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[80.0, 1000.0])
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    good = True
    with ExitStack() as held:
        url = os.environ.get("REDIS_URL", "")
        if not url:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
            held.callback(engines.wait_until_ended, folder)
            where = held.enter_context(
                engines.use(folder, servers=["valkey"], durable=False, grace=0)
            )
            url = where.redis_url
        url = url.replace("redis+socket://", "unix://", 1)
        for rate in options.rates:
            how = {"processes": options.processes, "seconds": options.seconds}
            found = accuracy(url, rate, **how)
            good = good and bool(found["keeps_promise"])
            for line in (found, first_urgent(url, rate, **how)):
                sys.stdout.write(json.dumps(line) + "\n")
                sys.stdout.flush()
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
