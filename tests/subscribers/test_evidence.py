"""What leaves the ledger for others: no name, no number, and in forms that others read."""

import csv
import io
import json

import pytest
from django.db import connection

from subscribers import consent, evidence
from subscribers.ledger import tree
from subscribers.models import LedgerLeaf, Processor
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, act, kinds, tier

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE = "+4915112345678"
ORGANISATION = {
    "name": "Stadtwerke Beispiel",
    "address": "Werkstraße 1, 99084 Erfurt",
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


def graph(*, keeps_proof=True):
    file = io.StringIO()
    written = evidence.write_jsonld(
        file, organisation=ORGANISATION, keeps_proof=keeps_proof, on=NOW.date()
    )
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


def of_type(entries, kind):
    return [entry for entry in entries if f"dpv:{kind}" in entry["@type"]]


# Every mandatory field of ISO/IEC TS 27560, and where the W3C group's profile puts it.
HEADER = {
    "schema version": lambda record: record["dct:conformsTo"],
    "record id": lambda record: record["dpv:hasIdentifier"],
    "pii principal id": lambda record: record["dpv:hasDataSubject"]["dpv:hasIdentifier"],
    "language": lambda record: record["dct:language"],
}
PROCESSING = {
    "privacy notice": lambda process: process["dpv:hasNotice"]["@id"],
    "purpose": lambda process: process["dpv:hasPurpose"][0]["skos:prefLabel"],
    "lawful basis": lambda process: process["dpv:hasLegalBasis"],
    "pii information": lambda process: process["dpv:hasPersonalData"],
    "pii controllers": lambda process: process["dpv:hasDataController"],
    "storage locations": lambda process: of_type(
        process["dpv:hasStorageCondition"], "StorageLocation"
    ),
    "retention period": lambda process: of_type(
        process["dpv:hasStorageCondition"], "StorageDuration"
    ),
    "jurisdiction": lambda process: process["dpv:hasJurisdiction"],
    "recipient third parties": lambda process: process["dpv:hasRecipient"],
    "withdrawal method": lambda process: process["dpv:hasConsentControl"][0]["dct:description"],
    "authority party": lambda process: process["dpv:hasAuthority"],
}
PARTY = {
    "party id": "dpv:hasIdentifier",
    "party address": "dpv:hasAddress",
    "party name": "dpv:hasName",
    "party contact": "dpv:hasContact",
    "party type": "@type",
}
EVENT = {
    "event time": "dct:date",
    "validity duration": "dct:valid",
    "entity id": "dpv:isImplementedByEntity",
    "event type": "dpv:hasLegalBasis",
    "event state": "@type",
}


@pytest.fixture
def record(leaver):
    (record,) = graph()[1]["@graph"]
    return record


@pytest.mark.parametrize("field", HEADER)
def test_every_mandatory_field_of_the_header_is_there(record, field):
    assert HEADER[field](record)


@pytest.mark.parametrize("field", PROCESSING)
def test_every_mandatory_field_of_the_processing_is_there(record, field):
    (process,) = record["dpv:hasProcess"]

    assert PROCESSING[field](process)


def test_every_kind_of_data_has_a_type(record):
    (process,) = record["dpv:hasProcess"]

    assert all(data["skos:broader"] for data in process["dpv:hasPersonalData"])


@pytest.mark.parametrize("field", PARTY)
def test_every_mandatory_field_of_controller_and_recipients_is_there(record, field):
    parties = record["dpv:hasEntity"]
    named = {*record["dpv:hasProcess"][0]["dpv:hasRecipient"], "controller"}

    assert {name for name in named if parties[name][PARTY[field]]} == named


@pytest.mark.parametrize("field", EVENT)
def test_every_mandatory_field_of_an_event_is_there(record, field):
    statuses = record["dpv:hasProcess"][0]["dpv:hasConsentStatus"]

    assert len(statuses) == 4
    assert all(status[EVENT[field]] for status in statuses)


def test_meta_in_the_usa_is_among_the_recipients(record):
    parties = record["dpv:hasEntity"].values()

    named = {(party["dpv:hasName"], party.get("dpv:hasAddress")) for party in parties}
    assert ("WhatsApp Ireland Limited", "Irland") in named
    assert ("Meta Platforms, Inc.", "USA") in named


def test_a_processor_of_the_register_is_a_recipient_until_its_contract_ends(leaver):
    host = {"name": "Rechenzentrum", "role": "processor", "duty": "Betrieb", "country": "DE"}
    Processor.objects.create(**host)
    Processor.objects.create(**host | {"name": "Vorgänger"}, ended_on=NOW.date())

    parties = graph()[1]["@graph"][0]["dpv:hasEntity"].values()

    names = {party["dpv:hasName"] for party in parties}
    assert "Rechenzentrum" in names
    assert "Vorgänger" not in names


@pytest.mark.parametrize(
    ("keeps_proof", "kept"),
    [
        (True, "3 full calendar years after the end of the subscription, sealed"),
        (False, "24 hours after the identifier; no proof is kept"),
    ],
)
def test_the_retention_of_the_proof_is_that_of_the_mode(leaver, keeps_proof, kept):
    (record,) = graph(keeps_proof=keeps_proof)[1]["@graph"]

    conditions = record["dpv:hasProcess"][0]["dpv:hasStorageCondition"]
    spans = {each["skos:prefLabel"]: each for each in of_type(conditions, "StorageDuration")}
    assert spans["proof of the consent"]["dpv:hasDuration"]["rdf:value"] == kept


def test_without_an_address_the_controller_is_found_at_its_notice(leaver, monkeypatch):
    monkeypatch.setitem(ORGANISATION, "address", "")

    (record,) = graph()[1]["@graph"]

    assert record["dpv:hasEntity"]["controller"]["dpv:hasAddress"] == ORGANISATION["url"]


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
