"""What the head of every page offers to whoever writes: a new message, the press review, and
what cannot wait."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest

from campaigns.models import Category


@dataclass(frozen=True, slots=True)
class Pens:
    """The ways to begin besides the choice of a category; None where there is no such category."""

    press: Category | None
    urgent: Category | None


def of(request: HttpRequest) -> Pens | None:
    """Return what this person may begin; None for whoever does not write."""
    if not request.user.has_perm("campaigns.add_message"):
        return None
    in_use = Category.objects.filter(is_archived=False).order_by("position")
    found = list(in_use.filter(Q(lane=Category.Lane.URGENT) | Q(is_press_review=True)))
    return Pens(
        press=next((one for one in found if one.is_press_review), None),
        urgent=next((one for one in found if one.lane == Category.Lane.URGENT), None),
    )
