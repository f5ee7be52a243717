from datetime import timedelta

import pytest

from campaigns import unreached
from campaigns.models import Broadcast
from subscribers.models import Unreached
from tests.factories import NOW, BroadcastFactory, DeliveryFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

LATER = NOW + timedelta(hours=30)


def tell(subscriber, state, reason="", *, closed_at=NOW):
    delivery = DeliveryFactory(subscriber=subscriber, state=state, reason=reason)
    Broadcast.objects.filter(pk=delivery.broadcast_id).update(state="done", closed_at=closed_at)


def failures():
    return list(Unreached.objects.values_list("failures", flat=True))


def test_each_broadcast_that_does_not_arrive_counts_once():
    subscriber = SubscriberFactory()
    tell(subscriber, "failed", "unreachable")
    tell(subscriber, "failed", "unreachable")

    unreached.count(now=LATER)
    unreached.count(now=LATER)

    assert failures() == [2]


def test_one_that_arrives_begins_the_count_anew():
    subscriber = SubscriberFactory()
    tell(subscriber, "failed", "unreachable", closed_at=NOW - timedelta(hours=1))
    tell(subscriber, "delivered")

    unreached.count(now=LATER)

    assert failures() == []


@pytest.mark.parametrize(
    ("state", "reason"), [("failed", "template"), ("skipped", "expired"), ("accepted", "")]
)
def test_what_is_not_the_persons_unreachability_does_not_count(state, reason):
    tell(SubscriberFactory(), state, reason)

    unreached.count(now=LATER)

    assert failures() == []


def test_statuses_have_a_day_to_come_in():
    tell(SubscriberFactory(), "failed", "unreachable")

    unreached.count(now=NOW + timedelta(hours=23))

    assert failures() == []


def test_a_broadcast_that_goes_on_is_not_counted():
    DeliveryFactory(
        broadcast=BroadcastFactory(state="sending"), state="failed", reason="unreachable"
    )

    unreached.count(now=LATER)

    assert failures() == []
