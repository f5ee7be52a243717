"""The engines that come along: PostgreSQL and Valkey for a machine that has neither.

Whoever needs them says so with use(). They are started if nobody runs them yet, shared by all
processes with the same DATA_DIR, and ended when the last one has left, however it left:

* A *user* holds a shared lock (flock) on `run/NAME.users`; the kernel takes it back from a
  process that dies.
* A *keeper* (keeper.py) holds an exclusive lock on `run/NAME.keeper` and supervises the server
  NAME. Once it gets `NAME.users` for itself, nobody needs the server, and both end.

There is a keeper for each server, because one of them may be configured elsewhere (DATABASE_URL,
REDIS_URL). Importing this module starts nothing.
"""

import fcntl
import hashlib
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from swe_broadcast.child import Child, tail
from swe_broadcast.servers import (
    POSTGRES_PORT,
    POSTGRES_SOCKET,
    VALKEY_SOCKET,
    EnginesUnavailable,
    Postgres,
    Server,
    Valkey,
)

# Each server, and the variable that names another one instead.
VARIABLES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
SERVERS: dict[str, type[Postgres] | type[Valkey]] = {"postgres": Postgres, "valkey": Valkey}

GRACE = 2.0  # seconds without a user before a server ends; commands often follow each other
START_TIMEOUT = 60.0  # seconds until a server must answer; recovery after a crash takes a few
KEPT_BY_ANOTHER = 75  # exit code (EX_TEMPFAIL in sysexits.h) of a keeper that is one too many
SOCKET_PATH_LIMIT = 107  # bytes; struct sockaddr_un holds 108, the last one is zero
# Paths of these characters need no quoting in a URL, and none in PostgreSQL's list of folders.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Locations:
    """Where the engines of one DATA_DIR are; the same in every process that asks."""

    data_dir: Path
    sockets: Path

    def database_url(self, name: str) -> str:
        """Return the URL of a database, as django-environ reads it."""
        return f"postgres://postgres@:{POSTGRES_PORT}/{name}?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        """The broker's URL, as Celery reads it; for redis-py it is `unix://` + valkey_socket."""
        return f"redis+socket://{self.valkey_socket}"

    @property
    def valkey_socket(self) -> Path:
        """The socket that Valkey listens on."""
        return self.sockets / VALKEY_SOCKET

    @property
    def logs(self) -> Path:
        """The folder with the log files of servers and keepers."""
        return self.data_dir / "log"

    def lock(self, name: str, *, role: str) -> Path:
        """Return the lock file of a server; `role` is "users" or "keeper"."""
        return self.data_dir / "run" / f"{name}.{role}"

    def server(self, name: str, *, durable: bool = True) -> Server:
        """Return the server called "postgres" or "valkey"."""
        return SERVERS[name](folder=self.data_dir / name, sockets=self.sockets, durable=durable)

    def ensure(self) -> None:
        """Create the folders; what exists keeps its mode.

        Raises OSError, and EnginesUnavailable if others could get at the sockets.
        """
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.logs, self.data_dir / "run", self.sockets):
            folder.mkdir(mode=0o700, exist_ok=True)
        found = self.sockets.lstat()  # not stat(): somebody may have put a link into /tmp
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise EnginesUnavailable(
                f"{self.sockets} belongs to somebody else. Remove it, or set DATA_DIR."
            )
        if found.st_mode & 0o077:
            raise EnginesUnavailable(f"Others may enter {self.sockets}: `chmod 700` it.")


def locations(data_dir: Path) -> Locations:
    """Return where the engines of `data_dir` are, running or not; touches nothing.

    Sockets lie in DATA_DIR/run. If that path is too long for a socket or has characters that
    would have to be quoted, they lie in a folder of this user in /tmp ($TMPDIR may differ
    between two processes, and they would not find each other).
    """
    data_dir = data_dir.resolve()
    sockets = data_dir / "run"
    longest = len(os.fsencode(sockets / POSTGRES_SOCKET))
    if longest > SOCKET_PATH_LIMIT or not PLAIN_PATH.fullmatch(str(sockets)):
        digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        sockets = Path(f"/tmp/swe-broadcast-{os.geteuid()}-{digest}")  # noqa: S108 - ensure() checks it
    return Locations(data_dir=data_dir, sockets=sockets)


def sibling(url: str, suffix: str) -> str:
    """Return the URL of the database next door, whose name ends in `suffix`."""
    parts = urlsplit(url)
    return parts._replace(path=parts.path + suffix).geturl()


