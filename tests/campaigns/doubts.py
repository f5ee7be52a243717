"""Attempts around a doubtful one, as tests of doubt and of the webhook channel need them."""

from datetime import timedelta

from campaigns.models import Category
from tests.factories import NOW, AttemptFactory, BroadcastFactory, DeliveryFactory

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def urgent(**values):
    """A broadcast that is rather sent twice than not at all, and cannot wait."""
    Category.objects.filter(pk="eilmeldung").update(doubt="at_least_once", lane="send_urgent")
    return BroadcastFactory(**{"state": "sending", "slug": "eilmeldung", **values})


def attempt(broadcast, state, *, at=NOW, delivery=None, number=1, **values):
    """An attempt whose delivery is in this state now."""
    reason = "unreachable" if state == "failed" else ""
    delivery = delivery or DeliveryFactory(
        broadcast=broadcast, state=state, reason=reason, attempts=number
    )
    return AttemptFactory(delivery=delivery, number=number, armed_at=at, **values)
