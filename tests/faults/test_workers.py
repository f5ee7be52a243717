"""Workers that are lost, freeze, are cut off, meet poison, or go by a wrong clock.

What may happen at the nine moments is in test_moments.py.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError, connection, transaction
from django.db import connections as databases

from campaigns import connections, failpoints, sending
from campaigns.failpoints import Struck
from campaigns.models import Batch, Broadcast, Delivery, Tally
from campaigns.states import BroadcastState, DeliveryState
from subscribers import identities
from subscribers.models import Identity, SubjectKey
from subscribers.vault import WrappedKey, seal
from tests.campaigns.test_races import at_once
from tests.factories import NOW, BroadcastFactory, SubscriberFactory
from tests.faults import invariants
from tests.swe_broadcast.witness import eventually
from whatsapp import pipeline

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def test_a_worker_that_freezes_with_armed_messages_does_not_send_them_when_it_wakes(
    town, monkeypatch
):
    """F15: others have given them up meanwhile, and may have acted on that."""
    town.start(people=5)
    with monkeypatch.context() as patch, failpoints.at("after_arm_commit:pause:0.5"):
        patch.setattr(pipeline, "STALE_AFTER", 0.4)
        town.pump("frozen")

    assert town.ledger() == []
    town.settle()
    assert town.states()["accepted"] == 5
    invariants.check(town)


def test_a_worker_that_freezes_before_arming_finds_its_batch_taken(town):
    """F15."""
    town.start(people=10)

    def freeze():
        with failpoints.at("after_claim:pause:1"):
            return town.pump("frozen")

    def take_over():
        eventually(lambda: town.broadcast.batch_set.exclude(owner="").exists())
        town.sweep()
        return town.pump("next")

    at_once(freeze, take_over)
    town.settle()

    assert town.states()["accepted"] == 10
    invariants.check(town)


def test_a_lost_worker_is_relieved_and_what_it_had_armed_is_shown_as_unclear(town):
    """F01, the part that no clock decides: the rows of a worker that never comes back."""
    town.start(people=10)
    with failpoints.at("after_arm_commit:raise"), suppress(Struck):
        town.pump("lost")

    town.settle()

    assert (town.states()["in_doubt"], town.states()["open"]) == (10, 0)
    invariants.check(town)


def test_answers_that_cannot_be_stored_leave_doubt_and_the_echo_clears_it(town):
    """F13: the database goes away between the answer and its row."""
    town.start(people=10)

    def pump():
        with pytest.raises(OperationalError), failpoints.at("before_record:pause:1"):
            town.pump("cut off")

    def cut():
        eventually(lambda: len(town.ledger()) == 10)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle'"
                " AND pid <> pg_backend_pid()"
            )

    databases.close_all()
    at_once(pump, cut)
    databases.close_all()
    town.settle()

    assert town.states()["delivered"] == 10
    invariants.check(town)


def test_one_record_that_cannot_be_opened_keeps_nobody_else_waiting(town):
    """F16."""
    town.start(people=10)
    broken = Identity.objects.get(subscriber=min(town.audience))
    Identity.objects.filter(pk=broken.pk).update(sealed=bytes(broken.sealed)[:-1] + b"?")

    town.settle()

    assert (town.states()["accepted"], town.states()["skipped"]) == (9, {"unreadable": 1})
    invariants.check(town)


def test_one_key_that_cannot_be_opened_keeps_nobody_else_waiting(town):
    """F16: the same, one floor below."""
    town.start(people=10)
    broken = SubjectKey.objects.get(pk=min(town.audience))
    SubjectKey.objects.filter(pk=broken.pk).update(wrapped=bytes(broken.wrapped)[:-1] + b"?")

    town.settle()

    assert (town.states()["accepted"], town.states()["skipped"]) == (9, {"unreadable": 1})
    invariants.check(town)


def test_one_record_of_nonsense_keeps_nobody_else_waiting(town):
    """F16: sealed as it should be, and no number; nothing can be sent to it, ever."""
    town.start(people=10, batches=2)
    odd = Identity.objects.get(subscriber=min(town.audience))
    reseal(odd, "no number")

    town.settle()

    assert (town.states()["accepted"], town.states()["skipped"]) == (9, {"unreadable": 1})
    invariants.check(town)


def reseal(identity, value):
    """Store something else as somebody's number."""
    vault, key = connections.vault(), SubjectKey.objects.get(pk=identity.subscriber_id)
    wrapped = WrappedKey(key_id=key.key_id, sealed=bytes(key.wrapped))
    data_key = vault.data_key(wrapped, subject=key.pk)
    place = identities._place(identity.subscriber_id, identity.kind)
    Identity.objects.filter(pk=identity.pk).update(
        sealed=seal(value.encode(), key=data_key, place=place)
    )


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_worker_with_a_wrong_clock_reaches_nobody_twice(town, minutes):
    """F20."""
    town.start(people=20, batches=4)
    wrong = timedelta(minutes=minutes)
    off = replace(town.sender, clock=lambda: town.now + wrong, name="off")

    def pump_off():
        until = town.now + wrong + timedelta(seconds=30)
        return sending.pump(town.broadcast.pk, sender=off, until=until)

    at_once(pump_off, town.pump, lambda: sending.sweep(now=town.now))
    town.settle()

    assert town.states()["accepted"] == 20
    invariants.check(town)


