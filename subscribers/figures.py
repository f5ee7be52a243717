"""How many people subscribe, told so that it betrays nobody.

One count at the end of each month, taken once and kept: a second download shows the same
figure, so that comparing two exports a day apart says nothing about a colleague.

Rounding alone would not do: whoever knows all others sees a figure tip from 250 to 240 when
one person leaves. So a small random number is added before rounding. It is drawn once, because
the mean of many draws would be the truth again. Each person counts in one tier; the total is the
sum of what is published, never a count of its own, so that a hidden figure cannot be calculated.
"""

import math
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from subscribers.models import ConsentEvent, MonthlyFigure, Subscriber, SubscriberState, Tier

ROUND_TO = 10
HIDDEN_BELOW = 20
# A tier of 19 is never shown. If one of 20 were, being shown would prove the twentieth person; so
# noise has to lift a figure this far above the limit first: for 20 people in 1 month of 240.
MARGIN = 10
# Differential privacy: one person changes the odds of any figure by e^0.5 = 1.65 at most.
EPSILON = 0.5

_random = secrets.SystemRandom()


def draw_noise(chance: Random = _random) -> int:
    """Draw a random number around 0 (two-sided geometric); 19 in 20 lie within ±6."""
    return _geometric(chance) - _geometric(chance)


def publishable(count: int) -> int | None:
    """Round a count to 10; None if it is below 20 and must not be shown at all."""
    return None if count < HIDDEN_BELOW else _rounded(count)


def published(count: int, noise: int) -> int | None:
    """Return the figure of a month: with its noise, rounded to 10; None if it is hidden."""
    if count < HIDDEN_BELOW or count + noise < HIDDEN_BELOW + MARGIN:
        return None
    return _rounded(count + noise)


@transaction.atomic
def freeze(*, month: date, now: datetime, draw: Callable[[], int] = draw_noise) -> None:
    """Count every tier for a month, unless that has been done; exact counts are not kept."""
    counts = {
        row["tier"]: row["n"]
        for row in Subscriber.objects.filter(state=SubscriberState.ACTIVE)
        .values("tier")
        .annotate(n=Count("pk"))
    }
    for tier in Tier.objects.all():
        shown = published(counts.get(tier.slug, 0), draw())
        MonthlyFigure.objects.get_or_create(
            month=month.replace(day=1), tier=tier, defaults={"shown": shown, "taken_at": now}
        )


def freeze_if_due(*, now: datetime) -> None:
    """On the first tick of a month, in the installation's time zone, count the one before."""
    today = timezone.localtime(now)
    this_month = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).date().replace(day=1)
    if MonthlyFigure.objects.filter(month=last_month).exists():
        return
    if ConsentEvent.objects.filter(recorded_at__lt=this_month).exists():  # we existed then
        freeze(month=last_month, now=now)


def next_freezing(*, now: datetime) -> date:
    """Return the day on whose first tick a month is counted again, the running one at first."""
    month = timezone.localtime(now).date().replace(day=1)
    while MonthlyFigure.objects.filter(month=month).exists():  # by hand, before its end
        month = _next(month)
    return _next(month)


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _rounded(number: int) -> int:
    return (number + ROUND_TO // 2) // ROUND_TO * ROUND_TO


def _geometric(chance: Random) -> int:
    """Count the failures before a success of probability 1 - e^-EPSILON, by inversion."""
    return int(-math.log(1.0 - chance.random()) / EPSILON)
