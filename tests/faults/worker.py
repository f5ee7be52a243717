"""One worker in a process of its own: `python -m tests.faults.worker pump 7 2026-11-23T09:00Z`.

Meets the failpoint that the environment names, and dies of it. The kinds of work are the
functions below.
"""

import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django

SHIFT = timedelta(seconds=30)
PAGE = os.sysconf("SC_PAGE_SIZE") // 1024  # in kB


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "swe_broadcast.settings")
    django.setup()
    work, broadcast_id, moment, *more = sys.argv[1:]
    WORK[work](int(broadcast_id), datetime.fromisoformat(moment), *more)


def pump(broadcast_id: int, now: datetime) -> None:
    """One shift at a broadcast."""
    from campaigns import connections, sending

    sender = replace(connections.sender(), clock=lambda: now)
    sending.pump(broadcast_id, sender=sender, until=now + SHIFT)


def sweep(_broadcast_id: int, now: datetime) -> None:
    from campaigns import sending

    sending.sweep(now=now)


def apply(_broadcast_id: int, now: datetime) -> None:
    """Apply what webhooks have brought."""
    from campaigns import connections, inbox

    inbox.apply_pending(desk=connections.desk(), clock=lambda: now, limit=1000)


def serve(_broadcast_id: int, _now: datetime, port: str) -> None:
    """Answer webhooks, one after the other."""
    from swe_broadcast.wsgi import application

    with make_server("127.0.0.1", int(port), application, handler_class=Silent) as server:
        say("ready")
        server.serve_forever()


class Silent(WSGIRequestHandler):
    """Says nothing about requests."""

    def log_message(self, *_: object) -> None:
        """Leave it."""


def soak(_broadcast_id: int, _now: datetime) -> None:
    """Pump the broadcasts that come in by line, `id moment`; say each time how big we are."""
    for line in sys.stdin:
        broadcast_id, moment = line.split()
        pump(int(broadcast_id), datetime.fromisoformat(moment))
        resident = int(Path("/proc/self/statm").read_text().split()[1])
        say(resident * PAGE)


def say(word: object) -> None:
    """Tell whoever has started us."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


WORK = {"pump": pump, "sweep": sweep, "apply": apply, "serve": serve, "soak": soak}


if __name__ == "__main__":
    main()
