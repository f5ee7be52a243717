"""What leaves the ledger for others: no name, no number, and in forms that others read."""

import csv
import io
import json

import pytest
from django.db import connection

from subscribers import consent, evidence
from subscribers.ledger import tree
from subscribers.models import LedgerLeaf
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, act, kinds, tier

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE = "+4915112345678"
ORGANISATION = {
    "name": "Stadtwerke Beispiel",
    "dpo": "datenschutz@example.org",
    "authority": "TLfDI",
    "url": "https://desk.example/datenschutz/",
}
ORIGIN = "desk.example/ledger"


@pytest.fixture
def leaver():
    """Somebody who joined, changed the tier, and left."""
    subscriber = SubscriberFactory(phone=PHONE)
    consent.give(subscriber.pk, tier=tier("maxi"), act=act(minutes=1), now=NOW)
    consent.withdraw(subscriber.pk, act=act(minutes=2), now=NOW)
    connection.check_constraints()
    return subscriber


def rows():
    file = io.StringIO()
    written = evidence.write_csv(file)
    return written, list(csv.DictReader(io.StringIO(file.getvalue())))


def graph():
    file = io.StringIO()
    written = evidence.write_jsonld(file, organisation=ORGANISATION)
    return written, json.loads(file.getvalue())


def receipt(event):
    return evidence.receipt(event, organisation=ORGANISATION, origin=ORIGIN)


def test_a_table_has_a_line_for_every_event(leaver):
    written, table = rows()

    assert written == len(table) == 5
    assert [row["kind"] for row in table] == kinds(leaver)
    assert table[2]["tier"] == "mini"
    assert table[2]["notice"] == "de/1"


def test_erased_events_are_in_no_export(leaver):
    consent.erase_events([leaver.pk], reason="retention", now=NOW)
    connection.check_constraints()

    assert [row["kind"] for row in rows()[1]] == ["erasure_executed"]
    assert graph()[1]["@graph"] == []


def test_a_record_says_what_iso_27560_asks_for(leaver):
    written, document = graph()

    (record,) = document["@graph"]
    (process,) = record["dpv:hasProcess"]
    assert written == 1
    assert document["@context"]["dpv"] == "https://w3id.org/dpv#"
    assert record["dct:conformsTo"] == "dpv-27560:record-2"
    assert record["dpv:hasDataSubject"]["dpv:hasIdentifier"] == str(leaver.pk)
    assert record["dct:language"] == "DE"
    assert record["dpv:hasEntity"]["controller"]["dpv:hasName"] == "Stadtwerke Beispiel"
    assert process["dpv:hasLegalBasis"] == ["eu-gdpr:A6-1-a"]
    assert [status["@type"] for status in process["dpv:hasConsentStatus"]] == [
        ["dpv:ConsentRequested"],
        ["dpv:ConsentGiven"],
        ["dpv:ConsentGiven"],
        ["dpv:ConsentWithdrawn"],
    ]


def test_everybody_has_one_record(leaver):
    SubscriberFactory()
    connection.check_constraints()

    assert graph()[0] == 2


def test_a_receipt_can_be_read_by_whoever_holds_it(leaver):
    event = leaver.consent_events.get(kind="given")

    page = receipt(event)

    assert event.receipt_code in page
    assert "Stadtwerke Beispiel" in page
    assert "jederzeit mit dem Wort STOP" in page
    assert event.notice.notice in page
    assert event.notice_sha256 in page


def test_a_receipt_proves_its_place_in_the_ledger(leaver):
    event = leaver.consent_events.get(kind="given")
    hashes = [bytes(leaf.leaf_hash) for leaf in LedgerLeaf.objects.order_by("seq")]

    *_, heading, first, second, third = receipt(event).splitlines()

    assert heading.endswith(tree.root(hashes).hex())
    assert "Ereignis 2 von 5 im Nachweisbuch desk.example/ledger" in heading
    steps = [bytes.fromhex(step) for step in (first, second, third)]
    assert tree.is_included(hashes[2], 2, size=5, root=tree.root(hashes), proof=steps)


def test_a_receipt_speaks_the_language_of_its_notice():
    subscriber = SubscriberFactory(tier=None)
    consent.change_language(subscriber.pk, language="en")
    notice = type(subscriber.notice).objects.current("en")
    consent.ask(subscriber.pk, notice=notice, act=act(minutes=1), now=NOW)
    consent.notice_sent(subscriber.pk, notice=notice, now=NOW)
    event = consent.give(subscriber.pk, tier=tier("mini"), act=act(minutes=2), now=NOW)
    connection.check_constraints()

    assert "write STOP, at any time" in receipt(event)


def test_nothing_leads_to_a_person(leaver):
    pages = [receipt(event) for event in leaver.consent_events.exclude(receipt_code=None)]

    assert PHONE[1:] not in str([rows(), graph(), pages])
