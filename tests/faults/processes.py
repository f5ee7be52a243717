"""Parts of the town in processes of their own, at the databases of the present test."""

import os
import subprocess
import sys
from contextlib import contextmanager

from django.conf import settings
from django.db import connections as databases

from tests.swe_broadcast.witness import PROJECT, until

PATIENCE = 60  # seconds
ALIASES = {"DATABASE_URL": "default", "KEYS_DATABASE_URL": "keys"}


def environment(*, failpoint=""):
    """What a process must know to work at our databases, and to meet a failpoint."""
    base = os.environ["DATABASE_URL"]
    urls = {
        name: base.replace("/swe_broadcast", f"/{databases[alias].settings_dict['NAME']}")
        for name, alias in ALIASES.items()
    }
    api = {"WHATSAPP_API_URL": settings.WHATSAPP_API_URL}
    return {**os.environ, **urls, **api, "FAILPOINT": failpoint}


def run(town, work, *, failpoint=""):
    """Do what a Celery task would (see worker.py), in a process; return how it ended."""
    with started(town, work, failpoint=failpoint) as process:
        return process.wait(timeout=PATIENCE)


@contextmanager
def started(town, work, *more, failpoint=""):
    """Have a worker running (see worker.py); what still runs in the end is killed."""
    arguments = (work, str(town.broadcast.pk), town.now.isoformat(), *map(str, more))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.worker", *arguments],
        cwd=PROJECT,
        env=environment(failpoint=failpoint),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def web(town, port, *, failpoint=""):
    """Have a web server with our views at this port."""
    with started(town, "serve", port, failpoint=failpoint) as process:
        until("ready", process)
        yield process
