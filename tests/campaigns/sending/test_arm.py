"""Arming: the last look before a message leaves."""

from datetime import timedelta

import pytest

from campaigns import sending, stopping
from campaigns.models import Attempt, Batch, Broadcast, Delivery
from campaigns.reasons import SkipReason, StopReason
from campaigns.sending.arm import LEASE, Halted, arm, claim, release
from campaigns.states import BroadcastState, DeliveryState
from subscribers import consent
from subscribers.consent import Act
from subscribers.models import ConsentEvent, Identity, Tier
from tests.factories import NOW, BroadcastFactory, DeliveryFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

MINI, MAXI = 1, 2
ACT = Act(by=ConsentEvent.Act.WORD, at=NOW)


def arm_all(batch, *, vault, level=MINI, now=NOW):
    return arm(batch, level=level, limit=100, vault=vault, now=now)


@pytest.fixture
def delivery():
    return DeliveryFactory()


@pytest.fixture
def batch(delivery):
    return claim(delivery.broadcast_id, owner="me", now=NOW)


def test_an_armed_delivery_has_an_attempt_and_an_address(batch, delivery, vault):
    (armed,) = arm_all(batch, vault=vault)

    delivery.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.ARMED, 1)
    assert (attempt.token, attempt.delivery_id) == (armed.token, delivery.pk)
    assert armed.to.phone.startswith("+49151")


def test_nobody_is_armed_twice(batch, vault):
    arm_all(batch, vault=vault)

    assert arm_all(batch, vault=vault) is None


def test_only_the_limit_is_armed_and_the_rest_keeps_its_turn(vault):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)
    first, *others = DeliveryFactory.create_batch(3, broadcast=broadcast)
    batch = claim(broadcast.pk, owner="me", now=NOW)

    (armed,) = arm(batch, level=MINI, limit=1, vault=vault, now=NOW)

    assert armed.delivery_id == first.pk
    assert [one.delivery_id for one in arm_all(batch, vault=vault)] == [it.pk for it in others]


def test_who_may_not_get_it_does_not_keep_the_others_from_it(vault):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)
    gone, stays = DeliveryFactory.create_batch(2, broadcast=broadcast)
    consent.withdraw(gone.subscriber_id, act=ACT, now=NOW)

    (armed,) = arm_all(claim(broadcast.pk, owner="me", now=NOW), vault=vault)

    assert armed.delivery_id == stays.pk
    assert Attempt.objects.get().token == armed.token


def test_a_batch_belongs_to_one_worker(batch, delivery):
    assert claim(delivery.broadcast_id, owner="other", now=NOW) is None


def test_whoever_said_stop_is_skipped(batch, delivery, vault):
    consent.withdraw(delivery.subscriber_id, act=ACT, now=NOW)

    assert arm_all(batch, vault=vault) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("skipped", SkipReason.WITHDRAWN)


def test_whoever_changed_to_mini_does_not_get_a_maxi_item(vault):
    delivery = DeliveryFactory(
        broadcast=BroadcastFactory(state=BroadcastState.SENDING, slug="neues"),
        subscriber=SubscriberFactory(tier="maxi"),
    )
    batch = claim(delivery.broadcast_id, owner="me", now=NOW)
    consent.give(delivery.subscriber_id, tier=Tier.objects.get(slug="mini"), act=ACT, now=NOW)

    assert arm_all(batch, vault=vault, level=MAXI) == []
    assert Delivery.objects.get().reason == SkipReason.TIER_CHANGED


def test_whoever_changed_to_maxi_still_gets_a_mini_item(batch, delivery, vault):
    consent.give(delivery.subscriber_id, tier=Tier.objects.get(slug="maxi"), act=ACT, now=NOW)

    assert len(arm_all(batch, vault=vault)) == 1


def test_whoever_is_erased_is_skipped(batch, vault):
    Identity.objects.all().delete()

    assert arm_all(batch, vault=vault) == []
    assert Delivery.objects.get().reason == SkipReason.ERASED


@pytest.mark.parametrize("state", ["pausing", "paused", "cancelled"])
def test_a_broadcast_that_stands_still_arms_nothing(batch, vault, state):
    reason = "operator" if state.startswith("paus") else ""
    Broadcast.objects.update(state=state, pause_reason=reason)

    with pytest.raises(Halted):
        arm_all(batch, vault=vault)


def test_what_is_no_longer_useful_is_not_armed(batch, vault):
    Broadcast.objects.update(expires_at=NOW)

    with pytest.raises(Halted):
        arm_all(batch, vault=vault)


def test_the_kill_switch_stops_arming(batch, vault):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    with pytest.raises(Halted):
        arm_all(batch, vault=vault)


def test_after_its_lease_a_worker_arms_nothing(batch, vault):
    with pytest.raises(Halted):
        arm_all(batch, vault=vault, now=NOW + LEASE)


def test_a_batch_with_work_left_is_given_back_and_an_empty_one_is_finished(batch, vault):
    release(batch)
    again = claim(batch.broadcast_id, owner="me", now=NOW + timedelta(seconds=1))
    arm_all(again, vault=vault)
    Delivery.objects.all().move(DeliveryState.ACCEPTED)
    release(again)

    assert Batch.objects.get().is_finished


def test_a_batch_with_an_unrecorded_answer_is_kept_until_the_sweep_puts_it_in_doubt(batch, vault):
    arm_all(batch, vault=vault)

    release(batch)
    sending.sweep(now=NOW + LEASE + timedelta(seconds=1))

    assert Delivery.objects.get().state == DeliveryState.IN_DOUBT
    assert Batch.objects.get().is_finished


def test_whose_record_is_damaged_is_skipped_and_named(batch, delivery, vault):
    Identity.objects.update(sealed=b"\x01" + bytes(60))

    assert arm_all(batch, vault=vault) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("skipped", SkipReason.UNREADABLE)
