"""Whom a message reaches, in words, and whether that is so many that somebody should look twice."""

from dataclasses import dataclass

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
    count: int  # exact: for sums of money and for thresholds, never for a page

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


def of(broadcast: Broadcast) -> Reach:
    """Return whom a broadcast reaches now."""
    return of_category(broadcast.message.category, corrects_id=broadcast.corrects_id)


def of_category(category: Category, *, corrects_id: int | None) -> Reach:
    """Return whom a message of a category reaches now; see audiences.count()."""
    tiers = list(Tier.objects.including(category.tier))
    count = audiences.count(category, corrects_id=corrects_id)
    is_correction = corrects_id is not None
    return Reach(
        tiers=tiers,
        is_correction=is_correction,
        is_everybody=not is_correction and len(tiers) == Tier.objects.count(),
        people=figures.people(count),
        count=count,
    )


def is_large(broadcast: Broadcast) -> bool:
    """Tell whether so many people would get it that an approval needs a tick besides."""
    people = figures.rounded(audiences.of(broadcast)) or 0
    return people >= int(settings.CONFIRM_ABOVE)
