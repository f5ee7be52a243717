"""Statuses: by rank, by token first, in any order, any number of times."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from campaigns import inbox, statuses
from campaigns.connections import desk
from campaigns.models import Attempt, Delivery, InboxEntry
from subscribers.models import SubscriberState
from tests.campaigns.webhooks import body, post, status
from tests.factories import NOW, AttemptFactory
from whatsapp.events import StatusUpdate, parse

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def attempt():
    return AttemptFactory()


def tell(vault, *values):
    events = parse(body(*values)).events
    updates = [event for event in events if isinstance(event, StatusUpdate)]
    return statuses.apply(updates, vault=vault, now=NOW)


def state():
    return Delivery.objects.values_list("state", "reason").get()


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
def test_order_does_not_matter(attempt, vault, order):
    for word in order:
        tell(vault, status(word, token=attempt.token))

    assert state() == ("delivered", "")


def test_read_is_stored_as_delivered(attempt, vault):
    tell(vault, status("read", token=attempt.token))

    assert state() == ("delivered", "")


def test_the_same_news_may_come_any_number_of_times(attempt, vault):
    for _ in range(3):
        tell(vault, status("sent", token=attempt.token), status("sent", token=attempt.token))

    assert state() == ("sent", "")


def test_a_failure_comes_with_its_reason(attempt, vault):
    tell(vault, status("failed", token=attempt.token, codes=[131049]))

    assert state() == ("failed", "withheld")


def test_what_was_delivered_does_not_fail_afterwards(attempt, vault):
    tell(vault, status("delivered", token=attempt.token))
    tell(vault, status("failed", token=attempt.token, codes=[131026]))

    assert state() == ("delivered", "")


@pytest.mark.parametrize("doubt", ["in_doubt", "unknown"])
def test_an_echo_settles_a_doubt(attempt, vault, doubt):
    Delivery.objects.update(state=doubt)

    tell(vault, status("sent", token=attempt.token))

    assert state() == ("sent", "")


def test_the_failure_of_an_earlier_attempt_says_nothing(attempt, vault):
    Delivery.objects.update(state="accepted", attempts=2)

    tell(vault, status("failed", token=attempt.token, codes=[131026]))

    assert state() == ("accepted", "")


def test_without_a_token_the_message_id_matches(attempt, vault):
    Attempt.objects.update(message_hash=vault.message_hash("wamid.OURS"))

    assert tell(vault, status("delivered", wamid="wamid.OURS")) == set()
    assert state() == ("delivered", "")


def test_unknown_words_change_nothing(attempt, vault):
    assert tell(vault, status("warned", token=attempt.token)) == set()
    assert state() == ("armed", "")


def test_an_opt_out_ends_the_subscription(attempt, vault):
    tell(vault, status("failed", token=attempt.token, codes=[131050]))

    subscriber = attempt.delivery.subscriber
    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.WITHDRAWN


def test_news_that_comes_before_its_message_is_known_waits(vault):
    token = uuid4()
    post(body(status("delivered", token=token)))
    apply(after=timedelta(0))
    assert InboxEntry.objects.get().state == InboxEntry.State.RECEIVED

    AttemptFactory(token=token)
    apply(after=timedelta(minutes=1))

    assert state() == ("delivered", "")
    assert InboxEntry.objects.get().body is None


def test_news_that_belongs_to_nothing_of_ours_is_dropped_after_a_day():
    post(body(status("delivered", token=uuid4())))

    apply(after=timedelta(days=1))

    assert InboxEntry.objects.get().state == InboxEntry.State.APPLIED


def apply(*, after):
    received_at = InboxEntry.objects.latest("pk").received_at
    inbox.apply_pending(desk=desk(), clock=lambda: received_at + after, limit=10)
