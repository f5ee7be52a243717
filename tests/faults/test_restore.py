"""F36: a backup of the middle of a run is put back after its end."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db import connections as databases

from campaigns import restore, sending, stopping, tasks
from campaigns.models import Channel
from campaigns.reasons import PauseReason, StopReason
from campaigns.states import BroadcastState
from subscribers import journal
from subscribers.models import Subscriber, SubscriberState
from tests.campaigns.webhooks import body, message, post
from tests.factories import UserFactory
from tests.faults import invariants

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

PEOPLE, BATCHES = 30, 3


@contextmanager
def administrator():
    """Somebody who works at the database from outside, while nobody is in it."""
    databases["default"].close()
    with databases["keys"].cursor() as cursor:
        yield cursor, connection.settings_dict["NAME"]


@pytest.fixture
def backup():
    """A copy of the database as it is at a moment, by PostgreSQL's own means."""

    def take():
        with administrator() as (cursor, name):
            cursor.execute(f'CREATE DATABASE "{copy_of(name)}" TEMPLATE "{name}"')

    yield take
    with administrator() as (cursor, name):
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy_of(name)}"')


def copy_of(name):
    """Each worker of pytest-xdist has its database, and its backup."""
    return f"{name}_backup"


def somebody_who_waits(town):
    person = town.broadcast.deliveries.filter(state="queued").first().subscriber_id
    return next(phone for phone, pk in town.phones.items() if pk == person)


def put_back():
    with administrator() as (cursor, name):
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{copy_of(name)}"')


def hold_all_but_one(town):
    """Two thirds of the run come later."""
    town.broadcast.batch_set.filter(number__gt=0).update(is_held=True)


def go_on(town):
    town.broadcast.batch_set.update(is_held=False)
    town.pump("second")
    town.hear()


def test_after_a_restore_nobody_gets_it_twice_and_no_stop_is_forgotten(town, backup, own_journal):
    town.start(people=PEOPLE, batches=BATCHES)
    assert restore.is_sound(own_journal, now=town.now)
    hold_all_but_one(town)
    town.pump("first")
    backup()
    go_on(town)
    early, late = sorted(town.phones)[:2]
    town.say_stop(early)
    town.stops_now(late)  # nothing that is armed later may follow
    assert len(town.ledger()) == PEOPLE
    put_back()

    # It starts in hold: whatever rings, nothing leaves, and what people write is taken in.
    tasks.tick()
    tasks.pump(broadcast_id=town.broadcast.pk)
    assert Channel.objects.get().stop_reason == StopReason.RESTORE_HOLD
    stop = body(message(late, text="STOP", at=town.now))
    assert post(stop).status_code == 200
    assert Subscriber.objects.get(pk=town.phones[early]).state == SubscriberState.ACTIVE

    call_command("reconcile")
    assert Channel.objects.get().stop_reason == StopReason.RESTORE_HOLD
    call_command("reconcile", "--release", "--as", UserFactory(group="IT").username)

    assert Subscriber.objects.get(pk=town.phones[early]).state == SubscriberState.WITHDRAWN
    assert town.state() == BroadcastState.PAUSING
    town.sweep()
    stopping.resume(town.broadcast.pk, PauseReason.RESTORED, now=town.now)
    town.settle()
    assert len(town.ledger()) == PEOPLE
    assert town.states()["in_doubt"] == PEOPLE - PEOPLE // BATCHES
    invariants.check(town)


def test_whoever_had_not_got_it_gets_it_and_who_has_left_since_does_not(town, backup, own_journal):
    town.start(people=PEOPLE, batches=BATCHES)
    assert restore.is_sound(own_journal, now=town.now)
    hold_all_but_one(town)
    backup()
    town.pump("first")
    town.hear()
    left = somebody_who_waits(town)
    town.say_stop(left)
    put_back()
    assert not restore.is_sound(own_journal, now=town.now)

    call_command("reconcile", "--release", "--as", UserFactory(group="IT").username)
    town.sweep()
    stopping.resume(town.broadcast.pk, PauseReason.RESTORED, now=town.now)
    town.broadcast.batch_set.update(is_held=False)
    town.settle()

    assert len(town.ledger()) == PEOPLE - 1
    assert town.states()["skipped"] == {"withdrawn": 1}
    assert town.states()["in_doubt"] == PEOPLE // BATCHES
    invariants.check(town)


def test_a_broadcast_that_the_backup_has_not_started_is_not_started_again(
    town, backup, own_journal
):
    town.settle_down(PEOPLE)
    assert restore.is_sound(own_journal, now=town.now)
    backup()
    assert sending.start(town.broadcast.pk, now=town.now)
    town.settle()
    put_back()
    assert not restore.is_sound(own_journal, now=town.now)

    call_command("reconcile", "--release", "--as", UserFactory(group="IT").username)

    assert town.state() == BroadcastState.CANCELLED
    assert invariants.i1_nobody_gets_it_twice(town) == {}


def test_a_database_that_is_not_of_the_journals_life_sends_nothing(town):
    town.start(people=5)
    assert restore.is_sound(journal.current(), now=town.now)
    Channel.objects.update(generation=uuid4())

    tasks.tick()
    tasks.pump(broadcast_id=town.broadcast.pk)
    tasks.answer()

    assert Channel.objects.get().stop_reason == StopReason.RESTORE_HOLD
    assert town.ledger() == []
