"""Who wants to know when something changes in somebody's chat."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Watcher:
    """Collects the ids of people in whose chats something happened."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._something = asyncio.Event()

    def add(self, person_id: str) -> None:
        self._changed.add(person_id)
        self._something.set()

    async def wait(self) -> None:
        await self._something.wait()

    def take(self) -> set[str]:
        """Return what has changed since the last call."""
        changed, self._changed = self._changed, set()
        self._something.clear()
        return changed


EVERYBODY = ""


class Feed:
    """Tells watchers about changes; a watcher who is slow hears of each person once."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = defaultdict(list)

    def touch(self, person_id: str) -> None:
        """Something happened in this person's chat."""
        for place in (person_id, EVERYBODY):
            for watcher in self._watchers.get(place, ()):
                watcher.add(person_id)

    @contextmanager
    def watch(self, person_id: str = EVERYBODY) -> Iterator[Watcher]:
        watcher = Watcher()
        self._watchers[person_id].append(watcher)
        try:
            yield watcher
        finally:
            self._watchers[person_id].remove(watcher)
