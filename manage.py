#!/usr/bin/env python
"""The command line of the project: `manage.py help` lists what there is."""

import os
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

# These start and supervise the servers themselves, or need none.
WITHOUT_SERVERS = {
    *("up", "demo", "help", "--help", "version", "--version", "check", "collectstatic"),
}


def main() -> None:
    """Run one command; where no server is configured or running, start our own for its time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "swe_broadcast.settings")
    from django.conf import settings  # noqa: TID251 - after the line above

    from swe_broadcast import engines

    alone = len(sys.argv) < 2 or sys.argv[1] in WITHOUT_SERVERS or "--help" in sys.argv
    with nullcontext() if alone else engines.use_configured(settings.DATA_DIR):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
