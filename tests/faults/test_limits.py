"""Meta's limits during a run: the daily one, the rate, and who goes first."""

from dataclasses import replace

import pytest

from campaigns import allowance, failpoints, reports, sending
from campaigns.failpoints import Struck
from campaigns.models import Attempt, Category
from campaigns.pace import Pace
from campaigns.reasons import FailureReason
from subscribers.models import Subscriber, Tier
from tests.campaigns.test_races import at_once
from tests.faults import invariants
from tests.faults.town import DAY, SHIFT
from tests.swe_broadcast.witness import eventually

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.mark.parametrize(
    ("people", "limit"), [(60, 25), pytest.param(600, 250, marks=pytest.mark.thorough)]
)
def test_a_send_in_waves_reaches_everybody_once_and_never_more_than_the_limit(town, people, limit):
    """The limit holds over ticks, a lost worker and days; Meta's own counter has nothing to do."""
    allowance.note(limit, now=town.now)
    town.weather(portfolio_limit=limit)
    Category.objects.update(useful_for=DAY)  # a press review would not be sent a day later
    town.start(people)
    town.sweep()
    with failpoints.at("after_arm_commit:raise"), pytest.raises(Struck):
        town.pump("unlucky")

    waves = []
    while len(waves) < 3:
        before = Attempt.objects.count() if waves else 0
        for _ in range(3):
            town.pump()
            town.hear()
            town.sweep()
        waves.append(Attempt.objects.count() - before)
        town.tomorrow()

    wave = limit - limit * allowance.KEPT_BACK_PERCENT // 100
    assert waves == [wave, wave, people - 2 * wave]
    assert town.states()["failed"] == {}
    town.settle()
    invariants.check(town)


def test_a_limit_in_messages_per_second_fails_nobody(town):
    """F26, with Meta's own count: most of the first second's messages are refused."""
    town.weather(throughput_per_second=20.0)
    town.start(people=40)

    town.settle(rounds=30)

    assert FailureReason.RATE not in town.states()["failed"]
    assert town.states()["accepted"] == 40
    invariants.check(town)


def test_three_workers_at_one_pace_give_meta_nothing_to_refuse(town):
    """F26: each of them alone would keep to the rate; it is the rate of all."""
    town.weather(throughput_per_second=8.0)
    town.start(people=24, batches=3)

    def work():
        sender = replace(town.sender, pace=Pace(town.sender.pace.broker, rate=7))
        sending.pump(town.broadcast.pk, sender=sender, until=town.now + SHIFT)

    at_once(*[work] * 3)

    assert town.states()["accepted"] == 24
    town.settle()
    invariants.check(town)


def test_an_urgent_broadcast_does_not_wait_behind_a_bulk_one(town):
    """It has left when much of the bulk one is still to come, although that began earlier."""
    bulk = town.start(people=150).broadcast
    few = set(sorted(town.audience)[:20])
    Subscriber.objects.exclude(pk__in=few).update(tier=Tier.objects.get(slug="mini"))
    Category.objects.filter(pk="neues").update(lane=Category.Lane.URGENT)
    urgent = town.plan("neues").start(people=0).broadcast

    def send(broadcast):
        sender = replace(town.sender, pace=Pace(town.sender.pace.broker, rate=100))
        sending.pump(broadcast.pk, sender=sender, until=town.now + SHIFT)

    def send_urgently():
        eventually(lambda: len(town.simulator.ledger()) >= 10)
        send(urgent)
        return reports.balance(urgent.pk).accepted, reports.balance(bulk.pk).open

    _, (gone, waiting) = at_once(lambda: send(bulk), send_urgently)

    assert gone == 20
    assert waiting > 0
    for broadcast, people in ((bulk, town.audience), (urgent, few)):
        town.broadcast, town.audience = broadcast, people
        town.settle()
        invariants.check(town)
