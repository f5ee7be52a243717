"""The simulator's one clock: whoever wants to know the time asks here."""

import time
from collections.abc import Callable

Moment = float  # seconds since 1970-01-01 UTC, the way Meta's webhooks count time

DAY = 24 * 60 * 60  # seconds


class Clock:
    """The time of day, shifted by as many seconds as somebody asked for."""

    def __init__(self, *, source: Callable[[], Moment] = time.time) -> None:
        self._source = source
        self.offset_seconds = 0.0

    def now(self) -> Moment:
        return self._source() + self.offset_seconds
