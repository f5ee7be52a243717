"""Recurring broadcasts: the places that a series takes in the plan, and what becomes of them.

Every tick writes the places of the coming weeks and derives their moments anew from local time
and zone, so that a new table of time zones, or another time of the series, moves whatever has
not begun. A place that nobody fills is shown, told, and in the end missed; never sent.
"""

from datetime import datetime, timedelta
from itertools import takewhile

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from campaigns.models import Broadcast, BroadcastEvent, Series, Slot
from campaigns.states import EDITABLE, BroadcastState

S = BroadcastState
HORIZON = timedelta(days=28)  # how far ahead places are written; the plan shows a month


class Taken(Exception):
    """This place is filled, or its time has passed."""


def sweep(*, now: datetime) -> None:
    """Write what is to come, move what has moved, miss what has passed. Twice changes nothing."""
    for series in Series.objects.filter(is_active=True):
        plan(series, now=now)
    drop_unplanned(now=now)
    miss_unfilled(now=now)


@transaction.atomic
def plan(series: Series, *, now: datetime) -> None:
    """Write the places of a series up to HORIZON, and move those whose moment has changed."""
    rhythm = series.rhythm
    until = now + HORIZON
    coming = rhythm.dates(now.astimezone(rhythm.zone).date())
    dates = list(takewhile(lambda day: rhythm.moment(day) <= until, coming))
    written = {slot.local_date: slot for slot in series.slots.filter(local_date__in=dates)}
    fresh = [
        Slot(
            series=series,
            local_date=day,
            due_at=rhythm.moment(day),
            useful_until=series.end(day),
        )
        for day in dates
        if day not in written and series.end(day) > now
    ]
    Slot.objects.bulk_create(fresh, ignore_conflicts=True)  # another tick may be as fast
    for day, slot in written.items():
        _move(slot, due_at=rhythm.moment(day), useful_until=series.end(day), now=now)


def drop_unplanned(*, now: datetime) -> None:
    """Remove places to come that are empty and no longer planned: the series has changed."""
    for slot in empty().filter(due_at__gt=now).select_related("series"):
        series = slot.series
        if not series.is_active or not series.rhythm.has(slot.local_date):
            slot.delete()


def miss_unfilled(*, now: datetime) -> None:
    """Note the places from which nothing has left while it was of use."""
    unfilled().filter(useful_until__lte=now).update(missed_at=now)


def take(slot_id: int, *, now: datetime) -> Slot:
    """Return a place that a new message may fill, locked. Raises Taken."""
    rows = Slot.objects.select_for_update(of=("self",)).select_related("series__category")
    slot = rows.filter(pk=slot_id, missed_at__isnull=True, useful_until__gt=now).first()
    if slot is None or slot.broadcasts.exclude(state=S.CANCELLED).exists():
        raise Taken
    return slot


def empty() -> QuerySet[Slot]:
    """Places for which nobody has begun to write."""
    return Slot.objects.filter(~Exists(_fillings()), missed_at__isnull=True)


def unfilled() -> QuerySet[Slot]:
    """Places from which nothing would leave: empty, or what fills them is not scheduled."""
    scheduled = _fillings().exclude(state__in=EDITABLE - {S.SCHEDULED, S.MISSED})
    return Slot.objects.filter(~Exists(scheduled), missed_at__isnull=True)


def wanting(*, now: datetime) -> QuerySet[Slot]:
    """Unfilled places whose time is so near that somebody has to know."""
    return unfilled().filter(
        due_at__lte=now + F("series__warn_before"), useful_until__gt=now, series__is_active=True
    )


def _fillings() -> QuerySet[Broadcast]:
    return Broadcast.objects.filter(slot=OuterRef("pk")).exclude(state=S.CANCELLED)


def _move(slot: Slot, *, due_at: datetime, useful_until: datetime, now: datetime) -> None:
    """Move a place, and the broadcast in it where it has kept the time of its place."""
    if (slot.due_at, slot.useful_until) == (due_at, useful_until):
        return
    inside = slot.broadcasts.filter(state__in=EDITABLE, due_at=slot.due_at)
    for broadcast in inside.select_for_update(of=("self",)):
        shift = due_at - slot.due_at
        moved = {"due_at": due_at}
        if broadcast.expires_at and broadcast.start_by:
            moved |= {
                "start_by": min(broadcast.start_by + shift, useful_until),
                "expires_at": broadcast.expires_at + shift,
            }
        Broadcast.objects.filter(pk=broadcast.pk).update(**moved)
        BroadcastEvent.objects.create(
            broadcast=broadcast,
            at=now,
            what=BroadcastEvent.What.MOVED,
            facts={"at": due_at.isoformat()},
        )
    Slot.objects.filter(pk=slot.pk).update(due_at=due_at, useful_until=useful_until)
