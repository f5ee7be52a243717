"""A folder that keeps webhook bodies while the database cannot.

Files only, no database and no keys: what comes in is sealed already. What it promises:

* `add` returns only when file and folder are on the disk; a crash before that leaves nothing
  that counts, a crash after it leaves a whole file.
* While anything waits, `is_waiting` says so, and for AFTERGLOW after the last was brought in:
  whoever had begun to arm a send before that has found it stale since (whatsapp/pipeline.py).
* It never grows beyond MAX_BYTES and MAX_FILES, so that an outage cannot fill the disk.

Any number of processes may add and read at once: each file has a name of its own.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

MAX_BYTES = 256 * 1024 * 1024
MAX_FILES = 10_000  # adding one looks at all of them: 2 ms for a few, 50 ms for so many
DRAFT, UNREADABLE, DONE = ".part", ".unreadable", ".done"
ABANDONED_AFTER = timedelta(hours=1)  # a draft is written in milliseconds, or never finished
AFTERGLOW = timedelta(seconds=10)  # twice what makes an armed message stale


class SpoolFull(Exception):
    """Nothing more can be kept here; whoever sent it must send it again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One body in the folder."""

    path: Path
    received_at: datetime
    body_hash: bytes

    def read(self) -> bytes | None:
        """Return the sealed body; None if another process has just brought it in."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def finish(self, *, now: datetime) -> None:
        """Forget its content: it is safe somewhere else. Its name stays for the afterglow."""
        done = self.path.with_suffix(DONE)
        with suppress(FileNotFoundError):
            self.path.rename(done)
            os.truncate(done, 0)
            os.utime(done, (now.timestamp(), now.timestamp()))

    def set_aside(self) -> None:
        """Keep it for a human, out of the way of the others."""
        with suppress(FileNotFoundError):
            self.path.rename(self.path.with_suffix(UNREADABLE))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits. Numbers only."""

    bodies: int = 0
    late: int = 0  # of them, older than was asked for
    unreadable: int = 0
    is_readable: bool = True  # the folder itself

    @property
    def holds(self) -> bool:
        """Tell whether nothing is sent because of it."""
        return bool(self.bodies or self.unreadable) or not self.is_readable

    @property
    def is_late(self) -> bool:
        """Tell whether a human must look."""
        return bool(self.late or self.unreadable) or not self.is_readable


@dataclass(frozen=True, slots=True)
class Spool:
    """The folder; it need not exist before something is kept."""

    folder: Path

    def add(self, sealed: bytes, *, body_hash: bytes, now: datetime) -> None:
        """Keep a sealed body. Raises SpoolFull, also when the disk is full or broken."""
        name = f"{int(now.timestamp() * 1_000_000):020d}-{secrets.token_hex(4)}-{body_hash.hex()}"
        draft = self.folder / (name + DRAFT)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_sure_there_is_room(len(sealed))
            try:
                _write(draft, sealed)
                draft.rename(self.folder / name)
            except OSError:
                draft.unlink(missing_ok=True)
                raise
            _flush_folder(self.folder)
        except OSError as exc:
            raise SpoolFull from exc

    def kept(self) -> Iterator[Kept]:
        """Everything that waits, oldest first. Raises OSError."""
        for name in sorted(self._names()):
            if one := _read_name(self.folder / name):
                yield one

    def is_waiting(self) -> bool:
        """Tell whether there is anything that may hold a STOP which the database has not heard.

        Also if the folder cannot be read, or holds something that nobody can read.
        """
        try:
            return any(not name.endswith(DRAFT) for name in self._names())
        except OSError:
            return True

    def waiting(self, *, late_before: datetime) -> Waiting:
        """Count what waits; `late` is what came before that moment."""
        try:
            names = self._names()
        except OSError:
            return Waiting(is_readable=False)
        kept = [one for name in names if (one := _read_name(self.folder / name))]
        return Waiting(
            bodies=len(kept),
            late=sum(one.received_at < late_before for one in kept),
            unreadable=sum(name.endswith(UNREADABLE) for name in names),
        )

    def tidy(self, *, now: datetime) -> None:
        """Remove what is brought in and has faded, and drafts whose writer has died."""
        for name in self._names():
            path = self.folder / name
            draft = _read_name(path.with_suffix("")) if name.endswith(DRAFT) else None
            if (draft and draft.received_at < now - ABANDONED_AFTER) or _has_faded(path, now=now):
                path.unlink(missing_ok=True)

    def try_out(self) -> None:
        """Write something, as a body is written, and remove it. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"trial-{secrets.token_hex(4)}{DRAFT}"
        try:
            _write(path, b"trial")
        finally:
            path.unlink(missing_ok=True)

    def _names(self) -> list[str]:
        try:
            return os.listdir(self.folder)
        except FileNotFoundError:
            return []

    def _make_sure_there_is_room(self, size: int) -> None:
        with os.scandir(self.folder) as entries:
            sizes = [_size(entry) for entry in entries]
        if len(sizes) >= MAX_FILES or sum(sizes) + size > MAX_BYTES:
            raise SpoolFull


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    """Make the name as durable as the content."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:  # brought in while we were counting
        return 0


def _has_faded(path: Path, *, now: datetime) -> bool:
    if path.suffix != DONE:
        return False
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < (now - AFTERGLOW).timestamp()
    return False


def _read_name(path: Path) -> Kept | None:
    """Read what a name says; None for drafts, for what is set aside, and for strangers."""
    try:
        micros, _random, body_hash = path.name.split("-")
        at = datetime.fromtimestamp(int(micros) / 1_000_000, tz=UTC)
        return Kept(path, at, bytes.fromhex(body_hash))
    except ValueError:
        return None
