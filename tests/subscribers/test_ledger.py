"""Every event gets a leaf from the database itself, and may be erased, but never unnoticed."""

from threading import Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from subscribers import bundle, consent
from subscribers.ledger import entries
from subscribers.models import ConsentEvent, LedgerLeaf
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, act, kinds

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

Kind = ConsentEvent.Kind


def leaves():
    """Every leaf, after the events of this test's transaction have got theirs."""
    connection.check_constraints()
    return list(LedgerLeaf.objects.order_by("seq"))


def withdraw(subscriber):
    return consent.withdraw(subscriber.pk, act=act(), now=NOW)


def delete(events, *, named_by=""):
    """Delete rows past `erase_events`, with the setting by which it identifies itself."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('swe_broadcast.erasure', %s, true)", [str(named_by)])
        ConsentEvent.objects.filter(pk__in=[event.pk for event in events]).delete()


def test_every_event_gets_the_leaf_that_the_vectors_describe():
    SubscriberFactory()
    SubscriberFactory()

    found = leaves()

    previous = entries.NO_LINK
    for seq, leaf in enumerate(found):
        event = ConsentEvent.objects.get(leaf=leaf)
        body, salt = event.body(), bytes(event.salt)
        hashed = entries.leaf_hash(seq, entries.commitment(body, salt=salt))
        previous = entries.link(previous, hashed)
        assert (leaf.seq, bytes(leaf.leaf_hash), bytes(leaf.link)) == (seq, hashed, previous)
    assert len(found) == ConsentEvent.objects.count() == 6


def test_no_two_events_share_a_salt():
    SubscriberFactory()

    salts = {bytes(salt) for salt in ConsentEvent.objects.values_list("salt", flat=True)}

    assert len(salts) == 3


def test_what_the_bundle_says_is_what_was_committed_to():
    subscriber = SubscriberFactory()
    withdraw(subscriber)
    leaves()

    for line in bundle.leaves():
        seal = entries.commitment(line["body"], salt=bytes.fromhex(line["salt"]))
        assert seal.hex() == line["commit"]


def test_an_event_without_seal_is_refused():
    unsealed = ConsentEvent(kind=Kind.REQUESTED, act="word", happened_at=NOW, recorded_at=NOW)

    with pytest.raises(DatabaseError, match="consent_event_sealed"):
        unsealed.save(force_insert=True)


def test_an_event_of_the_system_is_about_nobody():
    event = consent.record(Kind.ERASED, details={"leaves": []}, now=NOW)

    assert (event.subscriber_id, event.act, event.details) == (None, "system", {"leaves": []})


def test_erasing_leaves_the_leaves_and_a_record_of_which():
    leaver, other = SubscriberFactory(), SubscriberFactory()
    before = leaves()

    erased = consent.erase_events([leaver.pk], reason="retention", now=NOW)

    record = ConsentEvent.objects.get(kind=Kind.ERASED)
    assert erased == 3
    assert record.details == {"leaves": [0, 1, 2], "reason": "retention"}
    assert kinds(leaver) == []
    assert kinds(other) == ["requested", "notice_sent", "given"]
    assert leaves()[: len(before)] == before


def test_events_of_the_same_transaction_are_erased_with_the_others():
    leaver = SubscriberFactory()
    withdraw(leaver)

    assert consent.erase_events([leaver.pk], reason="asked", now=NOW) == 4
    assert leaves()[-1].seq == 4


def test_where_there_is_nothing_to_erase_nothing_is_recorded():
    assert consent.erase_events([uuid4()], reason="retention", now=NOW) == 0
    assert not ConsentEvent.objects.exists()


def test_nothing_is_erased_without_a_record():
    subscriber = SubscriberFactory()
    leaves()

    with pytest.raises(DatabaseError, match="append-only"):
        delete(subscriber.consent_events.all())


def test_a_record_covers_only_what_it_names():
    erased, other = SubscriberFactory(), SubscriberFactory()
    consent.erase_events([erased.pk], reason="retention", now=NOW)
    record = ConsentEvent.objects.get(kind=Kind.ERASED)

    with pytest.raises(DatabaseError, match="append-only"):
        delete(other.consent_events.all(), named_by=record.pk)


def test_another_kind_of_event_is_no_record_of_an_erasure():
    subscriber = SubscriberFactory()
    leaves()
    claim = consent.record(Kind.NOTICE_SENT, details={"leaves": [0, 1, 2]}, now=NOW)

    with pytest.raises(DatabaseError, match="append-only"):
        delete(subscriber.consent_events.all(), named_by=claim.pk)


def test_the_record_of_an_erasure_is_never_erased():
    consent.erase_events([SubscriberFactory().pk], reason="retention", now=NOW)
    leaves()
    record = ConsentEvent.objects.get(kind=Kind.ERASED)
    claim = consent.record(Kind.ERASED, details={"leaves": [record.leaf.seq]}, now=NOW)

    with pytest.raises(DatabaseError, match="append-only"):
        delete([record], named_by=claim.pk)


@pytest.mark.django_db(databases=BOTH_DATABASES, transaction=True)
def test_many_at_once_leave_no_gap_and_no_two_in_one_place():
    people = [SubscriberFactory() for _ in range(4)]
    before = LedgerLeaf.objects.count()

    def change_often(subscriber):
        for minutes in range(1, 6):
            notice = subscriber.notice
            consent.ask(subscriber.pk, notice=notice, act=act(minutes=minutes), now=NOW)
        connection.close()

    threads = [Thread(target=change_often, args=[subscriber]) for subscriber in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = list(LedgerLeaf.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(before + 20))


@pytest.mark.django_db(databases=BOTH_DATABASES, transaction=True)
def test_an_act_that_is_rolled_back_leaves_no_leaf():
    subscriber = SubscriberFactory()
    before = LedgerLeaf.objects.count()

    with transaction.atomic():
        withdraw(subscriber)
        transaction.set_rollback(True)

    assert LedgerLeaf.objects.count() == before


@pytest.mark.django_db(databases=BOTH_DATABASES, transaction=True)
def test_nobody_waits_for_a_conversation_that_is_still_going_on():
    slow, quick = SubscriberFactory(), SubscriberFactory()

    with transaction.atomic():
        withdraw(slow)  # written, not committed
        other = Thread(target=lambda: (withdraw(quick), connection.close()))
        other.start()
        other.join(timeout=30)
        overtook = not other.is_alive()
    other.join()

    assert overtook
    assert [leaf.event.subscriber_id for leaf in leaves()[-2:]] == [quick.pk, slow.pk]
