"""Attempts around a doubtful one, as tests of doubt and of the webhook channel need them."""

from datetime import timedelta

from campaigns import echoes
from campaigns.models import Category, Heartbeat
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


def web_listens(*, at):
    """Our web server has noted all the time, and did so a moment ago, that it takes in webhooks."""
    Heartbeat.objects.update_or_create(name=echoes.LISTENING, defaults={"at": at})
