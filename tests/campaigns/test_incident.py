"""Incident mode: evidence stays, the rest goes on, and everything fits into one file."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import accountability, dossier, housekeeping
from subscribers import access_log, consent, deletion_report, incidents, retention
from subscribers.consent import Act
from subscribers.models import AccessEvent, ConsentEvent, Incident, Subscriber
from tests.factories import BY_WORD, NOW, AttemptFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

DAY = timedelta(days=1)
RULES = housekeeping.rules(keeps_proof=True)


@pytest.fixture
def incident():
    return incidents.declare("Ein Laptop fehlt.", known_at=NOW, by="dpo", now=NOW)


def enforce(now):
    return retention.enforce(RULES, now=now)


def test_while_an_incident_is_open_no_evidence_is_deleted_and_then_it_is(incident):
    AttemptFactory(armed_at=NOW)
    access_log.note(AccessEvent.What.RECORD, user=None, now=NOW, ref="1")

    assert sum(enforce(NOW + 400 * DAY).values()) == 0
    assert retention.overdue(RULES, now=NOW + 400 * DAY) == {}

    incidents.end(incident, conclusion="Wieder da.", by="dpo", now=NOW + 400 * DAY)
    assert enforce(NOW + 400 * DAY)["attempts and hashes of message ids"] == 1
    assert not AccessEvent.objects.exists()


def test_whoever_leaves_meanwhile_is_forgotten_as_promised(incident):
    subscriber = SubscriberFactory()
    consent.withdraw(subscriber.pk, act=Act(by=BY_WORD, at=NOW), now=NOW)

    enforce(NOW + DAY)

    assert not Subscriber.objects.filter(pk=subscriber.pk).exists()


def test_the_nightly_report_and_the_officers_page_say_what_is_held(incident):
    AttemptFactory(armed_at=NOW - 30 * DAY)

    deletion_report.write_if_due(RULES, now=NOW + DAY)

    details = ConsentEvent.objects.get(kind=ConsentEvent.Kind.DELETIONS).details
    held = {one["class"] for one in details["classes"] if one.get("held") == "incident"}
    assert "attempts and hashes of message ids" in held
    assert "identifier after withdrawal" not in held
    shown = accountability.deletions(RULES, now=NOW)
    assert {one.rule.name for one in shown if one.is_held} == held


def test_there_is_one_incident_at_a_time(incident):
    with pytest.raises(incidents.AlreadyOpen):
        incidents.declare("Noch einer.", known_at=NOW, by="it", now=NOW)


def test_an_incident_does_not_end_without_a_reason(incident):
    with pytest.raises(IntegrityError, match="incident_ended_with_reason"), transaction.atomic():
        Incident.objects.update(ended_at=NOW)


def test_the_evidence_has_a_hash_of_everything_and_names_no_subscriber(incident):
    SubscriberFactory(phone="+4915112345678")
    access_log.note(AccessEvent.What.RECORD, user=None, now=NOW, ref="1", reason="Anfrage")
    incidents.note(incident, "Netz getrennt.", by="it", now=NOW)

    content, digest = dossier.write(incident, origin="test/ledger", now=NOW + DAY)

    assert digest == hashlib.sha256(content).hexdigest()
    archive = zipfile.ZipFile(io.BytesIO(content))
    lines = archive.read("SHA256SUMS").decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums.keys() | {"SHA256SUMS"} == set(archive.namelist())
    for name, expected in sums.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == expected
        assert b"15112345678" not in archive.read(name)
    assert json.loads(archive.read("access-log.jsonl"))["reason"] == "Anfrage"
    assert json.loads(archive.read("incident.json"))["steps"][0]["words"] == "Netz getrennt."
    assert b'"end": true' in archive.read("ledger.jsonl")


def test_the_same_evidence_has_the_same_hash(incident):
    first = dossier.write(incident, origin="test/ledger", now=NOW + DAY)

    assert dossier.write(incident, origin="test/ledger", now=NOW + DAY) == first
