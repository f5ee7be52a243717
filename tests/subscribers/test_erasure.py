"""What is forgotten, and what must stay."""

from datetime import timedelta

import pytest

from subscribers import consent, erasure, identities
from subscribers.erasure import FORGET_AFTER, ORPHAN_AFTER
from subscribers.identities import Address
from subscribers.models import ConsentEvent, Identity, Notice, SubjectKey, Subscriber
from tests.factories import NOW, SubscriberFactory
from tests.subscribers import racing
from tests.subscribers.people import BOTH_DATABASES, act, stranger, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE = "+4915112345678"
MOMENT = timedelta(seconds=1)
LATER = NOW + FORGET_AFTER + MOMENT
NEVER_AGREED = ["stranger", "asked", "refused"]


def leave(subscriber):
    consent.withdraw(subscriber.pk, act=act(), now=NOW)


@pytest.mark.parametrize("standing", NEVER_AGREED)
def test_whoever_never_agreed_is_forgotten_altogether(vault, standing):
    subscriber = who_is(standing, vault)

    assert erasure.sweep(now=LATER) == 1

    assert not Subscriber.objects.filter(pk=subscriber.pk).exists()
    assert not Identity.objects.exists()
    assert not SubjectKey.objects.exists()


def test_whoever_left_loses_number_and_key_and_keeps_only_the_proof():
    subscriber = SubscriberFactory()
    leave(subscriber)
    events = ConsentEvent.objects.count()

    erasure.sweep(now=LATER)

    assert not Identity.objects.exists()
    assert not SubjectKey.objects.exists()
    assert ConsentEvent.objects.filter(subscriber_id=subscriber.pk).count() == events


def test_a_subscriber_is_never_forgotten():
    subscriber = SubscriberFactory()

    assert erasure.sweep(now=NOW + timedelta(days=3650)) == 0

    assert subscriber.identities.exists()
    assert SubjectKey.objects.filter(pk=subscriber.pk).exists()


def test_forgetting_keeps_the_24_hours_that_were_promised():
    leave(SubscriberFactory())

    too_early = erasure.sweep(now=NOW + FORGET_AFTER - MOMENT)
    in_time = erasure.sweep(now=NOW + timedelta(hours=24))

    assert (too_early, in_time) == (0, 1)


def test_forgetting_twice_changes_nothing():
    leave(SubscriberFactory())
    erasure.sweep(now=LATER)

    assert erasure.sweep(now=LATER) == 0


def test_whoever_is_asked_again_meanwhile_has_the_full_time_to_answer(vault):
    subscriber = SubscriberFactory()
    leave(subscriber)
    notice = Notice.objects.current("de")
    consent.ask(subscriber.pk, notice=notice, act=act(minutes=60), now=LATER - MOMENT)

    assert erasure.sweep(now=LATER) == 0


def test_whoever_writes_again_after_having_been_forgotten_is_a_stranger(vault):
    left = SubscriberFactory(phone=PHONE)
    leave(left)
    erasure.sweep(now=LATER)

    back = identities.find_or_add(Address(phone=PHONE), at=LATER, vault=vault, now=LATER)

    assert back != left
    assert back.notice is None


def test_one_sweep_takes_a_limited_number_and_the_next_one_the_rest(vault, monkeypatch):
    monkeypatch.setattr(erasure, "AT_MOST", 2)
    for _ in range(3):
        stranger(vault)

    assert [erasure.sweep(now=LATER) for _ in range(3)] == [2, 1, 0]


def test_the_key_of_somebody_who_was_never_added_is_removed_after_a_day(vault):
    orphan = stranger(vault)
    Subscriber.objects.filter(pk=orphan.pk).delete()

    erasure.sweep(now=NOW + ORPHAN_AFTER - MOMENT)
    kept = SubjectKey.objects.exists()
    erasure.sweep(now=NOW + ORPHAN_AFTER + MOMENT)

    assert kept
    assert not SubjectKey.objects.exists()


@pytest.mark.django_db(transaction=True, databases=BOTH_DATABASES)
def test_two_sweeps_at_the_same_time_forget_everybody_once(vault):
    for _ in range(5):
        stranger(vault)

    forgotten = racing.at_the_same_time(*[lambda: erasure.sweep(now=LATER)] * 2)

    assert sum(forgotten) == 5
    assert not Subscriber.objects.exists()
