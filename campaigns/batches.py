"""Deliveries that are to be sent again: back to the queue, in a batch of their own."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max

from campaigns.models import Batch, Broadcast, Delivery
from campaigns.states import DeliveryState


def queue_again(broadcast_id: int, ids: Collection[int], *, not_before: datetime) -> int:
    """Put deliveries that the caller has locked back to the queue; return how many went.

    They form a new batch that may be claimed from `not_before` on. `ids` is not empty.
    """
    # Two may come here for the same broadcast: one number each.
    Broadcast.objects.select_for_update(no_key=True).only("pk").get(pk=broadcast_id)
    newest = Batch.objects.filter(broadcast=broadcast_id).aggregate(n=Max("number"))["n"]
    number = newest + 1
    Batch.objects.create(
        broadcast_id=broadcast_id,
        number=number,
        first_id=min(ids),
        last_id=max(ids),
        not_before=not_before,
    )
    return Delivery.objects.filter(pk__in=ids).move(DeliveryState.QUEUED, batch_number=number)
