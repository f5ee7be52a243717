"""Whom a broadcast goes to: everybody of a tier, or exactly those who got the one it corrects.

Whom a broadcast went to is forgotten a week after it was closed (retention.py), and with that
nobody can be told any more that it was wrong.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum

from campaigns.models import Broadcast, Category, Tally
from campaigns.states import TAKEN, DeliveryState
from subscribers import audience, promises, snapshot
from subscribers.models import Tier

KNOWN_FOR = promises.DELIVERIES  # after a broadcast was closed
FORGOTTEN_EARLIER = timedelta(hours=1)  # retention keeps its promise by so much


def count(category: Category, *, corrects_id: int | None) -> int:
    """Return how many people a broadcast of this category would go to now.

    `corrects_id` is the broadcast that it corrects, if it is a correction.
    """
    if corrects_id is None:
        return audience.of(category.tier).count()
    return _tallied(corrects_id, TAKEN)


def of(broadcast: Broadcast) -> int:
    """Return how many people a broadcast would go to now."""
    return count(broadcast.message.category, corrects_id=broadcast.corrects_id)


def expected(broadcast: Broadcast) -> int:
    """Return how many people a broadcast is reckoned with: as published, or else as of().

    Whoever may set a budget would find the exact number by trying sums (docs/privacy.md).
    """
    month = snapshot.newest()
    if broadcast.corrects_id is None and month is not None:
        tiers = Tier.objects.including(broadcast.message.category.tier)
        people = month.people(tiers.values_list("pk", flat=True))
        if people is not None:
            return people
    return of(broadcast)


def sql(broadcast: Broadcast) -> tuple[str, dict[str, Any]]:
    """Return a SELECT of the ids of everybody whom it goes to, and its parameters.

    What somebody has agreed to by now is not asked here but when each message is armed.
    """
    if broadcast.corrects_id is None:
        return audience.sql(broadcast.message.category.tier)
    people = (
        "SELECT subscriber_id FROM campaigns_delivery WHERE broadcast_id = %(corrected)s"
        " AND state = ANY(%(taken)s) AND subscriber_id IS NOT NULL"
    )
    return people, {"corrected": broadcast.corrects_id, "taken": sorted(TAKEN)}


def is_known(broadcast: Broadcast) -> bool:
    """Tell whether it is known whom it goes to: nothing of what it corrects is on the wire."""
    return broadcast.corrects_id is None or not _tallied(
        broadcast.corrects_id, {DeliveryState.ARMED}
    )


def known_until(broadcast: Broadcast) -> datetime | None:
    """Return until when those who got a broadcast are known; None while it is not closed."""
    if broadcast.closed_at is None:
        return None
    return broadcast.closed_at + KNOWN_FOR - FORGOTTEN_EARLIER


def is_forgotten(broadcast: Broadcast, *, now: datetime) -> bool:
    """Tell whether nobody knows any more who got a broadcast, or soon will not."""
    until = known_until(broadcast)
    return not broadcast.leads_to_people or (until is not None and until <= now)


def _tallied(broadcast_id: int, states: "set[DeliveryState] | frozenset[DeliveryState]") -> int:
    rows = Tally.objects.filter(broadcast=broadcast_id, state__in=states)
    return rows.aggregate(total=Sum("n"))["total"] or 0
