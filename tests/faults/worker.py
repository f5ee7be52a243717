"""One worker in a process of its own: `python -m tests.faults.worker pump 7 2026-11-23T09:00Z`.

Meets the failpoint that the environment names, and dies of it.
"""

import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "swe_broadcast.settings")
    django.setup()
    from campaigns import connections, sending

    work, broadcast_id, moment = sys.argv[1:]
    now = datetime.fromisoformat(moment)
    if work == "sweep":
        sending.sweep(now=now)
        return
    sender = replace(connections.sender(), clock=lambda: now)
    sending.pump(int(broadcast_id), sender=sender, until=now + timedelta(seconds=30))


if __name__ == "__main__":
    main()
