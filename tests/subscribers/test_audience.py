"""Who gets what, and what happens when somebody leaves in the very moment of sending."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from subscribers import audience, consent
from subscribers.models import Subscriber
from tests.factories import NOW, SubscriberFactory
from tests.subscribers import racing
from tests.subscribers.people import BOTH_DATABASES, STANDINGS, act, tier, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

LEVELS = {"mini": 1, "maxi": 2}  # nobody else has one


def withdraw(subscriber):
    return consent.withdraw(subscriber.pk, act=act(), now=NOW)


@transaction.atomic
def standing_of(subscriber):
    return audience.lock_standing([subscriber.pk])[subscriber.pk].level


def test_maxi_includes_mini_and_not_the_other_way_round():
    mini, maxi = SubscriberFactory(tier="mini"), SubscriberFactory(tier="maxi")

    assert set(audience.of(tier("mini"))) == {mini, maxi}
    assert set(audience.of(tier("maxi"))) == {maxi}


@pytest.mark.parametrize("standing", sorted(set(STANDINGS) - set(LEVELS)))
def test_whoever_has_not_agreed_or_has_left_belongs_to_no_audience(vault, standing):
    who_is(standing, vault)

    assert not audience.of(tier("mini")).exists()


@pytest.mark.parametrize("standing", STANDINGS)
def test_everybody_stands_at_the_level_of_their_tier_or_at_none(vault, standing):
    subscriber = who_is(standing, vault)

    assert standing_of(subscriber) == LEVELS.get(standing, 0)


def test_many_people_are_read_in_one_query(django_assert_num_queries):
    people = [SubscriberFactory() for _ in range(3)]

    with django_assert_num_queries(1):
        found = audience.lock_standing([each.pk for each in people])

    assert set(found) == {each.pk for each in people}


def test_whoever_has_been_erased_is_missing():
    subscriber = SubscriberFactory(tier=None)
    gone = subscriber.pk
    subscriber.delete()

    assert audience.lock_standing([gone]) == {}


@pytest.mark.django_db(transaction=True, databases=BOTH_DATABASES)
def test_a_withdrawal_waits_until_what_is_being_armed_has_been_decided():
    subscriber = SubscriberFactory(tier="mini")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            audience.lock_standing([subscriber.pk])
            leaving = racing.start(pool, lambda: withdraw(subscriber))
            racing.wait_until_blocked()
            meanwhile = Subscriber.objects.get(pk=subscriber.pk).state
        leaving.result(timeout=30)

    assert meanwhile == "active"
    assert standing_of(subscriber) == 0


@pytest.mark.django_db(transaction=True, databases=BOTH_DATABASES)
def test_whoever_arms_waits_for_a_withdrawal_and_then_obeys_it():
    subscriber = SubscriberFactory(tier="mini")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            withdraw(subscriber)
            arming = racing.start(pool, lambda: standing_of(subscriber))
            racing.wait_until_blocked()
        level = arming.result(timeout=30)

    assert level == 0


@pytest.mark.django_db(transaction=True, databases=BOTH_DATABASES)
def test_two_who_arm_the_same_people_do_not_wait_for_each_other():
    subscriber = SubscriberFactory(tier="mini")

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        audience.lock_standing([subscriber.pk])
        level = racing.start(pool, lambda: standing_of(subscriber)).result(timeout=30)

    assert level == 1
