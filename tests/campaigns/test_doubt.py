"""What becomes of a message whose answer nobody heard: by itself, and by hand."""

import pytest

from campaigns import doubt, echoes, reports, sending
from campaigns.doubt import CALM, SHORTEST, UNCLEAR_FOR
from campaigns.models import Attempt, Batch, Broadcast, Category, Delivery, Doubt, InboxEntry
from campaigns.sending.arm import LEASE, arm, claim
from campaigns.states import BroadcastState
from tests.campaigns.doubts import MINUTE, SECOND, attempt, urgent, web_listens
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")

SETTLED = NOW + SHORTEST


@pytest.fixture(autouse=True)
def listening(db):
    """Our web server is never away, unless a test says so."""
    web_listens(at=NOW + 120 * MINUTE)


@pytest.fixture
def doubtful(db):
    """One doubtful delivery of an urgent broadcast; another one, armed later, was heard of."""
    broadcast = urgent()
    unclear = attempt(broadcast, "in_doubt").delivery
    attempt(broadcast, "sent", at=NOW + SECOND)
    return unclear


def sweep(now):
    """The two sweeps that a proof needs at least."""
    doubt.sweep(now=now - CALM)
    doubt.sweep(now=now)


def state(delivery):
    delivery.refresh_from_db()
    return delivery.state


def test_every_doubt_gets_a_row_whoever_caused_it(doubtful):
    found = Doubt.objects.get()

    assert (found.delivery, found.broadcast, found.armed_at, found.resends) == (
        doubtful,
        doubtful.broadcast,
        None,
        0,
    )


def test_a_doubt_is_as_old_as_its_newest_attempt(doubtful):
    attempt(None, "", at=NOW + 2 * SECOND, delivery=doubtful, number=2)

    doubt.look_up_times(now=SETTLED)

    assert Doubt.objects.get().armed_at == NOW + 2 * SECOND


def test_a_doubt_without_an_attempt_begins_when_it_is_looked_at(doubtful):
    Attempt.objects.filter(delivery=doubtful).delete()

    doubt.look_up_times(now=SETTLED)

    assert Doubt.objects.get().armed_at == SETTLED


def test_a_proved_doubt_is_sent_once_more(doubtful, vault):
    sweep(SETTLED)

    assert state(doubtful) == "queued"
    assert Doubt.objects.get().resends == 1
    assert doubtful.broadcast.events.get().what == "resent"
    batch = claim(doubtful.broadcast_id, owner="me", now=SETTLED)
    while batch and batch.number == 0:
        batch = claim(doubtful.broadcast_id, owner="me", now=SETTLED)
    (armed,) = arm(batch, level=1, limit=9, vault=vault, now=SETTLED)
    assert (armed.delivery_id, armed.number) == (doubtful.pk, 2)


def not_settled():
    Attempt.objects.filter(number=1).update(armed_at=NOW + SECOND)


def at_most_once():
    Category.objects.update(doubt=Category.Doubt.AT_MOST_ONCE)


def news_take_long():
    echoes.note_delays([2 * MINUTE], today=NOW.date())


def an_attempt_is_unheard():
    attempt(Broadcast.objects.get(), "accepted", at=NOW - MINUTE)


def nothing_later_is_heard():
    Delivery.objects.filter(state="sent").update(state="accepted")


def only_the_past_is_heard():
    Attempt.objects.exclude(delivery__state="in_doubt").update(armed_at=NOW - SECOND)


def the_inbox_lags():
    InboxEntry.objects.create(body_hash=b"1", received_at=NOW, not_before=NOW)


def a_body_is_put_aside():
    InboxEntry.objects.create(body_hash=b"1", received_at=NOW, not_before=NOW, state="quarantined")


def our_web_server_was_away():
    web_listens(at=NOW - MINUTE)
    echoes.note_listening(now=NOW + SECOND)
    web_listens(at=SETTLED)


def our_web_server_is_away():
    web_listens(at=NOW + SECOND)


def it_stands_still():
    Broadcast.objects.update(state=BroadcastState.PAUSED, pause_reason="operator")


def it_is_useless_by_now():
    Broadcast.objects.update(expires_at=SETTLED)


def it_was_sent_again_before():
    Doubt.objects.update(resends=1)


