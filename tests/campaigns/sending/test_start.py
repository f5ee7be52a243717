"""Starting: the audience becomes rows, once."""

from datetime import timedelta
from importlib import import_module

import pytest

from campaigns import reports, sending
from campaigns.models import Batch, Broadcast, Delivery, Message, MessageTemplate
from campaigns.states import BroadcastState
from subscribers.models import Subscriber
from tests.factories import NOW, BroadcastFactory, SubscriberFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates"),
]


def scheduled(**values):
    return BroadcastFactory(state=BroadcastState.SCHEDULED, **values)


@pytest.mark.parametrize(
    ("slug", "tiers"), [("presseschau", {"mini", "maxi"}), ("neues", {"maxi"})]
)
def test_maxi_gets_everything_and_mini_only_what_is_mini(slug, tiers):
    for tier in ("mini", "maxi", None):
        SubscriberFactory(tier=tier)
    broadcast = scheduled(slug=slug)

    assert sending.start(broadcast.pk, now=NOW)

    reached = Subscriber.objects.filter(pk__in=Delivery.objects.values("subscriber"))
    assert set(reached.values_list("tier", flat=True)) == tiers
    assert reports.balance(broadcast.pk).as_dict()["planned"] == len(tiers)


def test_starting_twice_changes_nothing():
    SubscriberFactory()
    broadcast = scheduled()

    started = [sending.start(broadcast.pk, now=NOW) for _ in range(2)]

    assert started == [True, False]
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("hours", [-1, 100])
def test_nothing_starts_before_its_time_or_after_its_use(hours):
    SubscriberFactory()
    broadcast = scheduled()

    assert not sending.start(broadcast.pk, now=NOW + timedelta(hours=hours))
    assert not Delivery.objects.exists()


def test_a_template_that_whatsapp_took_back_keeps_the_broadcast_waiting():
    SubscriberFactory()
    broadcast = scheduled()
    MessageTemplate.objects.update(status=MessageTemplate.Status.PAUSED)

    assert not sending.start(broadcast.pk, now=NOW)
    assert Broadcast.objects.get().state == BroadcastState.SCHEDULED


def test_words_that_nobody_approved_do_not_leave():
    SubscriberFactory()
    broadcast = scheduled()
    Message.objects.update(values={**broadcast.message.values, "datum": "heute"})

    assert not sending.start(broadcast.pk, now=NOW)


def test_batches_cover_all_deliveries_exactly_once(monkeypatch):
    monkeypatch.setattr(import_module("campaigns.sending.start"), "BATCH_SIZE", 3)
    SubscriberFactory.create_batch(7)
    broadcast = scheduled()

    sending.start(broadcast.pk, now=NOW)

    batches = [Delivery.objects.of_batch(batch) for batch in Batch.objects.order_by("number")]
    assert [rows.count() for rows in batches] == [3, 3, 1]
    assert len({row.pk for rows in batches for row in rows}) == 7


def test_a_start_repeated_by_hand_counts_everybody_and_reaches_those_who_came_since():
    SubscriberFactory.create_batch(2)
    broadcast = scheduled()
    sending.start(broadcast.pk, now=NOW)
    SubscriberFactory()
    rows = Broadcast.objects.filter(pk=broadcast.pk)
    rows.update(state=BroadcastState.SCHEDULED, started_at=None, planned=None)

    assert sending.start(broadcast.pk, now=NOW)

    balance = reports.balance(broadcast.pk)
    assert (balance.planned, balance.adds_up) == (3, True)
    assert list(Batch.objects.order_by("number").values_list("number", flat=True)) == [0, 1]
