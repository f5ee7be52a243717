"""Waves: what Meta's daily limit holds back, and that it follows, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns import allowance, connections, replies, reports, sending, waves
from campaigns.allowance import DAY
from campaigns.models import Batch, Broadcast, Category
from campaigns.states import BroadcastState
from subscribers.wording import Say
from tests.factories import NOW, BroadcastFactory, SubscriberFactory
from whatsapp.reading import UNLIMITED

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("templates"),
]

TOMORROW = NOW + DAY + timedelta(seconds=1)


def start(slug="presseschau", now=NOW):
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED, slug=slug, due_at=now)
    assert sending.start(broadcast.pk, now=now)
    return broadcast


def release(now=NOW):
    waves.release(hours=connections.sending_hours(), now=now)


def send(broadcast, sender, *, now=NOW):
    """Send what may leave at this moment; return to how many."""
    release(now)
    sender = replace(sender, clock=lambda: now)
    return sending.pump(broadcast.pk, sender=sender, until=now + timedelta(seconds=30))


@pytest.fixture
def people():
    return SubscriberFactory.create_batch(8)


@pytest.fixture
def three_a_day():
    allowance.note(3, now=NOW)


@pytest.fixture
def useful_for_a_day():
    Category.objects.update(useful_for=timedelta(days=1))


def test_without_a_limit_nothing_is_held(people, sender):
    assert send(start(), sender) == 8


def test_what_the_limit_lets_go_leaves_at_once_and_as_it_was_planned(people, sender):
    allowance.note(8, now=NOW)
    broadcast = start()

    assert send(broadcast, sender) == 8
    assert Batch.objects.count() == 1
    assert waves.held(broadcast.pk) is None


@pytest.mark.usefixtures("three_a_day")
def test_until_it_is_shared_out_nothing_may_be_claimed(people, sender):
    broadcast = start()

    assert not Batch.objects.claimable(broadcast.pk, now=NOW + DAY).exists()
    assert not Batch.objects.waiting(now=NOW + DAY).exists()


@pytest.mark.usefixtures("three_a_day", "useful_for_a_day")
def test_everybody_gets_it_once_in_three_days(people, sender, simulator):
    broadcast = start()

    counts = [
        send(broadcast, sender, now=NOW + day * timedelta(days=1, minutes=6))
        for day in (0, 1, 2, 3)
    ]

    assert counts == [3, 3, 2, 0]
    assert sorted(simulator.ledger_counts()["by_phone"].values()) == [1] * 8
    assert reports.balance(broadcast.pk).accepted == 8


@pytest.mark.usefixtures("three_a_day")
def test_metas_own_limit_is_never_reached(people, sender, simulator):
    simulator.change_settings(portfolio_limit=3)

    assert send(start(), sender) == 3
    assert Broadcast.objects.get().state == BroadcastState.SENDING


@pytest.mark.usefixtures("three_a_day")
def test_a_second_tick_lets_nobody_else_go(people, sender):
    broadcast = start()
    release()
    release()

    assert send(broadcast, sender) == 3


@pytest.mark.usefixtures("three_a_day")
def test_the_rest_knows_when_it_goes_on(people, sender):
    broadcast = start()
    send(broadcast, sender)
    release()

    assert waves.held(broadcast.pk) == waves.Held(people=5, from_=NOW + DAY)


@pytest.mark.usefixtures("three_a_day")
def test_what_was_let_go_and_has_not_left_yet_is_not_among_those_who_wait(people, sender):
    broadcast = start()
    release()

    assert waves.held(broadcast.pk).people == waves._waiting(broadcast.pk) == 5


@pytest.mark.usefixtures("three_a_day")
def test_on_a_friday_the_rest_goes_on_on_monday(people, sender):
    friday = NOW + timedelta(days=4)
    broadcast = start(now=friday)
    send(broadcast, sender, now=friday)

    monday = (friday + timedelta(days=3)).replace(hour=6, minute=0)  # 07:00 in Berlin
    assert waves.held(broadcast.pk).from_ == monday


@pytest.mark.usefixtures("three_a_day")
def test_a_second_broadcast_of_the_day_goes_to_the_same_people(people, sender, simulator):
    send(start(), sender)
    second = start()

    assert send(second, sender) == 3
    assert sorted(simulator.ledger_counts()["by_phone"].values()) == [2, 2, 2]


@pytest.mark.usefixtures("three_a_day")
def test_whoever_wrote_to_us_is_not_held_back(people, sender):
    for somebody in people[4:]:
        replies.queue(somebody, [Say("help", "Hilfe")], now=NOW)

    assert send(start(), sender) == 3 + 4


@pytest.mark.usefixtures("three_a_day")
def test_of_two_broadcasts_the_urgent_one_gets_the_room(people, sender):
    SubscriberFactory.create_batch(3, tier="maxi")
    Category.objects.filter(slug="neues").update(lane=Category.Lane.URGENT)
    bulk, urgent = start(), start(slug="neues")

    release()

    assert waves.held(bulk.pk).people == 8
    assert waves.held(urgent.pk) is None


@pytest.mark.usefixtures("three_a_day")
def test_a_higher_limit_lets_the_rest_go(people, sender):
    broadcast = start()
    send(broadcast, sender)

    allowance.note(5, now=NOW)
    assert send(broadcast, sender) == 2
    allowance.note(UNLIMITED, now=NOW)
    assert send(broadcast, sender) == 3


@pytest.mark.usefixtures("three_a_day")
def test_what_is_held_can_be_cancelled(people, sender):
    broadcast = start()
    send(broadcast, sender)

    Broadcast.objects.filter(pk=broadcast.pk).move(BroadcastState.CANCELLED)
    sending.sweep(now=NOW)

    balance = reports.balance(broadcast.pk)
    assert (balance.accepted, balance.skipped) == (3, {"cancelled": 5})
    assert Broadcast.objects.get().closed_at == NOW


@pytest.mark.usefixtures("three_a_day", "useful_for_a_day")
def test_news_of_a_day_stay_useful_for_those_who_get_them_a_day_later(people, sender):
    broadcast = start()
    send(broadcast, sender)
    release()

    broadcast.refresh_from_db()
    assert broadcast.expires_at == NOW + DAY + timedelta(days=1)


@pytest.mark.usefixtures("three_a_day")
def test_a_press_review_is_not_sent_a_day_later(people, sender):
    broadcast = start()  # useful for ten hours
    send(broadcast, sender)

    sending.sweep(now=TOMORROW)

    assert reports.balance(broadcast.pk).skipped == {"expired": 5}
    assert send(broadcast, sender, now=TOMORROW) == 0


def test_ordinary_news_leave_the_last_tenth_of_the_limit(people, sender):
    allowance.note(10, now=NOW)
    SubscriberFactory.create_batch(2)  # as many as the limit

    assert send(start(), sender) == 9


def test_an_urgent_notice_gets_what_was_left_to_it(people, sender):
    allowance.note(10, now=NOW)
    SubscriberFactory.create_batch(2)
    send(start(), sender)
    Category.objects.update(lane=Category.Lane.URGENT)

    assert send(start(), sender) == 10