def needed(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the servers that the environment does not name and that must come along."""
    return tuple(name for name, variable in VARIABLES.items() if not environ.get(variable))


@contextmanager
def use(
    data_dir: Path,
    *,
    servers: Collection[str] = tuple(VARIABLES),
    durable: bool = True,
    grace: float = GRACE,
) -> Iterator[Locations]:
    """Have the servers of `data_dir` running inside the `with` block.

    `durable` and `grace` (seconds) count for servers that this call has to start.
    Raises EnginesUnavailable.
    """
    where = locations(data_dir)
    with ExitStack() as held:
        if servers:  # else leave DATA_DIR alone: production may have none
            try:
                where.ensure()
                for name in servers:
                    held.enter_context(locked(where.lock(name, role="users"), fcntl.LOCK_SH))
            except OSError as exc:
                raise EnginesUnavailable(f"Cannot use {exc.filename}: {exc.strerror}.") from exc
            options = [f"--grace={grace}", *([] if durable else ["--not-durable"])]
            _bring_up(where, servers, options)
        yield where


def use_configured(data_dir: Path) -> AbstractContextManager[Locations]:
    """Have those servers running that the environment does not name, see use()."""
    return use(data_dir, servers=needed())


def keepers(data_dir: Path, *, servers: Collection[str] = tuple(VARIABLES)) -> list[Child]:
    """Return keepers to be supervised by a process that itself is inside use().

    They wait as long as other keepers run, and take over at once when those are killed.
    """
    where = locations(data_dir)
    return [
        Child(
            name=f"keeper-{name}",
            command=_keeper(where, name),
            cwd=PROJECT,
            ready=where.server(name).is_answering,
            stop_timeout=35,  # seconds; PostgreSQL itself has 30
        )
        for name in servers
    ]


def wait_until_ended(data_dir: Path) -> None:
    """Return when no server runs any more, or when somebody else uses those that do."""
    where = locations(data_dir)
    for name in VARIABLES:
        while _is_kept(where, name) and not _is_used(where, name):
            time.sleep(0.1)


@contextmanager
def locked(path: Path, kind: int) -> Iterator[int]:
    """Hold a lock, waiting for it as `kind` says (fcntl.LOCK_*). Raises BlockingIOError.

    Forked processes inherit the lock: it ends with the last of them, as nobody unlocks and
    everybody only closes. That is right for worker processes, which need what their parent
    needs. Other programs do not inherit it (Python opens files close-on-exec): one that
    outlives us would keep up servers that it may not even know. A program that we exec() into
    asks for itself, within the grace.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)


def _bring_up(where: Locations, servers: Collection[str], options: list[str]) -> None:
    """Start what does not answer; return when everything does. Raises EnginesUnavailable."""
    patience = time.monotonic() + START_TIMEOUT
    while silent := [name for name in servers if not _is_up(where, name)]:
        if time.monotonic() > patience:
            log = where.logs / f"{silent[0]}.log"
            raise EnginesUnavailable(f"{silent[0]} does not answer. The end of {log}:\n{tail(log)}")
        starting = [_start_keeper(where, name, options) for name in silent]
        complaints = [process.communicate()[1] for process in starting]
        for process, complaint in zip(starting, complaints, strict=True):
            if process.returncode not in (0, KEPT_BY_ANOTHER):
                raise EnginesUnavailable(complaint.strip())
        if any(process.returncode == KEPT_BY_ANOTHER for process in starting):
            time.sleep(0.5)  # somebody else was faster, and is at it


def _is_up(where: Locations, name: str) -> bool:
    """Whether a server answers and has a keeper; one whose keeper was killed is about to end."""
    return _is_kept(where, name) and where.server(name).is_answering()


def _is_kept(where: Locations, name: str) -> bool:
    return not _is_free(where.lock(name, role="keeper"), fcntl.LOCK_SH)


def _is_used(where: Locations, name: str) -> bool:
    """Whether somebody holds the users' lock, and not the keeper, which does so when it ends."""
    users = where.lock(name, role="users")
    return not _is_free(users, fcntl.LOCK_EX) and _is_free(users, fcntl.LOCK_SH)


def _is_free(lock: Path, kind: int) -> bool:
    try:
        with locked(lock, kind | fcntl.LOCK_NB):
            return True
    except BlockingIOError:
        return False


def _start_keeper(where: Locations, name: str, options: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own module
        [*_keeper(where, name), "--background", *options],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is meant for us, not for a keeper that others use too
    )


def _keeper(where: Locations, name: str) -> list[str]:
    return [sys.executable, "-m", "swe_broadcast.keeper", str(where.data_dir), name]
