"""The sweep: what a lost worker left, what is too late, what adds up."""

from datetime import timedelta
from importlib import import_module

import pytest

from campaigns import reports, sending
from campaigns.models import Batch, Broadcast, BroadcastEvent, Delivery, Tally
from campaigns.sending.arm import LEASE, arm, claim
from campaigns.states import BroadcastState, DeliveryState
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")

sweep = import_module("campaigns.sending.sweep")  # the package offers a function of that name
LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def broadcast():
    return BroadcastFactory(state=BroadcastState.SENDING)


def states():
    return sorted(Delivery.objects.values_list("state", "reason"))


def test_a_lost_worker_leaves_doubt_where_it_had_armed_and_nothing_else(broadcast, vault):
    DeliveryFactory.create_batch(2, broadcast=broadcast)
    batch = claim(broadcast.pk, owner="lost", now=NOW)
    arm(batch, level=1, limit=1, vault=vault, now=NOW)

    sending.sweep(now=LATER)

    assert states() == [("in_doubt", ""), ("queued", "")]
    assert claim(broadcast.pk, owner="next", now=LATER)


def test_a_worker_within_its_lease_is_left_alone(broadcast, vault):
    DeliveryFactory(broadcast=broadcast)
    arm(claim(broadcast.pk, owner="me", now=NOW), level=1, limit=1, vault=vault, now=NOW)

    sending.sweep(now=NOW + LEASE - timedelta(seconds=1))

    assert states() == [("armed", "")]


def test_a_broadcast_whose_time_is_over_has_missed_it():
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)

    sending.sweep(now=broadcast.expires_at)

    broadcast.refresh_from_db()
    assert broadcast.state == BroadcastState.MISSED
    assert broadcast.events.get().what == BroadcastEvent.What.MISSED


def test_what_did_not_leave_in_time_is_skipped_and_the_rest_closes(broadcast):
    DeliveryFactory(broadcast=broadcast)
    DeliveryFactory(broadcast=broadcast, state=DeliveryState.DELIVERED)

    sending.sweep(now=broadcast.expires_at)

    broadcast.refresh_from_db()
    assert states() == [("delivered", ""), ("skipped", "expired")]
    assert (broadcast.state, broadcast.closed_at) == (BroadcastState.DONE, broadcast.expires_at)


def test_what_takes_several_ticks_is_one_line_in_the_diary(broadcast, monkeypatch):
    monkeypatch.setattr(sweep, "SKIP_FOR", 0.0)  # one batch a tick
    for number in range(3):
        DeliveryFactory.create_batch(2, broadcast=broadcast, batch_number=number)

    left = []
    for seconds in range(4):
        sending.sweep(now=broadcast.expires_at + timedelta(seconds=seconds))
        left.append(reports.balance(broadcast.pk).open)

    assert left == [4, 2, 0, 0]
    expired = broadcast.events.filter(what=BroadcastEvent.What.EXPIRED)
    assert [line.facts for line in expired] == [{"n": 6}]
    assert Broadcast.objects.get().state == BroadcastState.DONE


def test_a_tick_skips_as_many_batches_as_there_is_time_for(broadcast):
    for number in range(5):
        DeliveryFactory(broadcast=broadcast, batch_number=number)
    Broadcast.objects.filter(pk=broadcast.pk).move(BroadcastState.CANCELLED)

    sending.sweep(now=NOW)

    assert states() == [("skipped", "cancelled")] * 5
    assert not Batch.objects.filter(is_finished=False).exists()


def test_what_waits_with_a_worker_does_not_keep_a_cancelled_broadcast_open(broadcast):
    DeliveryFactory(broadcast=broadcast)
    claim(broadcast.pk, owner="me", now=NOW)
    Broadcast.objects.filter(pk=broadcast.pk).move(BroadcastState.CANCELLED)

    sending.sweep(now=NOW)

    assert states() == [("skipped", "cancelled")]
    assert Broadcast.objects.get().closed_at == NOW


def test_a_cancelled_broadcast_skips_its_rest_and_closes(broadcast):
    DeliveryFactory(broadcast=broadcast)
    Broadcast.objects.filter(pk=broadcast.pk).move(BroadcastState.CANCELLED)

    sending.sweep(now=NOW)

    assert states() == [("skipped", "cancelled")]
    assert Broadcast.objects.get().closed_at == NOW


def test_a_stopping_broadcast_is_paused_once_nothing_is_on_the_wire(broadcast):
    delivery = DeliveryFactory(broadcast=broadcast, state=DeliveryState.ARMED)
    Broadcast.objects.update(state=BroadcastState.PAUSING, pause_reason="operator")

    sending.sweep(now=NOW)
    assert Broadcast.objects.get().state == BroadcastState.PAUSING
    Delivery.objects.filter(pk=delivery.pk).move(DeliveryState.ACCEPTED)
    DeliveryFactory(broadcast=broadcast)
    sending.sweep(now=NOW)

    assert Broadcast.objects.get().state == BroadcastState.PAUSED
    assert Broadcast.objects.get().pause_reason == "operator"


def test_a_broadcast_that_does_not_add_up_is_not_closed(broadcast):
    DeliveryFactory(broadcast=broadcast, state=DeliveryState.DELIVERED)
    Tally.objects.update(n=2)
    Broadcast.objects.update(planned=2)

    sending.sweep(now=NOW)

    assert Broadcast.objects.get().closed_at is None


def test_folding_the_tally_keeps_every_sum(broadcast):
    DeliveryFactory.create_batch(3, broadcast=broadcast)
    Delivery.objects.all().move(DeliveryState.ARMED)
    before = reports.balance(broadcast.pk)

    sending.sweep(now=NOW)

    assert reports.balance(broadcast.pk) == before
    assert Tally.objects.count() == 1


def test_a_closed_broadcast_leaves_no_batch_to_claim(broadcast):
    DeliveryFactory(broadcast=broadcast, state=DeliveryState.DELIVERED)

    sending.sweep(now=NOW)

    assert Batch.objects.filter(is_finished=False).count() == 0
