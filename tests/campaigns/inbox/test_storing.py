"""What a request waits for: its body stored once, by whichever thread, committed before the 200."""

import random
import threading
from contextlib import suppress

import pytest
from django.db import transaction

from campaigns import connections, inbox
from campaigns.inbox import storing
from campaigns.inbox.committing import GroupCommit
from campaigns.models import InboxEntry
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
    sealed = [storing._Sealed(vault.body_hash(raw), raw, NOW) for raw in bodies(30)]

    def process():
        group = random.sample(sealed, k=len(sealed))
        for start in range(0, len(group), 10):
            storing._insert(group[start : start + 10])

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


def test_while_one_cannot_be_stored_nobody_of_its_group_is_told_so(monkeypatch):
    def refuse(group):
        with transaction.atomic():
            storing._insert(group)
            raise storing.connection.Database.OperationalError

    monkeypatch.setattr(storing, "_together", GroupCommit(_wrapped(refuse), writers=1))

    answers = at_the_same_time(*[lambda raw=raw: post(raw).status_code for raw in bodies(6)])

    assert answers == [503] * 6
    assert stored() == []


def _wrapped(write):
    def write_wrapped(group):
        with storing.connection.wrap_database_errors:
            write(group)

    return write_wrapped


def test_a_stop_that_comes_twice_at_once_is_heard_once():
    raw = body(message("+4915155500001", text="START"))

    with transaction.atomic():
        inbox.receive(raw, desk=connections.desk(), now=NOW)
        again = threading.Thread(target=lambda: at_the_same_time(lambda: post(raw)))
        again.start()
        wait_until_blocked()
    again.join()

    assert InboxEntry.objects.get().state == InboxEntry.State.APPLIED