@pytest.mark.parametrize(
    "obstacle",
    [
        not_settled,
        at_most_once,
        news_take_long,
        an_attempt_is_unheard,
        nothing_later_is_heard,
        only_the_past_is_heard,
        the_inbox_lags,
        a_body_is_put_aside,
        our_web_server_was_away,
        our_web_server_is_away,
        it_stands_still,
        it_is_useless_by_now,
        it_was_sent_again_before,
    ],
)
def test_one_missing_condition_is_enough_to_send_nothing_again(doubtful, obstacle):
    obstacle()

    sweep(SETTLED)

    assert state(doubtful) == "in_doubt"


def test_a_proof_that_has_just_been_found_is_not_enough(doubtful):
    doubt.sweep(now=SETTLED)

    assert state(doubtful) == "in_doubt"
    assert Doubt.objects.get().proved_at == SETTLED


def test_a_proof_that_did_not_last_is_none(doubtful):
    doubt.sweep(now=SETTLED - CALM)
    late = attempt(doubtful.broadcast, "accepted", at=NOW).delivery
    doubt.sweep(now=SETTLED - SECOND)
    Delivery.objects.filter(pk=late.pk).move("sent")

    doubt.sweep(now=SETTLED)

    assert state(doubtful) == "in_doubt"


def test_the_settle_time_is_twice_what_the_slowest_echoes_took(doubtful):
    category = doubtful.broadcast.message.category
    news_take_long()

    assert doubt.settle_time(category, now=NOW) == 2 * 128 * SECOND


def test_ordinary_news_waits_longer():
    broadcast = BroadcastFactory(state="sending")

    assert doubt.settle_time(broadcast.message.category, now=NOW) == 15 * MINUTE


def test_the_second_doubt_is_for_a_human(doubtful):
    sweep(SETTLED)
    Delivery.objects.filter(pk=doubtful.pk).move("armed", attempts=2)
    attempt(None, "", at=SETTLED, delivery=doubtful, number=2)
    Delivery.objects.filter(pk=doubtful.pk).move("in_doubt")
    attempt(doubtful.broadcast, "sent", at=SETTLED + SECOND)

    sweep(SETTLED + 60 * MINUTE)

    assert state(doubtful) == "in_doubt"
    assert Doubt.objects.get().armed_at == SETTLED


def test_two_sweeps_plan_one_attempt(doubtful):
    sweep(SETTLED)
    doubt.sweep(now=SETTLED)

    assert Batch.objects.filter(number__gt=1).count() == 0
    assert Doubt.objects.get().resends == 1


def test_what_a_lost_worker_left_is_sent_again_when_others_went_on(vault):
    broadcast = urgent()
    lost = DeliveryFactory(broadcast=broadcast)
    arm(claim(broadcast.pk, owner="lost", now=NOW), level=1, limit=1, vault=vault, now=NOW)
    attempt(broadcast, "sent", at=NOW + SECOND)

    sending.sweep(now=NOW + LEASE + SECOND)
    sweep(SETTLED)

    assert state(lost) == "queued"


def test_a_human_decides_without_any_proof(doubtful):
    at_most_once()
    an_attempt_is_unheard()
    doubt.look_up_times(now=NOW)

    assert doubt.send_again(doubtful.broadcast_id, by="anna", now=SETTLED) == 1
    assert state(doubtful) == "queued"
    assert doubtful.broadcast.events.get().actor == "anna"


def test_not_even_a_human_is_faster_than_an_echo(doubtful):
    doubt.look_up_times(now=NOW)

    assert doubt.send_again(doubtful.broadcast_id, by="anna", now=SETTLED - SECOND) == 0


def test_what_is_closed_as_not_delivered_is_unknown_and_may_still_be_heard_of(doubtful):
    assert doubt.give_up(doubtful.broadcast_id) == 1
    assert state(doubtful) == "unknown"

    assert Delivery.objects.filter(pk=doubtful.pk).move("delivered") == 1


def test_doubt_keeps_a_broadcast_open_for_a_day_and_then_becomes_unknown(doubtful):
    broadcast = doubtful.broadcast
    doubt.sweep(now=broadcast.expires_at)
    sending.sweep(now=broadcast.expires_at)
    assert Broadcast.objects.get().closed_at is None

    doubt.sweep(now=broadcast.expires_at + UNCLEAR_FOR)
    sending.sweep(now=broadcast.expires_at + UNCLEAR_FOR)

    assert state(doubtful) == "unknown"
    assert Broadcast.objects.get().state == BroadcastState.DONE
    assert reports.tally_is_right(broadcast.pk)
