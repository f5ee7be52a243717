"""What is still going to happen, so that somebody can wait until nothing is."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection


class Work:
    """Counts the open jobs of each kind, and keeps the timers that will start more."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._timers: set[asyncio.TimerHandle] = set()
        self._waiting: list[asyncio.Event] = []

    def begin(self, kind: str, *, jobs: int = 1) -> None:
        self._open[kind] += jobs
        self._changed()

    def end(self, kind: str, *, jobs: int = 1) -> None:
        self._open[kind] -= jobs
        self._changed()

    def after(self, seconds: float, action: Callable[[], None], *, kind: str) -> None:
        """Do something later; until then it counts as open."""

        def ring() -> None:
            self._timers.discard(handle)
            try:
                action()
            finally:
                self.end(kind)

        self.begin(kind)
        handle = asyncio.get_running_loop().call_later(seconds, ring)
        self._timers.add(handle)

    def clear(self) -> None:
        """Cancel all that was planned; call it when nothing is under way any more."""
        for handle in self._timers:
            handle.cancel()
        self._timers.clear()
        self._open.clear()
        self._changed()

    def outstanding(self) -> dict[str, int]:
        return {kind: jobs for kind, jobs in self._open.items() if jobs}

    async def until_idle(
        self, *, timeout_seconds: float, quiet_seconds: float, ignored: Collection[str] = ()
    ) -> bool:
        """Wait until nothing has been open for `quiet_seconds`; False if that takes too long.

        Jobs of an `ignored` kind count as nothing.
        """
        change = asyncio.Event()
        self._waiting.append(change)
        try:
            await asyncio.wait_for(self._quiet(change, quiet_seconds, ignored), timeout_seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting.remove(change)
        return True

    async def _quiet(self, change: asyncio.Event, seconds: float, ignored: Collection[str]) -> None:
        while True:
            change.clear()
            busy = any(jobs for kind, jobs in self._open.items() if kind not in ignored)
            try:
                await asyncio.wait_for(change.wait(), None if busy else seconds)
            except TimeoutError:
                return

    def _changed(self) -> None:
        for change in self._waiting:
            change.set()
