"""What a request waits for: its body stored once, by whichever thread, committed before the 200."""

import random
import threading
from contextlib import suppress

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction

from campaigns import connections, inbox, patience
from campaigns.inbox.inserting import Sealed, insert_many
from campaigns.models import InboxEntry
from tests.campaigns.outages import no_database
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW
from tests.subscribers.racing import at_the_same_time, wait_until_blocked

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def bodies(number):
    return [body(status("sent", wamid=f"wamid.{n}")) for n in range(number)]


def stored():
    """What lies in the inbox, opened."""
    sealed = InboxEntry.objects.values_list("body", flat=True)
    return sorted(connections.vault().open_body(bytes(one)) for one in sealed)


def test_a_body_of_statuses_waits_sealed_for_a_worker():
    (raw,) = bodies(1)

    assert post(raw).status_code == 200

    entry = InboxEntry.objects.get()
    assert (entry.state, entry.tries) == ("received", 0)
    assert entry.not_before == entry.received_at
    assert raw not in bytes(entry.body)
    assert stored() == [raw]


def test_a_body_whose_answer_was_lost_is_stored_once():
    (raw,) = bodies(1)

    assert [post(raw).status_code for _ in range(3)] == [200] * 3

    assert stored() == [raw]


def test_many_threads_store_everything_once():
    raws = bodies(40)

    def bring_all():
        return {post(raw).status_code for raw in random.sample(raws, k=len(raws))}

    answers = at_the_same_time(*[bring_all] * 6)

    assert answers == [{200}] * 6
    assert stored() == sorted(raws)


def test_processes_that_store_the_same_bodies_do_not_block_each_other():
    """Each process has a group of its own; they meet in the index of the hashes."""
    vault = connections.vault()
    sealed = [Sealed(vault.body_hash(raw), raw, NOW) for raw in bodies(30)]

    def process():
        group = random.sample(sealed, k=len(sealed))
        for start in range(0, len(group), 10):
            insert_many(group[start : start + 10])

    at_the_same_time(*[process] * 4)

    assert InboxEntry.objects.count() == 30


def test_what_others_store_does_not_hang_on_a_transaction_that_is_open():
    first, second = bodies(2)
    is_open, may_end = threading.Event(), threading.Event()

    class Undone(Exception):
        pass

    def undo():
        with suppress(Undone), transaction.atomic():
            inbox.receive(first, desk=connections.desk(), now=NOW)
            is_open.set()
            assert may_end.wait(30)
            raise Undone

    def store():
        assert is_open.wait(30)
        try:
            return post(second).status_code
        finally:
            may_end.set()

    assert at_the_same_time(undo, store)[1] == 200
    assert stored() == [second]


@pytest.fixture
def without_a_table():
    """The statement fails, whoever runs it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_inboxentry RENAME TO elsewhere")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE elsewhere RENAME TO campaigns_inboxentry")


def test_what_cannot_be_stored_is_acknowledged_to_nobody(without_a_table):
    posts = [lambda raw=raw: post(raw).status_code for raw in bodies(6)]

    assert at_the_same_time(*posts) == [503] * 6


def test_a_refusal_of_the_database_keeps_its_kind_and_names_no_value(without_a_table):
    with pytest.raises(ProgrammingError) as refused:
        insert_many([Sealed(b"hash", b"canary", NOW)])

    assert refused.value.__cause__.sqlstate == "42P01"
    assert "canary" not in str(refused.value)


def test_a_database_that_is_away_is_told_from_a_statement_that_is_wrong():
    with no_database(), pytest.raises(OperationalError) as trouble:
        insert_many([Sealed(b"hash", b"body", NOW)])

    assert patience.is_outage(trouble.value)


def test_a_kept_connection_that_has_died_costs_no_webhook():
    first, second = bodies(2)
    assert post(first).status_code == 200
    mine = connection.connection.info.backend_pid

    def cut():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])

    at_the_same_time(cut)

    inbox.receive(second, desk=connections.desk(), now=NOW)
    assert stored() == sorted([first, second])


def test_a_stop_that_comes_twice_at_once_is_heard_once():
    raw = body(message("+4915155500001", text="START"))

    with transaction.atomic():
        inbox.receive(raw, desk=connections.desk(), now=NOW)
        again = threading.Thread(target=lambda: at_the_same_time(lambda: post(raw)))
        again.start()
        wait_until_blocked()
    again.join()

    assert InboxEntry.objects.get().state == InboxEntry.State.APPLIED
