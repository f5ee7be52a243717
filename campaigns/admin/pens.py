"""What the head of every page offers to whoever writes: a new message, and what cannot wait."""

from dataclasses import dataclass

from django.http import HttpRequest

from campaigns.models import Category


@dataclass(frozen=True, slots=True)
class Pens:
    """The two ways to begin. Without a category for what cannot wait there is only one."""

    urgent: Category | None


def of(request: HttpRequest) -> Pens | None:
    """Return what this person may begin; None for whoever does not write."""
    if not request.user.has_perm("campaigns.add_message"):
        return None
    urgent = Category.objects.filter(is_archived=False, lane=Category.Lane.URGENT)
    return Pens(urgent.order_by("position").first())
