"""Somebody says stop, in every sense: subscribers, editors, the clock."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from campaigns import scheduling, sending, statuses, stopping
from campaigns.hours import SendingHours
from campaigns.models import Attempt, Broadcast, Channel
from campaigns.reasons import StopReason
from campaigns.refusals import NotPossible
from campaigns.states import BroadcastState
from subscribers.models import Subscriber, SubscriberState
from tests.campaigns.test_races import at_once
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW, SubscriberFactory, UserFactory
from tests.faults import invariants
from whatsapp.events import parse

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def test_stops_during_the_run_are_never_followed_by_a_send(town):
    """F24."""
    town.start(people=40, batches=8)
    leaving = town.dice.sample(sorted(town.phones), 20)

    def say_stop():
        for phone in leaving:
            town.say_stop(phone)

    at_once(say_stop, town.pump, lambda: town.pump("second"))
    town.settle()

    assert len(town.stops) == 20
    invariants.check(town)


def test_whoever_said_stop_before_the_run_gets_nothing(town):
    """F24, the part that no clock decides."""
    town.start()
    for phone in town.dice.sample(sorted(town.phones), 5):
        town.say_stop(phone)

    town.settle()

    assert town.states()["skipped"] == {"withdrawn": 5}
    invariants.check(town)


@pytest.mark.parametrize(
    "said",
    [
        {"text": "Stopp!"},
        {"text": "  STOP "},
        {"text": "abmelden"},
        {"text": "unsubscribe"},
        {"button": "stop"},
        {
            "type": "interactive",
            "interactive": {"type": "list_reply", "list_reply": {"id": "stop", "title": "Nein"}},
        },
    ],
    ids=str,
)
def test_a_stop_counts_in_every_form(town, said):
    """F25."""
    town.start(people=3)
    phone = min(town.phones)
    town.say_stop(phone, **said)

    town.settle()

    assert Subscriber.objects.get(pk=town.phones[phone]).state == SubscriberState.WITHDRAWN
    invariants.check(town)


def test_a_stop_counts_for_somebody_who_hides_their_number(town):
    """F25."""
    town.start(people=2)
    hidden = SubscriberFactory(phone=None, user_id="DE.1234567890")
    said = message("+49", text="STOP", at=town.now)
    said["messages"][0].update({"from_user_id": "DE.1234567890"})
    del said["messages"][0]["from"], said["contacts"]

    assert post(body(said)).status_code == 200

    hidden.refresh_from_db()
    assert hidden.state == SubscriberState.WITHDRAWN


def test_fifty_pauses_and_resumes_at_any_moment_lose_and_double_nobody(town):
    """F21: whoever is on the wire arrives, and after “paused” nobody else leaves."""
    town.start(people=60, batches=20)

    def click():
        for _ in range(50):
            fresh = Broadcast.objects.get(pk=town.broadcast.pk)
            with suppress(NotPossible):
                scheduling.pause(fresh, by=None, now=town.now)
                sending.sweep(now=town.now)
                if len(still) < 5 and town.state() == BroadcastState.PAUSED:
                    still.append(len(town.ledger()))
                    town.pump("eager")
                    assert len(town.ledger()) == still[-1]
                scheduling.resume(fresh, by=None, now=town.now)

    still = []
    at_once(click, town.pump, lambda: town.pump("second"))
    town.settle()

    assert still  # it did stand still at times, or this proves nothing
    assert town.states()["accepted"] == 60
    invariants.check(town)


def test_after_a_pause_nothing_leaves_until_somebody_resumes(town):
    """F21."""
    town.start()
    scheduling.pause(town.broadcast, by=None, now=town.now)

    town.settle()

    assert town.state() == BroadcastState.PAUSED
    assert town.ledger() == []
    invariants.check(town)
    scheduling.resume(town.broadcast, by=None, now=town.now)
    town.settle()
    assert town.states()["accepted"] == 12
    invariants.check(town)


def test_after_a_cancellation_nothing_leaves_and_the_sums_are_right(town):
    """F22."""
    town.start(people=20, batches=2)
    one_look = _OpenFor(zone=town.sender.hours.zone, looks=iter([True]))
    town.sender = replace(town.sender, hours=one_look)
    town.pump()
    scheduling.cancel(town.broadcast, by=None, now=town.now)
    reached = len(town.ledger())

    town.settle()

    assert len(town.ledger()) == reached
    assert town.states()["skipped"] == {"cancelled": 20 - reached}
    invariants.check(town)


@dataclass(frozen=True)
class _OpenFor(SendingHours):
    """Sending hours that end after so many looks at the clock."""

    looks: Iterator[bool] = field(kw_only=True)

    def are_open(self, at):
        return next(self.looks, False)


def test_after_the_kill_switch_nothing_leaves_and_a_stop_is_still_heard(town):
    town.start()
    stopping.stop_channel(StopReason.KILL_SWITCH, now=town.now)
    town.say_stop(min(town.phones))

    town.settle()

    assert town.ledger() == []
    invariants.check(town)
    stopping.release_channel(now=town.now)
    town.settle()
    assert (town.states()["accepted"], town.states()["skipped"]) == (11, {"withdrawn": 1})
    invariants.check(town)


def test_nothing_ordinary_leaves_at_night_whoever_scheduled_it(town):
    town.start()
    Broadcast.objects.update(expires_at=NOW + timedelta(days=2))
    town.now = NOW.replace(hour=22)

    town.pump()

    assert town.ledger() == []
    town.now = NOW + timedelta(days=1)
    town.settle()
    assert town.states()["accepted"] == 12
    invariants.check(town)


@pytest.mark.parametrize("decisions", [16, pytest.param(200, marks=pytest.mark.thorough)])
def test_of_many_decisions_at_once_one_wins(town, decisions):
    """F23."""
    town.start()
    verbs = [scheduling.pause, scheduling.resume, scheduling.cancel, scheduling.give_up]

    def decide():
        won = Counter()
        for verb in town.dice.choices(verbs, weights=[9, 9, 1, 1], k=decisions // 8):
            fresh = Broadcast.objects.get(pk=town.broadcast.pk)
            with suppress(NotPossible):
                verb(fresh, by=None, now=town.now)
                won[verb.__name__] += 1
        return won

    *won, _sent = at_once(*[decide] * 8, town.pump)

    won = sum(won, Counter())
    lines = Counter(town.broadcast.events.values_list("what", flat=True))
    assert won["cancel"] == lines["cancelled"] <= 1
    assert (won["pause"], won["resume"]) == (lines["paused"], lines["resumed"])
    assert 0 <= won["pause"] - won["resume"] <= 1
    invariants.check(town)


def test_only_one_of_many_approvals_counts(town):
    """F23."""
    town.settle_down(3)
    Broadcast.objects.update(
        state="in_review", approved_by=None, approved_at=None, approved_hash=None
    )
    colleagues = UserFactory.create_batch(4, group="Freigabe")
    seen = town.broadcast.message.content_hash()

    def approve(by):
        fresh = Broadcast.objects.with_message().get(pk=town.broadcast.pk)
        try:
            hours = town.sender.hours
            scheduling.approve(fresh, seen_hash=seen, by=by, hours=hours, now=town.now)
        except NotPossible:
            return False
        return True

    won = at_once(*[lambda by=by: approve(by) for by in colleagues])

    assert won.count(True) == 1
    assert town.broadcast.events.filter(what="approved").count() == 1


def test_an_opt_out_that_whatsapp_reports_counts_for_the_next_broadcast(town):
    """F25."""
    town.start(people=3)
    town.pump()
    token = Attempt.objects.filter(delivery__subscriber=min(town.audience)).get().token
    told = parse(body(status("failed", token=token, codes=[131050]))).events

    statuses.apply(told, vault=town.sender.vault, now=town.now + timedelta(seconds=1))

    assert Subscriber.objects.get(pk=min(town.audience)).state == SubscriberState.WITHDRAWN
    assert Channel.objects.get().stop_reason == ""
    town.settle()
    invariants.check(town)