def test_a_worker_that_freezes_while_it_claims_keeps_nobody_waiting(town):
    """F15: the row of its batch is locked; all the others are taken."""
    town.start(people=20, batches=4)

    is_claiming, is_done = Event(), Event()

    def freeze():
        with transaction.atomic():
            Batch.objects.select_for_update().earliest("number")
            is_claiming.set()
            return is_done.wait(timeout=20)

    def pump():
        is_claiming.wait()
        town.pump("awake")
        is_done.set()
        return town.states()["accepted"]

    assert at_once(freeze, pump) == [True, 15]
    town.settle()
    assert town.states()["delivered"] == 20
    invariants.check(town)


@pytest.mark.parametrize("many", [20, pytest.param(100, marks=pytest.mark.thorough)])
def test_many_ticks_at_once_start_every_broadcast_once(town, many):
    """F17."""
    town.settle_down(5)
    others = BroadcastFactory.create_batch(many - 1, state=BroadcastState.SCHEDULED)
    due = [town.broadcast.pk, *(other.pk for other in others)]

    def tick():
        return [pk for pk in due if sending.start(pk, now=NOW)]

    started = [pk for found in at_once(*[tick] * 4) for pk in found]

    assert sorted(started) == sorted(due)
    assert Delivery.objects.count() == 5 * len(due)
    town.settle()
    invariants.check(town)


def test_a_start_that_is_repeated_by_hand_messages_nobody_twice(town):
    """F17, after somebody has moved a broadcast back with SQL, and its batches away."""
    town.start(people=8)
    town.settle()
    town.broadcast.batch_set.all().delete()
    Broadcast.objects.update(state=BroadcastState.SCHEDULED, started_at=None, planned=None)

    sending.start(town.broadcast.pk, now=NOW)
    for number in range(3):
        town.pump(f"again {number}")

    assert invariants.i1_nobody_gets_it_twice(town) == {}


def test_somebody_who_joins_during_the_run_is_no_part_of_it(town):
    town.start(people=5)
    SubscriberFactory(tier="maxi")

    town.settle()

    invariants.check(town)


def test_a_tally_that_lies_keeps_a_broadcast_open(town):
    """What the page says is counted row by row before it is called final."""
    town.start(people=3)
    lie = {DeliveryState.QUEUED: -3, DeliveryState.DELIVERED: 3}
    for state, n in lie.items():
        Tally.objects.create(broadcast=town.broadcast, state=state, n=n)

    sending.sweep(now=town.now)

    assert town.state() == BroadcastState.SENDING
    assert "tally differs from its rows" in town.log.messages
