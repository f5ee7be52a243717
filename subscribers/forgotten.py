"""The erasure list: who has been erased, kept outside every database that can be restored.

One line an erasure, a random reference and a time, in one file a month. Whatever a backup
brings back is erased again by it (erasure.replay). A file is never rewritten: it is dropped
whole, once the oldest backup that could know its people is gone.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from subscribers import promises

KEEP = promises.BACKUPS + timedelta(days=7)
LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class ErasureList:
    """The list in a folder; the folder is made with the first line. Raises OSError."""

    folder: Path

    def add(self, refs: Iterable[UUID], *, at: datetime) -> None:
        """Add references and return once they are on the disk."""
        lines = "".join(f"{ref} {at.isoformat()}\n" for ref in refs)
        if not lines:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One write to a file opened for appending: two writers never mix their lines.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(self.folder / f"forgotten-{at:%Y-%m}.txt", flags, 0o600)
        try:
            os.write(descriptor, lines.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def refs(self, *, now: datetime) -> dict[UUID, datetime]:
        """Return whom a backup could still know, and when they were erased.

        A torn line is skipped: the power failed, and the reference is written again.
        """
        return {ref: at for ref, at in self._lines() if at >= now - KEEP}

    def drop_old(self, *, now: datetime) -> int:
        """Drop the files that no backup can need any more; return how many."""
        # A month whose youngest line is too old: its name is its first day.
        limit = f"forgotten-{now - KEEP - LONGEST_MONTH:%Y-%m}.txt"
        old = [file for file in self._files() if file.name < limit]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("forgotten-*.txt"))

    def _lines(self) -> Iterator[tuple[UUID, datetime]]:
        for file in self._files():
            for line in file.read_text(encoding="ascii").splitlines():
                ref, _, at = line.partition(" ")
                try:
                    yield UUID(ref), datetime.fromisoformat(at)
                except ValueError:  # torn
                    continue
