"""One sender process of bench/hand.py: `python -m bench.obey URL CA`, then a task per line."""

import json
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_test_environment

django.setup()

from bench import filling, people, visits  # noqa: E402 - after setup()
from campaigns import connections as ours  # noqa: E402
from campaigns import sending  # noqa: E402
from campaigns.pace import Pace  # noqa: E402
from campaigns.sending.pump import FEW, TURN  # noqa: E402
from tests.factories import NOW  # noqa: E402
from whatsapp.payloads import Recipient, Text  # noqa: E402
from whatsapp.pipeline import Pipeline  # noqa: E402

ROOM = 96  # messages that a sender without a database has on its hands at once
Found = dict[str, float]


def wait() -> Found:
    """Do nothing, but be ready."""
    return {}


def pump(url: str, ca: Path, *, broadcast: int, rate: float, seconds: float) -> Found:
    """Be a worker at a broadcast: for so long, or until nothing is left."""
    sender = people.sender(url, ca=ca, rate=rate)
    cpu, began = time.process_time(), time.perf_counter()
    with sender.client:
        sent = sending.pump(broadcast, sender=sender, until=NOW + timedelta(seconds=seconds))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"sent": sent, "wall": wall, "cpu": cpu, "memory_kb": _memory()}


def prepare(number: int, reachable: int) -> Found:
    """Make a database of one's own with a started broadcast to so many."""
    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0)
    people.gather(number, reachable=reachable)
    return {"broadcast": people.started().pk}


def furnish(rows: int) -> Found:
    """Make a desk of one's own that has been in use."""
    setup_test_environment()  # its browser is Django's test client
    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0)
    filling.fill(rows)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {}


def open_page(name: str, times: int) -> Found:
    """Open a page so many times."""
    visit = visits.every()[name]
    browser = visits.sign_in(visit.group)
    visits.open_page(browser, visit)  # what stays known afterwards
    cpu, began = time.process_time(), time.perf_counter()
    for _ in range(times):
        visits.open_page(browser, visit)
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - began}


def leave(first: int, last: int) -> Found:
    """Let only these batches be unfinished."""
    with connection.cursor() as cursor:
        rows = "UPDATE campaigns_batch SET is_finished = number NOT BETWEEN %s AND %s"
        cursor.execute(rows, [first, last])
    return {}


def carry(url: str, ca: Path, *, rate: float, seconds: float) -> Found:
    """Send as fast as the common pace allows, without a database: the pace alone is the limit."""
    hello, somebody = Text(body="Guten Morgen"), Recipient(phone="+4915100000001")
    pace, until, allowed = Pace(ours.broker(), rate=rate), time.monotonic() + seconds, FEW
    with (
        people.client(url, ca=ca) as client,
        Pipeline[None](client, ROOM, pace.turns) as pipeline,
    ):
        while time.monotonic() < until:
            room = min(pipeline.room - ROOM + allowed, pace.queue - pipeline.waiting)
            grant = pace.take(max(0, room))
            for _ in range(grant.permits):
                pipeline.send(hello, to=somebody, token="0" * 32, tag=None)
            came = pipeline.collect(seconds=min(grant.wait, TURN), at_least=ROOM)
            allowed = min(allowed + len(came), ROOM)
        pipeline.drain()
    return {}


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def _obey(url: str, ca: Path) -> None:
    for line in sys.stdin:
        told = json.loads(line)
        match told.pop("what"):
            case "pump":
                found = pump(url, ca, **told)
            case "carry":
                found = carry(url, ca, **told)
            case "prepare":
                found = prepare(**told)
            case "furnish":
                found = furnish(**told)
            case "open":
                found = open_page(**told)
            case "leave":
                found = leave(**told)
            case _:
                found = wait()
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _obey(sys.argv[1], Path(sys.argv[2]))
