"""Workers that die, stumble, freeze, or go by a wrong clock."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.db import connections as databases

from campaigns import failpoints, sending
from campaigns.failpoints import NAMES, Struck
from campaigns.models import Broadcast, Delivery, Tally
from campaigns.states import BroadcastState, DeliveryState
from subscribers.models import Identity
from tests.campaigns.test_races import at_once
from tests.factories import NOW, BroadcastFactory, SubscriberFactory
from tests.faults import invariants
from tests.swe_broadcast.witness import PROJECT, eventually
from whatsapp import pipeline

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

OF_A_PUMP = NAMES[:6]
ESSENTIAL = {failpoints.AFTER_ARM_COMMIT, failpoints.ON_THE_WIRE}  # the two that leave doubt


def accident(town, text):
    """Let everything run once with a failpoint set, in this process."""
    with failpoints.at(text), suppress(Struck):
        town.pump("unlucky")
    with suppress(Struck):
        town.hear()


@pytest.mark.parametrize("name", OF_A_PUMP)
@pytest.mark.parametrize("action", ["raise", "pause:0.1"])
def test_a_pump_may_stumble_or_halt_anywhere(town, name, action):
    town.start(people=10, batches=2)

    accident(town, f"{name}:{action}")
    town.settle()

    assert town.states()["in_doubt"] + town.states()["accepted"] == 10
    invariants.check(town)


@pytest.mark.parametrize("action", ["raise", "pause:0.1"])
def test_the_sweep_may_stumble_or_halt_half_way(town, action):
    town.start()
    accident(town, "after_arm_commit:raise")

    with failpoints.at(f"sweep_half_done:{action}"), suppress(Struck):
        town.sweep()
    town.settle()

    invariants.check(town)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ESSENTIAL else pytest.mark.thorough)
        for name in OF_A_PUMP
    ],
)
def test_a_pump_may_be_killed_anywhere(town, name):
    """F01 at each of its moments; test_kill.py does it to the whole process tree."""
    town.start(people=10, batches=2)
    town.weather(latency=1.0)

    died = in_a_process_of_its_own(town, "pump", f"{name}:kill:0.3")

    assert died == -9
    assert len(town.ledger()) <= 10
    town.weather(latency=0)
    town.settle()
    assert town.states()["in_doubt"] + town.states()["accepted"] == 10
    invariants.check(town)


@pytest.mark.thorough
def test_a_sweep_may_be_killed_half_way(town):
    town.start()
    accident(town, "after_arm_commit:raise")
    town.now += timedelta(minutes=5)

    assert in_a_process_of_its_own(town, "sweep", "sweep_half_done:kill") == -9

    town.settle()
    assert town.states()["in_doubt"] == 12
    invariants.check(town)


def in_a_process_of_its_own(town, work, failpoint):
    """Run a pump or a sweep like a Celery worker would, until it dies; return how it ended."""
    urls = {
        name: databases[alias].settings_dict["NAME"]
        for name, alias in {"DATABASE_URL": "default", "KEYS_DATABASE_URL": "keys"}.items()
    }
    base = os.environ["DATABASE_URL"]
    environment = {
        **os.environ,
        **{name: base.replace("/swe_broadcast", f"/{found}") for name, found in urls.items()},
        "WHATSAPP_API_URL": django_settings.WHATSAPP_API_URL,
        "FAILPOINT": failpoint,
    }
    arguments = (work, str(town.broadcast.pk), town.now.isoformat())
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.worker", *arguments],
        cwd=PROJECT,
        env=environment,
        check=False,
        timeout=60,
    )
    return done.returncode


def test_a_worker_that_freezes_with_armed_messages_does_not_send_them_when_it_wakes(
    town, monkeypatch
):
    """F15: others have given them up meanwhile, and may have acted on that."""
    town.start(people=5)
    with monkeypatch.context() as patch, failpoints.at("after_arm_commit:pause:0.5"):
        patch.setattr(pipeline, "STALE_AFTER", 0.4)
        town.pump("frozen")

    assert town.ledger() == []
    town.settle()
    assert town.states()["accepted"] == 5
    invariants.check(town)


def test_a_worker_that_freezes_before_arming_finds_its_batch_taken(town):
    """F15."""
    town.start(people=10)

    def freeze():
        with failpoints.at("after_claim:pause:1"):
            return town.pump("frozen")

    def take_over():
        eventually(lambda: town.broadcast.batch_set.exclude(owner="").exists())
        town.sweep()
        return town.pump("next")

    at_once(freeze, take_over)
    town.settle()

    assert town.states()["accepted"] == 10
    invariants.check(town)


def test_a_lost_worker_is_relieved_and_what_it_had_armed_is_shown_as_unclear(town):
    """F01, the part that no clock decides: the rows of a worker that never comes back."""
    town.start(people=10)
    with failpoints.at("after_arm_commit:raise"), suppress(Struck):
        town.pump("lost")

    town.settle()

    assert (town.states()["in_doubt"], town.states()["open"]) == (10, 0)
    invariants.check(town)


def test_answers_that_cannot_be_stored_leave_doubt_and_the_echo_clears_it(town):
    """F13: the database goes away between the answer and its row."""
    town.start(people=10)

    def pump():
        with pytest.raises(OperationalError), failpoints.at("before_record:pause:1"):
            town.pump("cut off")

    def cut():
        eventually(lambda: len(town.ledger()) == 10)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle'"
                " AND pid <> pg_backend_pid()"
            )

    databases.close_all()
    at_once(pump, cut)
    databases.close_all()
    town.settle()

    assert town.states()["delivered"] == 10
    invariants.check(town)


def test_one_record_that_cannot_be_opened_keeps_nobody_else_waiting(town):
    """F16."""
    town.start(people=10)
    broken = Identity.objects.get(subscriber=min(town.audience))
    Identity.objects.filter(pk=broken.pk).update(sealed=bytes(broken.sealed)[:-1] + b"?")

    town.settle()

    assert (town.states()["accepted"], town.states()["skipped"]) == (9, {"unreadable": 1})
    invariants.check(town)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_worker_with_a_wrong_clock_reaches_nobody_twice(town, minutes):
    """F20."""
    town.start(people=20, batches=4)
    wrong = timedelta(minutes=minutes)
    off = replace(town.sender, clock=lambda: town.now + wrong, name="off")

    def pump_off():
        until = town.now + wrong + timedelta(seconds=30)
        return sending.pump(town.broadcast.pk, sender=off, until=until)

    at_once(pump_off, town.pump, lambda: sending.sweep(now=town.now))
    town.settle()

    assert town.states()["accepted"] == 20
    invariants.check(town)


def test_many_ticks_at_once_start_every_broadcast_once(town):
    """F17."""
    town.settle_down(5)
    others = BroadcastFactory.create_batch(9, state=BroadcastState.SCHEDULED)
    due = [town.broadcast.pk, *(other.pk for other in others)]

    def tick():
        return [pk for pk in due if sending.start(pk, now=NOW)]

    started = [pk for found in at_once(*[tick] * 4) for pk in found]

    assert sorted(started) == sorted(due)
    assert Delivery.objects.count() == 5 * len(due)
    town.settle()
    invariants.check(town)


def test_a_start_that_is_repeated_by_hand_messages_nobody_twice(town):
    """F17, after somebody has moved a broadcast back with SQL, and its batches away."""
    town.start(people=8)
    town.settle()
    town.broadcast.batch_set.all().delete()
    Broadcast.objects.update(state=BroadcastState.SCHEDULED, started_at=None, planned=None)

    sending.start(town.broadcast.pk, now=NOW)
    for number in range(3):
        town.pump(f"again {number}")

    assert invariants.i1_nobody_gets_it_twice(town) == []


def test_somebody_who_joins_during_the_run_is_no_part_of_it(town):
    town.start(people=5)
    SubscriberFactory(tier="maxi")

    town.settle()

    invariants.check(town)


def test_a_tally_that_lies_keeps_a_broadcast_open(town):
    """What the page says is counted row by row before it is called final."""
    town.start(people=3)
    lie = {DeliveryState.QUEUED: -3, DeliveryState.DELIVERED: 3}
    for state, n in lie.items():
        Tally.objects.create(broadcast=town.broadcast, state=state, n=n)

    sending.sweep(now=town.now)

    assert town.state() == BroadcastState.SENDING
    assert "tally differs from its rows" in town.log.messages
