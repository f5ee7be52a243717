"""An append-only file of JSON lines, from which everything comes back.

A line is handed to the operating system before anybody hears of the event it
describes. That survives the death of the process; it does not promise to
survive the death of the machine.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
_encode = json.JSONEncoder(separators=(",", ":")).encode  # made once, for it is used a lot


class JournalDamagedError(Exception):
    """A line in the middle of the journal cannot be read: this is not our file, or it is broken."""


class JournalInUseError(OSError):
    """Another process writes this journal."""


class Journal:
    """Writes entries to `path` and gives them back; `None` remembers nothing.

    Raises JournalInUseError while another process has it open.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = _lock(path) if path else None
        self._file: FileIO | None = None

    def replay(self) -> Iterator[Entry]:
        """Yield what was written in earlier lives. Raises JournalDamagedError."""
        if not self._path or not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.startswith(b"{") and not line.endswith(b"\n"):
                    return  # the process died over it, so nobody was told about its event
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise JournalDamagedError(f"{self._path}, line {number}") from error

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Put these entries in the place of all others; from here on, `write` adds to them."""
        if not self._path:
            return
        fresh = self._path.with_name(f"{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        with fresh.open("wb") as lines:
            lines.writelines(_line(entry) for entry in entries)
        fresh.replace(self._path)
        self._file = self._path.open("ab", buffering=0)

    def write(self, entry: Entry) -> None:
        if self._file:
            self._file.write(_line(entry))

    def close(self) -> None:
        for file in (self._file, self._lock):
            if file:
                file.close()


def _lock(path: Path) -> FileIO:
    """Return a file that stays locked until it is closed or this process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A file of its own: the journal is replaced now and then, and its lock would go with it.
    file = path.with_name(f"{path.name}.lock").open("wb", buffering=0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise JournalInUseError(f"another simulator is using {path}") from error
    return file


def _line(entry: Entry) -> bytes:
    return _encode(entry).encode() + b"\n"
