"""What must survive even the database: append-only lines on disk about sends and consent.

A restored dump has forgotten who has already got a message and who has said STOP since. These
lines have not (campaigns/restore.py compares). What is promised:

* A line is on the disk when `note_...` returns. It is written after its rows are committed and,
  for a send, before the first byte leaves; so the database of the same history knows every line.
* Nothing personal: ids, random tokens, times, and a keyed hash for a subscriber.
* A torn last line counts for nothing: nothing had been sent or acknowledged for it.

Each process writes a segment of its own a day, `<kind>-<day>-<history>-<random>.log`. All
processes of an installation share the folder, and it is not on the database's disk.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

KEEP_FOR = timedelta(days=35)  # longer than any dump that one would still restore
SENDS, CONSENT = "sends", "consent"
GENERATION = "generation"  # the file that names the history which the lines belong to
TAIL = 128 * 1024  # bytes; longer than any line: 44 for each of a few hundred deliveries

Line = Mapping[str, Any]


@dataclass(slots=True)
class _Segment:
    """The file that this process appends to."""

    descriptor: int
    day: date
    generation: str
    pid: int


@dataclass(slots=True)
class Journal:
    """The folder, and this process's open segments in it. Safe to use from several threads."""

    folder: Path
    key: bytes = field(repr=False)  # of the hashes that stand for subscribers
    _segments: dict[str, _Segment] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note_sends(
        self, broadcast_id: int, attempts: Sequence[tuple[int, UUID]], *, now: datetime
    ) -> None:
        """Note a group of attempts, each a delivery id and its token. Raises OSError."""
        ids = [delivery_id for delivery_id, _token in attempts]
        tokens = [token.hex for _delivery_id, token in attempts]
        self._append(SENDS, {"broadcast": broadcast_id, "deliveries": ids, "tokens": tokens}, now)

    def note_consent(self, subscriber_id: UUID, facts: Line, *, now: datetime) -> None:
        """Note an event of the consent register, in words of the caller. Raises OSError."""
        self._append(CONSENT, {"subject": self.subject(subscriber_id), **facts}, now)

    def subject(self, subscriber_id: UUID) -> str:
        """Return what stands for a subscriber; without the key it leads to nobody."""
        text = f"journal|v1|{subscriber_id}".encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()

    def lines(self, kind: str) -> Iterator[Line | None]:
        """Every line of a kind, segment by segment; None for one that cannot be read."""
        for path in self._paths(kind):
            complete = path.read_bytes().split(b"\n")[:-1]
            yield from (_parse(line) for line in complete)

    def last_lines(self, kind: str, generation: UUID) -> Iterator[Line | None]:
        """The last complete line of each segment of a history's newest day.

        None for one that is not readable. A database that has these has all before them as
        well, because a dump is of one moment.
        """
        newest_first = sorted(
            self.folder.glob(f"{kind}-*-{generation.hex[:12]}-*.log"), key=_day, reverse=True
        )
        for _, segments in groupby(newest_first, key=_day):
            ends = [end for path in segments if (end := _end(path))]
            if ends:
                yield from map(_parse, ends)
                return

    def has_lines(self) -> bool:
        """Tell whether anything was ever noted here. Raises OSError."""
        return any(_end(path) for kind in (SENDS, CONSENT) for path in self._paths(kind))

    def generation(self) -> UUID | None:
        """Return the history that the lines belong to; None for a folder never used before."""
        try:
            return UUID((self.folder / GENERATION).read_text(encoding="ascii").strip())
        except FileNotFoundError:
            return None

    def set_generation(self, generation: UUID) -> None:
        """Let the lines belong to this history from now on. Raises OSError."""
        self._make_folder()
        draft = self.folder / f"{GENERATION}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{generation}\n")
            file.flush()
            os.fsync(descriptor)
        draft.rename(self.folder / GENERATION)
        _flush_folder(self.folder)

    def try_out(self) -> None:
        """Write something, as a line is written, and remove it. Raises OSError."""
        self._make_folder()
        path = self.folder / f"trial.{secrets.token_hex(4)}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write_all(descriptor, b"trial\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            path.unlink()

    def purge(self, *, now: datetime) -> None:
        """Remove the segments that are older than any dump one would restore."""
        oldest = f"{now.astimezone(UTC) - KEEP_FOR:%Y%m%d}"
        for kind in (SENDS, CONSENT):
            for path in self._paths(kind):
                if _day(path) < oldest:
                    path.unlink(missing_ok=True)

    def _paths(self, kind: str) -> list[Path]:
        return sorted(self.folder.glob(f"{kind}-*.log"))

    def _append(self, kind: str, facts: Line, now: datetime) -> None:
        at = now.astimezone(UTC)
        line = json.dumps({"at": at.isoformat(), **facts}, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            segment = self._segment(kind, at.date())
            try:
                _write_all(segment.descriptor, line)
                os.fsync(segment.descriptor)
            except OSError:  # the end may be torn: nothing is ever written behind it
                self._close(kind)
                raise

    def _segment(self, kind: str, day: date) -> _Segment:
        """Return the open segment of this process and day; begin it if there is none."""
        named = self.generation()
        generation = named.hex[:12] if named else "new"
        segment, belongs = self._segments.get(kind), (day, generation, os.getpid())
        if segment and (segment.day, segment.generation, segment.pid) == belongs:
            return segment
        self._close(kind)
        self._make_folder()
        path = self.folder / f"{kind}-{day:%Y%m%d}-{generation}-{secrets.token_hex(6)}.log"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._segments[kind] = _Segment(descriptor, *belongs)
        _flush_folder(self.folder)
        return self._segments[kind]

    def _close(self, kind: str) -> None:
        if segment := self._segments.pop(kind, None):
            with suppress(OSError):
                os.close(segment.descriptor)

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)


_current: list[Journal] = []


def use(journal: Journal) -> None:
    """Make this the journal of the process. Called at the start, like the setting up of logs."""
    _current[:] = [journal]


def current() -> Journal:
    """Return the journal of this process."""
    return _current[0]


def _day(path: Path) -> str:
    return path.name.split("-")[1]


def _end(path: Path) -> bytes:
    """Return the last complete line of a segment, empty if there is none."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        return b"".join(file.read().split(b"\n")[:-1][-1:])


def _parse(line: bytes) -> Line | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
