"""What the webhook channel has proved, from the rows alone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from campaigns import connections, echoes, inbox
from campaigns.echoes import Proof, Second
from campaigns.inbox import storing
from campaigns.models import Delivery, Doubt, EchoDelay, Heartbeat, InboxEntry
from campaigns.statuses import apply
from tests.campaigns.doubts import MINUTE, SECOND, attempt, web_listens
from tests.campaigns.webhooks import body, post, status
from tests.factories import NOW, BroadcastFactory
from whatsapp.events import parse

pytestmark = pytest.mark.django_db(databases="__all__")

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def listening(db):
    """Our web server has never been away."""
    web_listens(at=NOW + timedelta(days=1000))  # later than any real clock in a test


@pytest.fixture
def broadcast():
    return BroadcastFactory(state="sending")


@pytest.mark.parametrize(
    ("at", "caught_up"),
    [
        (NOW - 11 * MINUTE, True),  # lost, not late
        (NOW - 10 * MINUTE, False),
        (NOW + 60 * SECOND, False),
        (NOW + 61 * SECOND, True),
    ],
)
def test_one_unheard_attempt_near_the_doubt_holds_the_watermark_back(at, caught_up):
    proof = Proof((Second(NOW, heard=5, unheard=0), Second(at, heard=0, unheard=1)))

    assert proof.has_caught_up(NOW) is caught_up


@pytest.mark.parametrize(
    ("heard", "unheard", "caught_up"), [(199, 1, True), (198, 1, False), (990, 10, False)]
)
def test_among_many_a_few_lost_statuses_do_not_matter(heard, unheard, caught_up):
    proof = Proof((Second(NOW, heard=heard, unheard=unheard),))

    assert proof.has_caught_up(NOW) is caught_up


def test_only_what_was_armed_later_proves_that_the_channel_lives():
    proof = Proof((Second(NOW, heard=5, unheard=0), Second(NOW + SECOND, heard=0, unheard=3)))

    assert not proof.is_alive_after(NOW)
    assert proof.is_alive_after(NOW - SECOND)


def test_the_rows_say_what_is_heard_and_what_is_not(broadcast):
    for state in ("sent", "delivered", "accepted", "accepted", "in_doubt", "armed", "queued"):
        attempt(broadcast, state)
    attempt(broadcast, "failed", message_hash=b"taken first")
    attempt(broadcast, "failed")  # refused by the answer: no status is due

    assert echoes.proof([NOW]).seconds == (Second(NOW, heard=3, unheard=2),)


def test_what_was_sent_again_proves_nothing(broadcast):
    first = attempt(broadcast, "in_doubt")
    Doubt.objects.update(resends=1)
    Delivery.objects.update(state="sent", attempts=2)
    attempt(broadcast, "sent", at=NOW + MINUTE, delivery=first.delivery, number=2)

    assert echoes.proof([NOW]).seconds == ()


def test_an_inbox_that_lags_was_not_healthy():
    InboxEntry.objects.create(body_hash=b"1", received_at=NOW - 6 * SECOND, not_before=NOW)

    assert not echoes.inbox_was_healthy(since=NOW, now=NOW)
    assert echoes.inbox_was_healthy(since=NOW, now=NOW - SECOND)


def test_a_body_that_nobody_could_read_may_hold_the_echo():
    desk = connections.desk()
    inbox.receive(b"{", desk=desk, now=NOW)
    inbox.apply_pending(desk=desk, clock=lambda: NOW, limit=1)

    assert not echoes.inbox_was_healthy(since=NOW, now=NOW)
    assert echoes.inbox_was_healthy(since=NOW + SECOND, now=NOW)


def test_a_body_that_fails_to_be_applied_may_hold_the_echo():
    InboxEntry.objects.create(
        body_hash=b"1", received_at=NOW, not_before=NOW, state="failing", tries=1
    )

    assert not echoes.inbox_was_healthy(since=NOW, now=NOW)


def test_a_webhook_that_we_refused_may_hold_the_echo(monkeypatch):
    def broken(*_arguments, **_values):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(storing, "insert_one", broken)
        assert post(body(status("sent"))).status_code == 503

    refused_at = Heartbeat.objects.get(name=echoes.REFUSED).at
    assert not echoes.inbox_was_healthy(since=refused_at, now=refused_at)
    assert echoes.inbox_was_healthy(since=refused_at + SECOND, now=refused_at)


def test_a_web_server_that_is_away_may_be_told_the_echo_later():
    web_listens(at=NOW)

    assert echoes.inbox_was_healthy(since=NOW, now=NOW + echoes.DEAF_AFTER)
    assert not echoes.inbox_was_healthy(since=NOW, now=NOW + echoes.DEAF_AFTER + SECOND)


def test_a_web_server_that_was_away_may_have_missed_the_echo():
    web_listens(at=NOW)
    back = NOW + MINUTE
    echoes.note_listening(now=back)

    assert not echoes.inbox_was_healthy(since=NOW, now=back)
    assert not echoes.inbox_was_healthy(since=back, now=back)
    assert echoes.inbox_was_healthy(since=back + SECOND, now=back)


def test_a_web_server_that_says_so_again_and_again_was_never_away():
    web_listens(at=NOW)
    for seconds in range(0, 60, 10):
        echoes.note_listening(now=NOW + seconds * SECOND)

    assert echoes.inbox_was_healthy(since=NOW, now=NOW + MINUTE)


def test_before_its_first_sign_nobody_knows_whether_our_web_server_listened():
    Heartbeat.objects.all().delete()
    assert not echoes.inbox_was_healthy(since=NOW, now=NOW)

    echoes.note_listening(now=NOW)

    assert not echoes.inbox_was_healthy(since=NOW - SECOND, now=NOW)
    assert echoes.inbox_was_healthy(since=NOW + SECOND, now=NOW)


def test_nobody_has_been_slow_before_anything_was_heard():
    assert echoes.slowest(today=TODAY) == timedelta()


def test_the_slowest_of_a_thousand_is_not_counted_but_the_next_one_is():
    echoes.note_delays([SECOND] * 998 + [40 * SECOND, 3000 * SECOND], today=TODAY)

    assert echoes.slowest(today=TODAY) == timedelta(seconds=64)


def test_folding_keeps_a_week_and_every_sum():
    for _ in range(3):
        echoes.note_delays([SECOND, 2 * SECOND], today=TODAY)
    echoes.note_delays([MINUTE], today=TODAY - timedelta(days=8))

    echoes.fold(today=TODAY)

    assert sorted(EchoDelay.objects.values_list("seconds", "n")) == [(1, 3), (2, 3)]


def test_the_delay_of_an_echo_is_counted_once(broadcast, vault):
    armed = attempt(broadcast, "accepted", at=NOW - 5 * SECOND)
    told = parse(body(status("sent", token=armed.token))).events

    apply(told, vault=vault, now=NOW)
    apply(told, vault=vault, now=NOW + MINUTE, is_repeated=True)

    assert list(EchoDelay.objects.values_list("seconds", "n")) == [(8, 1)]
