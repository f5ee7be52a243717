"""Whom a message reaches, in words, and whether that is so many that somebody should look twice.

How many they are is what was counted last (figures.py), so that no page follows who comes and goes.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns import audiences
from campaigns.admin import figures
from campaigns.models import Broadcast, Category
from subscribers.models import Tier


@dataclass(frozen=True, slots=True)
class Reach:
    """Who gets it, as the desk may say it."""

    tiers: list[Tier]  # by level
    is_correction: bool  # goes to those who got what it corrects
    is_everybody: bool
    people: str
    as_of: str  # when they were counted
    figure: int | None  # as published; None where no sum can be said

    @property
    def left_out(self) -> list[Tier]:
        """The tiers that do not get it."""
        levels = [tier.level for tier in self.tiers]
        return list(Tier.objects.filter(level__lt=min(levels)).order_by("level"))

    @property
    def words(self) -> str:
        """Say who gets it, so that nobody takes the one for the other."""
        if self.is_correction:
            return _("only those who got the message that this corrects")
        names = _(" and ").join(str(tier) for tier in self.tiers)
        sentence = _("everybody: %(tiers)s") if self.is_everybody else _("only %(tiers)s")
        return sentence % {"tiers": names}


def of(broadcast: Broadcast, *, now: datetime) -> Reach:
    """Return whom a broadcast reaches."""
    category = broadcast.message.category
    return of_category(category, corrects_id=broadcast.corrects_id, now=now)


def of_category(category: Category, *, corrects_id: int | None, now: datetime) -> Reach:
    """Return whom a message of a category reaches, or a correction of a broadcast."""
    tiers = list(Tier.objects.including(category.tier))
    count = figures.last_count(now=now).of(tier.pk for tier in tiers)
    is_correction = corrects_id is not None
    return Reach(
        tiers=tiers,
        is_correction=is_correction,
        is_everybody=not is_correction and len(tiers) == Tier.objects.count(),
        people=_("as many as got the original") if is_correction else count.words,
        as_of="" if is_correction else count.as_of,
        figure=None if is_correction else count.people,
    )


def is_large(broadcast: Broadcast, *, now: datetime) -> bool:
    """Tell whether so many people would get it that an approval needs a tick besides.

    As long as nobody knows how many they are, it does. Those who got an original are no secret:
    its page says how many they are, and that they are so many does not change any more.
    """
    if broadcast.corrects_id is None:
        people = of(broadcast, now=now).figure
    else:
        people = figures.rounded(audiences.of(broadcast)) or 0
    return people is None or people >= int(settings.CONFIRM_ABOVE)
