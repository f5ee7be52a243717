"""The kill switch waits for nobody for long: frozen workers, busy ones, strangers' locks."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.db import connections as databases

from campaigns import failpoints, gate, scheduling, stopping
from campaigns.models import Channel
from campaigns.reasons import PauseReason, StopReason
from subscribers.models import Subscriber
from swe_broadcast import transactions
from tests.factories import NOW
from tests.faults import invariants
from tests.swe_broadcast.witness import eventually

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

A_MOMENT = timedelta(milliseconds=100)
TOO_LONG = 5  # seconds, after which whoever is held gives up and the test fails


@contextmanager
def beside(job):
    """Run a job in a thread with connections of its own, beside the block; return its end."""
    ended = []

    def run():
        try:
            ended.append(job())
        except Error as error:
            ended.append(error)
        finally:
            databases.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield ended
    finally:
        thread.join()


def stop_all(town):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=town.now)


def test_the_kill_switch_does_not_wait_for_a_worker_that_has_frozen(town, monkeypatch):
    """F15: its transaction is lost; when it wakes up it has armed nobody and sends nothing."""
    town.start(people=5)
    is_frozen, may_wake = threading.Event(), threading.Event()
    slept = []

    def freeze(name):
        if name == failpoints.BEFORE_ARM_COMMIT and not slept:
            is_frozen.set()
            slept.append(may_wake.wait(TOO_LONG))

    def pump():
        transactions.bound(connection, frozen_after=A_MOMENT)
        return town.pump("frozen")

    with monkeypatch.context() as patch, beside(pump) as ended:
        patch.setattr(failpoints, "reach", freeze)
        assert is_frozen.wait(TOO_LONG)
        stop_all(town)
        was_in_force = not slept
        may_wake.set()

    assert was_in_force
    assert isinstance(ended[0], Error)
    assert (town.ledger(), town.states()["open"], town.states()["in_doubt"]) == ([], 5, 0)
    stopping.release_channel(now=NOW)
    town.settle()
    assert town.states()["accepted"] == 5
    invariants.check(town)


HALTS = {
    "kill switch": stop_all,
    "pause": lambda town: scheduling.pause(town.broadcast, by=None, now=town.now),
    "cancel": lambda town: scheduling.cancel(town.broadcast, by=None, now=town.now),
    "pause by itself": lambda town: stopping.pause(
        town.broadcast.pk, PauseReason.MEDIA, now=town.now
    ),
}


@pytest.mark.parametrize("halt", HALTS.values(), ids=HALTS.keys())
def test_no_worker_overtakes_whoever_waits_to_stop_it(town, monkeypatch, halt):
    """So a stop is in force as soon as those have armed who were about to when it came."""
    monkeypatch.setattr(gate, "WAIT", "100ms")
    town.start(people=6, batches=2)
    is_arming, may_go_on = threading.Event(), threading.Event()
    seen = []

    def dawdle(name):
        if name == failpoints.BEFORE_ARM_COMMIT and not seen:
            seen.append(name)
            is_arming.set()
            may_go_on.wait(TOO_LONG)

    monkeypatch.setattr(failpoints, "reach", dawdle)
    with beside(lambda: town.pump("about to")):
        assert is_arming.wait(TOO_LONG)
        with beside(lambda: halt(town)):
            eventually(somebody_waits_at_the_gate, patience=TOO_LONG)
            overtaken = town.pump("next")
            may_go_on.set()

    assert overtaken == 0
    assert len(town.ledger()) == 3  # of the batch that was about to be armed
    invariants.check(town)


def somebody_waits_at_the_gate():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND objid = %s AND NOT granted",
            [gate.LOCK],
        )
        return cursor.fetchone()


def test_the_kill_switch_does_not_wait_for_whom_a_worker_waits_for(town, monkeypatch):
    """F14: somebody holds a person's row for as long as they like."""
    monkeypatch.setattr(gate, "WAIT", "100ms")
    town.start(people=5)
    are_held, may_go = threading.Event(), threading.Event()
    waited = []

    def hold():
        with transaction.atomic():
            list(Subscriber.objects.select_for_update())
            are_held.set()
            waited.append(may_go.wait(TOO_LONG))

    with beside(hold):
        assert are_held.wait(TOO_LONG)
        sent = town.pump("held up")
        stop_all(town)
        was_in_force = not waited
        may_go.set()

    assert (was_in_force, sent) == (True, 0)
    assert Channel.objects.get().stop_reason == StopReason.KILL_SWITCH
    assert not town.broadcast.batch_set.exclude(owner="").exists()  # given back at once
    stopping.release_channel(now=NOW)
    town.settle()
    assert town.states()["accepted"] == 5
    invariants.check(town)
