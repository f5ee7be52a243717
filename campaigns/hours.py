"""Sending hours: when news may leave, and how long a decision waits before it counts. Pure.

`mon-fri 07:00-18:00` in local time. Outside these hours nothing ordinary is sent, whoever
scheduled it: the sender asks as well, not only the form.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEVER_QUIET = "off"


@dataclass(frozen=True, slots=True)
class SendingHours:
    """The days and hours in which ordinary news may leave, in the time of one zone."""

    zone: ZoneInfo
    days: frozenset[int] = frozenset(range(7))  # 0 is Monday
    opens: time = time.min
    closes: time | None = None  # None: the hours have no end, and no beginning
    hold: timedelta = timedelta(0)  # from a decision to its sending, so that it can be undone

    @classmethod
    def parse(cls, text: str, *, zone: ZoneInfo, hold: timedelta = timedelta(0)) -> "SendingHours":
        """Read `mon-fri 07:00-18:00`, `sat 09:00-12:00` or `off`; raises ValueError."""
        if text.strip().lower() == NEVER_QUIET:
            return cls(zone=zone, hold=hold)
        days, _, times = text.strip().lower().partition(" ")
        first, _, last = days.partition("-")
        opens, _, closes = times.partition("-")
        start, end = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
        hours = cls(
            zone=zone,
            days=frozenset(range(DAYS.index(first), DAYS.index(last or first) + 1)),
            opens=start,
            closes=end,
            hold=hold,
        )
        if not hours.days or start >= end:
            raise ValueError(f"“{text}” would never be open.")
        return hours

    @property
    def are_off(self) -> bool:
        """Tell whether nothing is ever quiet."""
        return self.closes is None

    def are_open(self, at: datetime) -> bool:
        """Tell whether ordinary news may leave at this moment."""
        local = at.astimezone(self.zone)
        if self.closes is None:
            return True
        return local.weekday() in self.days and self.opens <= local.time() < self.closes

    def next_open(self, at: datetime) -> datetime:
        """Return the first moment from `at` on at which news may leave: `at` itself if now."""
        if self.are_open(at):
            return at
        day = at.astimezone(self.zone).date()
        openings = (self._opening(day + timedelta(days=n)) for n in range(8))
        return next(
            opening for opening in openings if opening > at and opening.weekday() in self.days
        )

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, self.opens, tzinfo=self.zone)
