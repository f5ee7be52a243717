"""The keeper of one server: `python -m swe_broadcast.keeper DATA_DIR postgres`.

Prepares the server, supervises it, and ends with it when nobody uses it any more (engines.py).
Only one keeper at a time looks after a server; a second one waits until it may take over.
engines.use() starts it with --background, and then it lives on as a child of init.
"""

import argparse
import fcntl
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from swe_broadcast.engines import GRACE, KEPT_BY_ANOTHER, VARIABLES, locations, locked
from swe_broadcast.servers import EnginesUnavailable
from swe_broadcast.supervisor import Announce, Event, News, supervise


def main() -> int:
    """Keep one server running; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m swe_broadcast.keeper")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("server", choices=VARIABLES)
    parser.add_argument("--background", action="store_true", help="return when it is ready")
    parser.add_argument("--not-durable", action="store_true", help="faster, for tests")
    parser.add_argument("--grace", type=float, default=GRACE, metavar="SECONDS")
    options = parser.parse_args()
    try:
        return _keep(options)
    except EnginesUnavailable as exc:
        sys.stderr.write(f"{exc}\n")
    except OSError as exc:  # a full disk, a folder that we may not write to
        sys.stderr.write(f"Cannot use {exc.filename}: {exc.strerror}.\n")
    return 1


def _keep(options: argparse.Namespace) -> int:
    where = locations(options.data_dir)
    where.ensure()
    server = where.server(options.server, durable=not options.not_durable)
    with ExitStack() as held:
        try:
            kind = fcntl.LOCK_EX | (fcntl.LOCK_NB if options.background else 0)
            held.enter_context(locked(where.lock(options.server, role="keeper"), kind))
        except BlockingIOError:
            return KEPT_BY_ANOTHER
        server.prepare()
        deserted = _Deserted(where.lock(options.server, role="users"), grace=options.grace)

        def run(announce: Announce) -> int:
            children = [server.child()]
            return supervise(children, log_dir=where.logs, announce=announce, until=deserted)

        if options.background:
            return _in_background(run, log=where.logs / f"keeper-{options.server}.log")
        return run(lambda _: None)


class _Deserted:
    """Tells whether nobody has held the users' lock for a while."""

    def __init__(self, users: Path, *, grace: float) -> None:
        self._users = users
        self._grace = grace
        self._descriptor = os.open(users, os.O_RDWR | os.O_CREAT, 0o600)
        self._since: float | None = None

    def __call__(self) -> bool:
        if not self._users.exists():  # DATA_DIR was deleted: nobody can find us any more
            return True
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._since = None
            return False
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since >= self._grace:
            return True  # and still locked: whoever comes now waits until we are gone
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return False


def _in_background(run: Callable[[Announce], int], *, log: Path) -> int:
    """Call `run` in a process that init adopts; return here as soon as it is ready.

    Raises EnginesUnavailable, here, if it never was.
    """
    answer, ours = os.pipe()
    if os.fork() == 0:
        os.close(answer)
        with log.open("ab") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)

        def report(news: News) -> None:
            if news.event in (Event.ALL_READY, Event.GIVEN_UP):  # one of them, and once
                os.write(ours, f"{news.event}\n{news.reason}".encode())

        return run(report)
    os.close(ours)
    event, _, reason = os.read(answer, 8192).decode(errors="replace").partition("\n")
    if event != Event.ALL_READY:
        raise EnginesUnavailable(reason or f"The keeper was killed, see {log}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
