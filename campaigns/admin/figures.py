"""Numbers as the desk may show them: exact while a broadcast runs, coarse afterwards.

What happened to a broadcast is exact only as long as somebody may have to act on it. Later,
an exact number would tell who joined or left between two broadcasts.

How many people would get something is never counted for a page. Rounding hides nothing there:
whoever sees a figure tip from 110 to 100 knows that somebody has just left. So the desk repeats
what was counted for HR at the end of the last month, with its noise, and says when that was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscribers import snapshot
from subscribers.figures import HIDDEN_BELOW, next_freezing, publishable


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many people have one of some tiers, as published last."""

    people: int | None  # None: hidden, or not counted yet
    is_counted: bool
    day: date  # of the count, or of the first one

    @property
    def words(self) -> str:
        """Write the figure, or why there is none."""
        if self.is_counted:
            return people(self.people or 0)
        words = _("no number yet, the first count is on %(day)s")
        return words % {"day": formats.date_format(self.day)}

    @property
    def as_of(self) -> str:
        """Say when that was counted; empty if it has not been."""
        return (
            _("as of %(day)s") % {"day": formats.date_format(self.day)} if self.is_counted else ""
        )


@dataclass(frozen=True, slots=True)
class LastCount:
    """The newest month that was published, or the day on which the first one will be."""

    month: snapshot.Month | None
    day: date  # of the count, or of the first one

    def of(self, tiers: Iterable[str]) -> Headcount:
        """Return how many people have one of these tiers, by their short names."""
        people = self.month.people(tiers) if self.month else None
        return Headcount(people, is_counted=self.month is not None, day=self.day)


def last_count(*, now: datetime) -> LastCount:
    """Return what was counted last. Nothing is counted anew."""
    month = snapshot.newest()
    if month is None:
        return LastCount(None, next_freezing(now=now))
    return LastCount(month, timezone.localdate(month.tiers[0].taken_at))


def rounded(count: int) -> int | None:
    """Round to 10; None if the number must not be shown. Noise is for what is published."""
    return publishable(count)


def number(count: int, *, exact: bool) -> str:
    """Write a number; unless exact, rounded to 10, and hidden below 20."""
    if exact:
        return f"{count}"
    shown = rounded(count)
    if shown is None:
        return _("fewer than %(n)s") % {"n": HIDDEN_BELOW}
    return _("about %(n)s") % {"n": shown}


def people(count: int) -> str:
    """Write how many people there are, never exactly."""
    shown = rounded(count)
    if shown is None:
        return ngettext("fewer than %(n)s person", "fewer than %(n)s people", HIDDEN_BELOW) % {
            "n": HIDDEN_BELOW
        }
    return ngettext("about %(n)s person", "about %(n)s people", shown) % {"n": shown}


def share(part: int, whole: int, *, exact: bool) -> str:
    """Write a share in percent, rounded down; empty where the whole is too small to tell."""
    if not whole or (not exact and rounded(whole) is None):
        return ""
    return _("%(n)s %%") % {"n": 100 * part // whole}
