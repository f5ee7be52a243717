"""The pump against the simulator: who gets what, and what happens when something goes wrong."""

from dataclasses import replace
from datetime import timedelta
from itertools import count as count_up

import pytest

from campaigns import connections, pace, reports, sending, stopping
from campaigns.models import Broadcast, Category, Channel, Delivery
from campaigns.reasons import StopReason
from campaigns.sending.arm import LEASE
from campaigns.sending.pump import FEW
from campaigns.states import BroadcastState
from tests.factories import NOW, BroadcastFactory, SubscriberFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("templates"),
]

SOON = NOW + timedelta(seconds=30)


@pytest.fixture
def people():
    return SubscriberFactory.create_batch(5)


@pytest.fixture
def broadcast(people):
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)
    assert sending.start(broadcast.pk, now=NOW)
    return broadcast


def send(broadcast, sender):
    return sending.pump(broadcast.pk, sender=sender, until=SOON)


def balance(broadcast):
    numbers = reports.balance(broadcast.pk).as_dict()
    assert numbers["adds_up"]
    return {name: n for name, n in numbers.items() if n and name not in ("planned", "adds_up")}


def test_everybody_gets_it_once_and_the_page_adds_up(broadcast, sender, simulator):
    assert send(broadcast, sender) == 5

    assert balance(broadcast) == {"accepted": 5}
    assert sorted(simulator.ledger_counts()["by_phone"].values()) == [1, 1, 1, 1, 1]


def test_what_arrives_is_what_was_written(broadcast, sender, simulator):
    send(broadcast, sender)

    text = simulator.ledger()[0]["text"]
    assert "Presseschau" in text
    assert "TA: Neue Straßenbahnen fahren ab Montag auf der Linie 3" in text


def test_a_second_pump_finds_nothing_to_do(broadcast, sender, simulator):
    send(broadcast, sender)

    assert send(broadcast, sender) == 0
    assert simulator.ledger_counts()["messages"] == 5


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "refuse", "code": 131026}, {"accepted": 4, "failed": {"unreachable": 1}}),
        ({"kind": "refuse", "code": 131000, "http": 400}, {"accepted": 4, "open": 1}),
        ({"kind": "answer", "http": 503, "body": "html"}, {"accepted": 4, "in_doubt": 1}),
        ({"kind": "garble"}, {"accepted": 4, "in_doubt": 1}),
        ({"kind": "reset"}, {"accepted": 4, "in_doubt": 1}),
        ({"kind": "reset", "accept": True}, {"accepted": 4, "in_doubt": 1}),
    ],
)
def test_misfortune_meets_one_and_is_kept_apart(broadcast, sender, simulator, fault, expected):
    simulator.add_fault(**fault, next=1)

    send(broadcast, sender)

    assert balance(broadcast) == expected


def test_doubt_is_never_sent_again(broadcast, sender, simulator):
    simulator.add_fault("reset", accept=True, next=1)
    send(broadcast, sender)

    sending.sweep(now=NOW + LEASE + timedelta(seconds=1))
    send(broadcast, sender)

    assert simulator.ledger_counts()["messages"] == 5
    assert simulator.ledger_counts()["repeated_tokens"] == {}


def test_what_may_be_tried_again_is_accepted_later(broadcast, sender, simulator):
    simulator.add_fault("refuse", code=131000, http=400, next=1)
    send(broadcast, sender)

    broadcast.batch_set.update(not_before=NOW)
    send(broadcast, sender)

    assert balance(broadcast) == {"accepted": 5}
    assert simulator.ledger_counts()["messages"] == 5


def test_a_template_that_whatsapp_pauses_pauses_the_broadcast(broadcast, sender, simulator):
    simulator.change_template("presseschau", status="PAUSED")

    send(broadcast, sender)
    sending.sweep(now=NOW)

    found = Broadcast.objects.get()
    assert (found.state, found.pause_reason) == (BroadcastState.PAUSED, "template")
    assert balance(broadcast) == {"open": 5}


def test_a_refused_token_stops_everything_and_loses_nothing(broadcast, sender, simulator):
    simulator.add_fault("refuse", code=190, http=401)

    send(broadcast, sender)

    assert Channel.objects.get().stop_reason == StopReason.TOKEN
    assert balance(broadcast) == {"open": 5}
    simulator.clear_faults()
    stopping.release_channel(now=NOW)
    broadcast.batch_set.update(not_before=NOW)
    send(broadcast, sender)
    assert balance(broadcast) == {"accepted": 5}


def test_refused_as_wrong_three_times_pauses_the_broadcast(sender, simulator):
    SubscriberFactory.create_batch(90)
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)
    sending.start(broadcast.pk, now=NOW)
    simulator.add_fault("refuse", code=131009)

    send(broadcast, sender)

    assert Broadcast.objects.get().pause_reason == "mistakes"
    assert Delivery.objects.filter(state="queued").exists()


def test_until_something_is_accepted_only_a_few_are_on_the_wire(sender, simulator):
    SubscriberFactory.create_batch(FEW + 5)
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)
    sending.start(broadcast.pk, now=NOW)
    simulator.add_fault("refuse", code=132015)

    send(broadcast, sender)

    assert Delivery.objects.filter(attempts__gt=0).count() == FEW


def test_a_broadcast_of_several_rounds_reaches_everybody_once(sender, simulator):
    SubscriberFactory.create_batch(3 * FEW)
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)
    sending.start(broadcast.pk, now=NOW)

    assert send(broadcast, sender) == 3 * FEW

    assert balance(broadcast) == {"accepted": 3 * FEW}
    assert simulator.ledger_counts()["messages"] == 3 * FEW


def test_nothing_ordinary_leaves_in_quiet_hours(broadcast, sender, simulator):
    Broadcast.objects.update(expires_at=NOW + timedelta(days=2))
    night = NOW.replace(hour=22)
    at_night = replace(sender, clock=lambda: night)

    assert sending.pump(broadcast.pk, sender=at_night, until=night + timedelta(seconds=30)) == 0
    assert simulator.ledger_counts()["messages"] == 0


def test_too_fast_halves_the_pace_of_all_and_the_others_still_get_it(broadcast, sender, simulator):
    simulator.add_fault("refuse", code=130429, http=400, next=1)

    send(broadcast, sender)

    assert balance(broadcast) == {"accepted": 4, "open": 1}
    assert float(connections.broker().hget(pace.KEY, "share")) == 0.5


def test_one_message_too_many_to_one_person_holds_up_nobody_else(broadcast, sender, simulator):
    simulator.add_fault("refuse", code=131056, http=400, next=1)

    send(broadcast, sender)

    assert balance(broadcast) == {"accepted": 4, "open": 1}
    assert connections.broker().hget(pace.KEY, "share") is None
    assert broadcast.batch_set.latest("number").not_before == NOW + timedelta(seconds=6)


@pytest.mark.usefixtures("somebody_urgent_waits")
@pytest.mark.parametrize(("lane", "count"), [("send_urgent", 5), ("send_bulk", 0)])
def test_news_wait_while_an_urgent_notice_leaves(broadcast, sender, lane, count):
    Category.objects.update(lane=lane)
    seconds = count_up()
    ticking = replace(sender, clock=lambda: NOW + timedelta(seconds=next(seconds)))

    assert send(broadcast, ticking) == count
