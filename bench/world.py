"""The world of a benchmark: servers of its own, people with sealed numbers, a broadcast.

Servers are durable (fsync on), as in production: a benchmark of commits that reach no disk
would say nothing. Everything lies in a folder of its own and is gone afterwards.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
import requests
from django.core.management import call_command

from bench.answerer import ARRIVALS
from swe_broadcast import engines

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Place:
    """The servers: the postmaster's process, and the URL of a database by its name."""

    postgres: int
    database_url: Callable[[str], str]


@contextmanager
def servers(folder: Path) -> Iterator[Place]:
    """Run PostgreSQL and Valkey, empty but migrated."""
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
        pid = int((folder / "postgres/postmaster.pid").read_text().splitlines()[0])
        yield Place(pid, where.database_url)
    engines.wait_until_ended(folder)


@dataclass(frozen=True, slots=True)
class Meta:
    """The stand-in for Meta: where it is, the certificate to trust, and its process."""

    url: str
    ca: Path
    pid: int

    def arrivals(self) -> list[tuple[float, bool]]:
        """When messages have arrived since the last question, and whether they were urgent."""
        url, length = self.url + ARRIVALS, {"Content-Length": "0"}
        answer = requests.get(url, headers=length, verify=str(self.ca), timeout=20)
        return [(at, is_urgent) for at, is_urgent in answer.json()]


@contextmanager
def answerer(folder: Path) -> Iterator[Meta]:
    """Run the stand-in for Meta; its certificate is FOLDER/ca.pem."""
    command = [sys.executable, "-m", "bench.answerer", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = f"https://127.0.0.1:{int(process.stdout.readline())}"
        yield Meta(url, folder / "ca.pem", process.pid)
    finally:
        process.terminate()
        process.wait()
