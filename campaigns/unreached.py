"""Whom our broadcasts no longer reach: counted once for each, when its statuses are in.

Feeds the counter that lifecycle.py acts on; no page, export or metric shows it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from campaigns.models import Broadcast, CountedBroadcast, Delivery
from campaigns.reasons import FailureReason
from campaigns.states import DeliveryState
from subscribers import lifecycle
from subscribers.models import Unreached

STATUSES_ARE_IN = timedelta(days=1)  # after closing; nearly all come within minutes
LOOK_BACK = timedelta(days=5)  # then deliveries soon lead to nobody (retention.py)
AT_MOST = 10  # broadcasts a time


def count(*, now: datetime) -> None:
    """Count the broadcasts that were closed about a day ago."""
    closed = Broadcast.objects.archived().filter(
        closed_at__lt=now - STATUSES_ARE_IN, closed_at__gt=now - LOOK_BACK, countedbroadcast=None
    )
    for broadcast in closed.order_by("closed_at")[:AT_MOST]:
        _count_one(broadcast, now=now)


@transaction.atomic
def _count_one(broadcast: Broadcast, *, now: datetime) -> None:
    _mark, is_new = CountedBroadcast.objects.get_or_create(broadcast=broadcast)
    if not is_new:  # another sweep was faster
        return
    deliveries = Delivery.objects.filter(broadcast=broadcast)
    missed = deliveries.filter(state=DeliveryState.FAILED, reason=FailureReason.UNREACHABLE)
    reached = deliveries.filter(
        state=DeliveryState.DELIVERED, subscriber__in=Unreached.objects.values("subscriber")
    )
    lifecycle.count(
        reached=reached.values_list("subscriber_id", flat=True),
        missed=missed.values_list("subscriber_id", flat=True),
        at=broadcast.started_at or now,
    )
