"""What Meta answers when it is overloaded, angry, broken, or undecided."""

from datetime import timedelta

import pytest

from campaigns import stopping
from campaigns.models import Channel, Delivery, MessageTemplate
from campaigns.reasons import StopReason
from campaigns.states import BroadcastState
from tests.campaigns.webhooks import body, message, post, status
from tests.faults import invariants

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

PEOPLE = 12
SPOILT = [
    {"kind": "garble", "body": "malformed"},
    {"kind": "garble", "body": "truncated"},
    {"kind": "garble", "body": "empty"},
    {"kind": "answer", "http": 503, "body": "html"},
    {"kind": "answer", "http": 500, "body": "json", "accept": True},
    {"kind": "answer", "http": 502, "body": "html", "accept": True},
    {"kind": "answer", "http": 403, "body": "html"},
    {"kind": "reset"},
    {"kind": "reset", "accept": True},
    {"kind": "hang", "seconds": 0.1},
    {"kind": "hang", "seconds": 0.1, "accept": True},
]


def spell(fault):
    return " ".join(str(part) for part in fault.values())


@pytest.mark.parametrize("fault", SPOILT, ids=spell)
def test_an_answer_that_proves_nothing_leaves_doubt_and_is_never_repeated(town, fault):
    """F31."""
    town.simulator.add_fault(**fault, share=0.5)
    town.start(PEOPLE)

    town.settle()

    numbers = town.states()
    assert numbers["accepted"] + numbers["in_doubt"] == PEOPLE
    assert numbers["accepted"] == len(town.ledger())  # every echo was heard
    invariants.check(town)


@pytest.mark.thorough
def test_all_of_it_at_once_with_stops_and_bad_news(town):
    """F02, without the kill (see test_moments.py and test_house.py for that)."""
    for fault in SPOILT:
        town.simulator.add_fault(**fault, share=0.05)
    town.weather(webhook_duplicate_share=0.2, webhook_reorder_share=0.2, expiry_share=0.1)
    town.start(people=80, batches=8)
    for phone in town.dice.sample(sorted(town.phones), 10):
        town.say_stop(phone)
        town.pump()
        town.hear(copies=2, shuffle=True)

    town.settle()

    invariants.check(town)


def test_a_storm_of_refusals_for_our_speed_fails_nobody(town):
    """F26."""
    town.simulator.add_fault("refuse", code=130429, next=30)
    town.start(PEOPLE)

    town.settle()

    assert town.states()["accepted"] == PEOPLE
    assert town.states()["failed"] == {}
    invariants.check(town)


def test_too_much_for_one_person_is_tried_again_and_disturbs_nobody_else(town):
    """F27."""
    town.start(PEOPLE)
    crowded = sorted(town.phones)[:4]
    town.simulator.add_fault("refuse", code=131056, to=crowded, next=4)

    town.pump()

    assert town.states()["accepted"] == PEOPLE - 4
    town.settle()
    assert town.states()["accepted"] == PEOPLE
    invariants.check(town)


def test_a_revoked_token_stops_everything_fails_nobody_and_can_be_repaired(town):
    """F28."""
    town.start(PEOPLE, batches=3)
    town.simulator.add_fault("refuse", code=190, http=401, skip=4)
    town.settle()

    assert Channel.objects.get().stop_reason == StopReason.TOKEN
    assert town.states()["failed"] == {}
    invariants.check(town)
    town.simulator.clear_faults()
    stopping.release_channel(now=town.now)
    town.settle()
    assert town.states()["accepted"] == PEOPLE
    invariants.check(town)


def test_a_stop_is_heard_while_the_token_is_revoked(town):
    """F28."""
    town.start(PEOPLE)
    town.simulator.add_fault("refuse", code=190, http=401)
    town.pump()
    town.say_stop(min(town.phones))
    town.simulator.clear_faults()
    stopping.release_channel(now=town.now)

    town.settle()

    assert town.states()["skipped"] == {"withdrawn": 1}
    invariants.check(town)


def test_a_template_that_whatsapp_pauses_half_way_pauses_the_broadcast(town):
    """F29."""
    town.start(PEOPLE, batches=3)
    town.simulator.add_fault("refuse", code=132015, skip=4)
    town.settle()

    assert town.state() == BroadcastState.PAUSED
    assert town.broadcast.pause_reason == "template"
    assert town.states()["failed"] == {}
    invariants.check(town)


def test_a_template_paused_by_webhook_is_known_before_anybody_is_refused(town):
    """F29."""
    town.start(PEOPLE)
    town.simulator.change_template("presseschau", status="PAUSED")
    town.settle()

    assert town.ledger() == []
    assert MessageTemplate.objects.get(name="presseschau").status == "PAUSED"
    assert town.state() == BroadcastState.PAUSED
    invariants.check(town)


def test_slow_answers_lose_no_lease_and_double_nobody(town):
    """F30."""
    town.weather(latency=2.0)
    town.start(PEOPLE, batches=3)

    town.pump()

    assert town.states()["accepted"] == PEOPLE
    town.settle()
    invariants.check(town)


def test_what_whatsapp_holds_back_is_accepted_until_it_says_otherwise(town):
    """F39."""
    town.simulator.add_fault("hold", seconds=0.1, code=0, share=0.5)
    town.simulator.add_fault("hold", seconds=0.1, code=132015)
    town.start(PEOPLE)

    town.settle()

    numbers = town.states()
    assert numbers["accepted"] + sum(numbers["failed"].values()) == PEOPLE
    assert set(numbers["failed"]) <= {"template"}
    invariants.check(town)


def test_somebody_who_moves_to_a_new_number_during_the_run_gets_one_copy(town):
    """F38."""
    town.start(people=3)
    old, new = min(town.phones), "+4915188888888"
    system = {"type": "user_changed_number", "body": "moved", "wa_id": new[1:]}
    post(body(message(old, type="system", system=system)))

    town.settle()

    assert Delivery.objects.count() == 3
    invariants.check(town)


def test_a_status_of_tomorrow_changes_nothing(town):
    town.start(people=2)
    town.pump()
    token = Delivery.objects.values_list("attempt__token", flat=True)[0]

    post(body(status("pondered", token=token, at=town.now + timedelta(minutes=1))))
    town.apply()

    assert town.states()["accepted"] == 2
