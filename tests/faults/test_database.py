"""A database that restarts, is locked up, or is full; and disks that take nothing more."""

import resource
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db import connections as databases

from campaigns import connections, outage, stopping
from campaigns.models import Channel
from campaigns.reasons import StopReason
from campaigns.spool import AFTERGLOW
from tests.campaigns.outages import no_database
from tests.campaigns.webhooks import body, message, post
from tests.faults import invariants

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.usefixtures("spool"),
]

FULL = """
CREATE FUNCTION fault_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER fault_full BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fault_full();
"""


def bring_in(town):
    """What ticks do once the database is back."""
    for wait in (timedelta(), AFTERGLOW + timedelta(seconds=1)):
        town.now += wait
        tools = {"desk": connections.desk(), "spool": town.sender.spool}
        outage.drain(**tools, clock=lambda: town.now, until=town.now + timedelta(seconds=30))


def stop(town, phone):
    return body(message(phone, text="STOP", at=town.now))


@contextmanager
def full_disk():
    """No file of this process can grow: every write to one fails, as on a disk that is full."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@contextmanager
def full_database(table):
    """A table that takes no new row, as when the disk of PostgreSQL is full."""
    with connection.cursor() as cursor:
        cursor.execute(FULL.format(table=table))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION fault_full CASCADE")


@contextmanager
def no_connection_left():
    """PostgreSQL refuses every new connection, as when all of them are taken."""
    name = connection.settings_dict["NAME"]
    with databases["keys"].cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    connection.close()
    try:
        yield
    finally:
        with databases["keys"].cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@contextmanager
def locked(*tables):
    """Somebody else holds these tables, for as long as it takes."""
    are_locked, is_over = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {', '.join(tables)}")
                are_locked.set()
                assert is_over.wait(120)
        finally:
            databases.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert are_locked.wait(30)
    try:
        yield
    finally:
        is_over.set()
        holder.join()


def all_is_locked():
    return locked("subscribers_subscriber", "campaigns_delivery")


OUTAGES = {
    "away": no_database,
    "no connection left": no_connection_left,
    "locked": all_is_locked,
    "full": lambda: full_database("campaigns_inboxentry"),
}


@pytest.mark.parametrize("outage_of", OUTAGES.values(), ids=OUTAGES.keys())
def test_webhooks_are_answered_whatever_the_database_does_and_none_is_lost(town, outage_of):
    """F13, F14: through the spool; a STOP among them counts before anything else is sent."""
    town.start(people=10, batches=2)
    person = half(town)
    early, *late = town.news()

    with outage_of():
        assert {post(raw).status_code for raw in (early, stop(town, person))} == {200}
    town.stops_now(person)

    assert town.pump() == 0  # whatever is free to be sent waits until the STOP is heard
    bring_in(town)
    assert {post(raw).status_code for raw in late} == {200}
    town.settle()
    assert not town.sender.spool.is_waiting()
    assert town.states()["skipped"] == {"withdrawn": 1}
    assert town.states()["delivered"] == 9
    invariants.check(town)


def half(town):
    """Send the second batch only; return somebody in the first, which waits."""
    waiting = town.broadcast.batch_set.filter(number=0)
    waiting.update(is_held=True)
    town.pump()
    waiting.update(is_held=False)
    person = town.broadcast.deliveries.filter(state="queued").first().subscriber_id
    return next(phone for phone, pk in town.phones.items() if pk == person)


def test_without_a_line_in_the_journal_nothing_is_sent(town):
    """F33: the disk of the journal is full."""
    town.start(people=5)

    with full_disk():
        town.pump()

    assert town.ledger() == []
    assert Channel.objects.get().stop_reason == StopReason.JOURNAL
    assert "journal cannot be written" in town.log.messages
    town.log.clear()
    stopping.release_channel(now=town.now)
    town.settle()
    assert town.states()["delivered"] == 5
    invariants.check(town)


def test_without_a_durable_attempt_nothing_is_sent(town):
    """F33: the disk of PostgreSQL is full."""
    town.start(people=5)

    with full_database("campaigns_attempt"), pytest.raises(OperationalError):
        town.pump()

    assert town.ledger() == []
    town.settle()
    assert town.states()["delivered"] == 5
    invariants.check(town)


def test_what_fits_on_no_disk_is_not_acknowledged(town):
    """F33: neither database nor spool takes the STOP, so Meta has to come again."""
    town.start(people=5)
    phone = min(town.phones)

    with full_database("campaigns_inboxentry"), full_disk():
        assert post(stop(town, phone)).status_code == 503

    assert not town.sender.spool.is_waiting()  # not even a torn file
    town.log.clear()
    town.say_stop(phone)
    town.settle()
    assert (town.states()["delivered"], town.states()["skipped"]) == (4, {"withdrawn": 1})
    invariants.check(town)
