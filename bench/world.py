"""The world of a benchmark: servers of its own, people with sealed numbers, a broadcast.

Servers are durable (fsync on), as in production: a benchmark of commits that reach no disk
would say nothing. Everything lies in a folder of its own and is gone afterwards.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from swe_broadcast import engines

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def servers(folder: Path) -> Iterator[int]:
    """Run PostgreSQL and Valkey, empty but migrated; yield the postmaster's process id."""
    with engines.use(folder, durable=True, grace=0) as where:
        os.environ |= {
            "DATA_DIR": str(folder),
            "ENV_FILE": os.devnull,
            "DATABASE_URL": where.database_url("swe_broadcast"),
            "KEYS_DATABASE_URL": "",
            "REDIS_URL": where.redis_url,
            "DJANGO_SETTINGS_MODULE": "swe_broadcast.settings",
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        for alias in ("default", "keys"):
            call_command("migrate", database=alias, verbosity=0)
        yield int((folder / "postgres/postmaster.pid").read_text().splitlines()[0])
    engines.wait_until_ended(folder)


@contextmanager
def answerer(folder: Path) -> Iterator[str]:
    """Run the stand-in for Meta; yield its address. Its certificate is FOLDER/ca.pem."""
    command = [sys.executable, "-m", "bench.answerer", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"https://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()
