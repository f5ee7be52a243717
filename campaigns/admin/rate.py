"""The rate of a running broadcast as bars: how many a minute, since it began."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import samples
from campaigns.models import Broadcast

BARS = 48  # at most; on a phone each is then some pixels wide
SHORTEST = timedelta(seconds=15)  # a bar: the tick reads no more often
HEIGHT = 24  # the unit of the SVG's viewBox; a bar is one wide
MINUTE = timedelta(minutes=1)

Point = tuple[datetime, int]  # when, and how many were accepted until then


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time: where its bar stands, and how high it is."""

    x: int
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn and said."""

    bars: list[Bar]
    began: str
    ends: str
    words: str
    height: int = HEIGHT

    @property
    def width(self) -> int:
        """How wide the drawing is."""
        return len(self.bars)


def of(broadcast: Broadcast, *, accepted: int, now: datetime) -> Chart | None:
    """Draw a running broadcast; None for one that is closed, or that has just begun."""
    if broadcast.started_at is None or broadcast.closed_at or now - broadcast.started_at < MINUTE:
        return None
    points = [(broadcast.started_at, 0), *samples.of(broadcast.pk), (now, accepted)]
    rates = _rates(points)
    top = max(rates)
    if not top:
        return None
    return Chart(
        bars=[_bar(x, rate / top) for x, rate in enumerate(rates)],
        began=_clock(broadcast.started_at),
        ends=_clock(now),
        words=_("%(latest)s a minute at the moment, %(top)s a minute at most.")
        % {"latest": round(rates[-1]), "top": round(top)},
    )


def _rates(points: Sequence[Point]) -> list[float]:
    """Return how many a minute in stretches of equal length, from the first point to the last."""
    began, now = points[0][0], points[-1][0]
    stretches = max(1, min(BARS, (now - began) // SHORTEST))
    length = (now - began) / stretches
    counts = [_until(points, began + i * length) for i in range(stretches + 1)]
    return [max(0.0, after - before) * (MINUTE / length) for before, after in pairwise(counts)]


def _until(points: Sequence[Point], at: datetime) -> float:
    """Return how many were accepted at a moment, as if it went evenly between two samples."""
    i = bisect_left(points, at, key=lambda point: point[0])
    if i == 0:
        return points[0][1]
    (earlier, n), (later, m) = points[i - 1], points[min(i, len(points) - 1)]
    share = (at - earlier) / (later - earlier) if later > earlier else 1
    return n + (m - n) * share


def _bar(x: int, share: float) -> Bar:
    height = share * HEIGHT
    return Bar(x, f"{HEIGHT - height:.2f}", f"{height:.2f}")


def _clock(at: datetime) -> str:
    return date_format(timezone.localtime(at), "TIME_FORMAT")
