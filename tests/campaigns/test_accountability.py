"""What we answer for: nothing after STOP, nothing kept too long."""

from datetime import timedelta

import pytest

from campaigns import accountability, housekeeping
from subscribers import consent
from subscribers.models import Deleted, Subscriber
from tests.factories import NOW, AttemptFactory, SubscriberFactory
from tests.subscribers.people import act, tier

pytestmark = pytest.mark.django_db(databases="__all__")

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
RULES = housekeeping.rules(keeps_proof=True)


def leave(subscriber):
    consent.withdraw(subscriber.pk, act=act(), now=NOW)


def armed(subscriber, *, at):
    AttemptFactory(delivery__subscriber=subscriber, armed_at=at)


def about(name):
    [found] = [one for one in accountability.deletions(RULES, now=NOW) if one.rule.name == name]
    return found


def test_a_send_before_a_withdrawal_counts_as_nothing():
    subscriber = SubscriberFactory()
    armed(subscriber, at=NOW - MINUTE)
    leave(subscriber)

    assert accountability.sends_after_withdrawal() == 0


def test_a_send_after_a_withdrawal_is_counted():
    subscriber = SubscriberFactory()
    leave(subscriber)
    armed(subscriber, at=NOW + MINUTE)

    assert accountability.sends_after_withdrawal() == 1


def test_what_was_armed_while_the_stop_came_in_is_lawful():
    subscriber = SubscriberFactory()
    leave(subscriber)
    armed(subscriber, at=NOW + accountability.ACKNOWLEDGED_WITHIN)

    assert accountability.sends_after_withdrawal() == 0


def test_a_new_consent_allows_sending_again():
    subscriber = SubscriberFactory()
    leave(subscriber)
    back = NOW + 10 * MINUTE
    consent.ask(subscriber.pk, notice=subscriber.notice, act=act(minutes=9), now=back)
    consent.give(subscriber.pk, tier=tier("mini"), act=act(minutes=10), now=back)
    armed(subscriber, at=back + MINUTE)

    assert accountability.sends_after_withdrawal() == 0


def test_deletion_shows_what_was_deleted_what_is_due_and_what_is_late():
    for days in (1, 29, 31):
        Deleted.objects.create(day=(NOW - days * DAY).date(), rule="refused", rows=2)
    subscriber = SubscriberFactory(tier=None)
    consent.refuse(subscriber.pk, act=act(), now=NOW)
    Subscriber.objects.update(state_since=NOW - 2 * timedelta(hours=1))

    refused = about("refused")

    assert (refused.deleted, refused.due, refused.overdue) == (4, 1, 1)


def test_nothing_is_due_of_what_is_fresh():
    SubscriberFactory()

    assert about("unanswered request").due == 0
