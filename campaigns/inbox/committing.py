"""One commit for all threads that have something to store at the same moment.

A commit waits for the disk, however little it holds. So whoever finds nobody writing writes at
once, and who comes meanwhile waits; then one of these writes for all of them. There is no timer
and no thread of its own: alone, nobody waits for anybody.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import Error, OperationalError

Item = TypeVar("Item")


def _locked() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Place(Generic[Item]):
    """An item of a thread, and what became of it."""

    item: Item
    signal: threading.Lock = field(default_factory=_locked)  # released once, to who waits in line
    is_over: bool = False  # otherwise the signal means: now write
    trouble: Error | None = None


class GroupCommit(Generic[Item]):
    """Stores items by `write`, which must have committed all of them when it returns.

    Up to `writers` threads write at once: while one waits for the disk, another prepares.
    """

    def __init__(self, write: Callable[[Sequence[Item]], None], *, writers: int) -> None:
        self._write = write
        self._free = writers
        self._line: list[_Place[Item]] = []
        self._lock = threading.Lock()  # guards both

    def store(self, item: Item) -> None:
        """Return when `item` is committed.

        Raises the Error of `write`, to everybody for whom it should have written.
        """
        place = _Place(item)
        with self._lock:
            waits = self._free == 0
            if waits:
                self._line.append(place)
            else:
                self._free -= 1
        if waits:
            place.signal.acquire()
        if not place.is_over:
            self._write_for_all(place)
        if place.trouble is not None:
            raise place.trouble

    def _write_for_all(self, first: _Place[Item]) -> None:
        with self._lock:
            group = [first, *self._line]
            self._line.clear()
        # For the others, should this thread end in some way that is no error of the database.
        trouble: Error | None = OperationalError("Whoever wrote for us did not finish.")
        try:
            self._write([place.item for place in group])
            trouble = None
        except Error as error:
            trouble = error
        finally:
            self._end(group, trouble)

    def _end(self, group: Sequence[_Place[Item]], trouble: Error | None) -> None:
        with self._lock:
            successor = self._line.pop(0) if self._line else None
            if successor is None:
                self._free += 1
        if successor is not None:  # before all others: the disk has nothing to do until it writes
            successor.signal.release()
        for place in group:
            place.is_over, place.trouble = True, trouble
        for place in group[1:]:  # the first of them is this thread
            place.signal.release()
