"""On which days a series has its place, and at which moment that is. Pure.

The clock on the wall and its zone are what somebody has planned; the moment follows from them,
and follows anew whenever the tables of the zones change.
"""

from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

import holidays

ONE_DAY, ONE_MINUTE = timedelta(days=1), timedelta(minutes=1)
SEARCHED = 366 * 5  # days in which a rhythm must have another date, or it has none

# The days on which nobody reads: public holidays in the German state of the utility.
HOLIDAYS: Container[date] = holidays.country_holidays("DE", subdiv="TH")


@cache
def _holidays(language: str) -> Mapping[date, str]:
    return holidays.country_holidays("DE", subdiv="TH", language=language)


def holiday(day: date, *, language: str) -> str:
    """Return how a public holiday is called in `de` or `en_US`; "" for every other day."""
    return _holidays(language).get(day, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When something recurs: some weekdays at one time by the clock of one zone."""

    at: time
    zone: ZoneInfo
    weekdays: frozenset[int]  # 0 is Monday
    first_on: date
    last_on: date | None = None  # None: for ever
    days_off: Container[date] = ()

    def has(self, day: date) -> bool:
        """Tell whether there is a place on this date."""
        return (
            self.first_on <= day
            and (self.last_on is None or day <= self.last_on)
            and day.weekday() in self.weekdays
            and day not in self.days_off
            and exists(day, zone=self.zone)
        )

    def moment(self, day: date) -> datetime:
        """Return the moment of a date's place, in UTC."""
        return moment(day, self.at, zone=self.zone)

    def dates(self, since: date) -> Iterator[date]:
        """Yield the dates that have a place, from `since` on, in their order."""
        start = max(since, self.first_on)
        days = (start + n * ONE_DAY for n in range(SEARCHED))
        return (day for day in days if self.has(day))

    def coming(self, now: datetime, *, n: int = 5) -> list[date]:
        """Return the next `n` dates whose moment has not passed; fewer if there are no more."""
        today = now.astimezone(self.zone).date()
        return list(islice((day for day in self.dates(today) if self.moment(day) >= now), n))


def moment(day: date, at: time, *, zone: ZoneInfo) -> datetime:
    """Return when a clock of this zone shows a time on a date, in UTC.

    A time that the clocks skip counts as the first minute after the gap, one that they show
    twice as its first occurrence.
    """
    wall = datetime.combine(day, at)
    # Python reads a skipped time by the offset before the gap (fold 0) and after it (fold 1):
    # the end of the gap lies between the two.
    late, early = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _shown(late, zone) == wall:
        return late
    minutes = range((late - early) // ONE_MINUTE)
    return early + ONE_MINUTE * bisect_left(
        minutes, wall, key=lambda n: _shown(early + n * ONE_MINUTE, zone)
    )


def exists(day: date, *, zone: ZoneInfo) -> bool:
    """Tell whether a date is lived in this zone; crossing the date line, a country skips one."""
    return _shown(moment(day, time.min, zone=zone), zone).date() == day


def _shown(at: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clocks of a zone show, without the zone."""
    return at.astimezone(zone).replace(tzinfo=None)
