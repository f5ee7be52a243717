"""Places in the plan as the lines of a list: what fills them, and what waits to be written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from campaigns import series
from campaigns.admin.pages import moment
from campaigns.models import Broadcast, Slot
from campaigns.states import BroadcastState

AHEAD = timedelta(days=7)  # of places that are listed; the rest is in the plan


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the plan, as a line of the list."""

    slot: Slot
    when: str
    broadcast: Broadcast | None
    is_missed: bool


def places(*, now: datetime) -> list[Place]:
    """Return the places of today and the coming week, each with what fills it."""
    filled = Broadcast.objects.with_message().exclude(state=BroadcastState.CANCELLED)
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: QuerySet[Slot] = Slot.objects.filter(due_at__gte=since, due_at__lt=now + AHEAD)
    slots = rows.select_related("series__category").prefetch_related(
        Prefetch("broadcasts", queryset=filled, to_attr="fillings")
    )
    return [
        Place(
            slot,
            moment(slot.due_at),
            next(iter(slot.fillings), None),
            slot.missed_at is not None or slot.useful_until <= now,
        )
        for slot in slots.order_by("due_at", "pk")
    ]


def next_empty(*, now: datetime, most: int) -> list[Place]:
    """Return the next place of each series for which nobody has begun to write, soonest first."""
    empty = series.empty().filter(due_at__gt=now, series__is_active=True)
    first = empty.order_by("series", "due_at").distinct("series")
    slots = first.select_related("series__category")
    soonest = sorted(slots, key=lambda slot: slot.due_at)
    return [Place(slot, moment(slot.due_at), None, is_missed=False) for slot in soonest[:most]]
