"""The doctor tries everything live, and says of each thing whether it works."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from campaigns import connections, doctor, stopping, tasks
from campaigns.models import Category, Channel, Heartbeat, InboxEntry, MessageTemplate
from campaigns.reasons import StopReason
from campaigns.spool import Spool
from subscribers import checkpoints
from subscribers.models import Anchor, LedgerCheck
from subscribers.vault import KeyRing
from tests.factories import SubscriberFactory
from tests.whatsapp import server as web
from tests.whatsapp.examples import make_client
from tests.whatsapp.server import free_port

CLOCK = timezone.now

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def patient(simulator, approved_templates):
    """An installation in which everything works."""
    now = CLOCK()
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=now) for name in tasks.QUEUES)
    return doctor.Patient(
        client=connections.cloud_client(),
        broker=connections.broker(),
        vault=connections.vault,
        workers=tasks.QUEUES,
        spool=connections.spool(),
        clock=CLOCK,
    )


def findings(patient):
    return {one.name: one for one in doctor.examine(patient)}


def ailing(patient):
    """What is wrong, by name."""
    return {name: one.words for name, one in findings(patient).items() if not one.is_well}


def test_everything_an_installation_needs_is_tried(patient):
    assert set(findings(patient)) == {
        "settings",
        "spool",
        "journal",
        "database default",
        "database keys",
        "clock",
        "broker",
        "vault",
        "texts",
        "WhatsApp number",
        "WhatsApp webhook",
        "WhatsApp account",
        "papers",
        "templates",
        "deletions",
        "workers",
        "duties",
        "inbox",
        "ledger",
        "disks",
        "sending",
    }


def test_a_sound_installation_has_nothing_wrong(patient):
    assert ailing(patient) == {}


def test_without_its_schema_there_is_no_use_in_going_on(patient):
    (newest,) = MigrationLoader(connection).graph.leaf_nodes("campaigns")
    MigrationRecorder(connection).record_unapplied(*newest)

    found = findings(patient)

    assert "1 migrations to apply" in found["database default"].words
    assert list(found) == ["settings", "spool", "journal", "database default"]


def test_a_clock_that_is_wrong_is_found_out(patient):
    slow = replace(patient, clock=lambda: CLOCK() - timedelta(seconds=30))

    assert list(ailing(slow)) == ["clock"]


def test_a_broker_that_is_not_there_is_found_out(patient, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}"
    connections.forget()

    assert "does not answer" in ailing(replace(patient, broker=connections.broker()))["broker"]


def test_a_malformed_key_is_found_out(patient):
    broken = replace(patient, vault=lambda: KeyRing.parse("first:too short"))

    assert list(ailing(broken)) == ["vault"]


def test_without_categories_nothing_can_be_written(patient):
    Category.objects.all().delete()

    assert ailing(patient)["texts"].startswith("0 categories")


def test_a_whatsapp_that_is_not_there_is_found_out(patient):
    with make_client(f"http://127.0.0.1:{free_port()}") as client:
        assert list(ailing(replace(patient, client=client))) == ["WhatsApp"]


def test_a_whatsapp_that_tells_us_nothing_is_found_out(patient):
    with web.Server() as meta, make_client(meta.url) as client:
        meta.reply(
            web.json_answer(200, {"status": "CONNECTED"}),
            web.json_answer(200, {"data": []}),
            web.json_answer(200, {"storage_configuration": {"status": "NO_STORAGE_ENABLED"}}),
            web.json_answer(200, {"id": "222"}),
        )

        found = ailing(replace(patient, client=client))

    assert found == {"WhatsApp webhook": "not subscribed: Meta sends us nothing"}


@pytest.mark.parametrize(("can_send", "is_well"), [("LIMITED", True), ("BLOCKED", False)])
def test_a_number_that_may_not_send_is_found_out(patient, can_send, is_well):
    number = {"status": "CONNECTED", "health_status": {"can_send_message": can_send}}
    with web.Server() as meta, make_client(meta.url) as client:
        meta.reply(web.json_answer(200, number), web.json_answer(200, {"data": [{}]}))

        found = findings(replace(patient, client=client))

    assert found["WhatsApp number"].is_well is is_well


def test_a_wrong_token_is_found_out(patient, simulator):
    simulator.add_fault("refuse", endpoint="account", code=190)

    assert "190" in ailing(patient)["WhatsApp"]


def test_a_template_that_is_still_in_use_must_be_approved(patient):
    MessageTemplate.objects.filter(name__in=["neues", "bilder"]).update(status="REJECTED")
    Category.objects.filter(slug="bilder").update(is_archived=True)

    assert ailing(patient)["templates"].startswith("not approved: neues;")


def test_a_silent_worker_is_named(patient):
    Heartbeat.objects.filter(name="inbound").delete()

    assert ailing(patient) == {"workers": "silent: inbound"}


def test_a_webhook_that_could_not_be_applied_is_found(patient):
    now = CLOCK()
    InboxEntry.objects.create(
        body_hash=b"1" * 32, received_at=now, not_before=now, state=InboxEntry.State.QUARANTINED
    )

    assert ailing(patient) == {"inbox": "0 late, 1 could not be applied: `webhooks retry`"}


def test_a_ledger_that_does_not_verify_is_found_out(patient):
    LedgerCheck.objects.create(
        checked_at=CLOCK(), size=1, erased=0, checkpoints=0, findings=[{"what": "body", "where": 0}]
    )

    assert ailing(patient) == {"ledger": "does not verify: see `consent verify`"}


def test_a_ledger_that_nobody_verifies_is_found_out(patient):
    SubscriberFactory(joined_at=CLOCK() - timedelta(days=2))
    connection.check_constraints()

    assert ailing(patient) == {"ledger": "not verified for more than a day: see worker `ops`"}


def test_checkpoints_that_do_not_arrive_are_found_out(patient):
    checkpoint = checkpoints.take(signer=connections.ledger_signer(), now=CLOCK())
    tried_at = CLOCK() - timedelta(hours=4)
    Anchor.objects.create(checkpoint=checkpoint, place="mail 1", tried_at=tried_at, is_sent=False)

    assert ailing(patient) == {"ledger": "checkpoints do not arrive at: mail 1"}


def test_webhooks_that_stay_on_disk_are_found(patient, settings, tmp_path):
    settings.SPOOL_DIR = tmp_path
    connections.forget()
    spool = connections.spool()
    spool.add(b"sealed", body_hash=b"1" * 32, now=CLOCK() - timedelta(hours=1))

    found = ailing(replace(patient, spool=spool))

    assert found == {"spool": "1 webhooks on disk, 1 late, 0 damaged"}


def test_a_disk_that_cannot_be_written_is_found(patient, tmp_path):
    (tmp_path / "file").write_bytes(b"")

    found = ailing(replace(patient, spool=Spool(tmp_path / "file")))

    assert found == {"spool": "cannot be written: File exists", "disks": "full: spool"}


def test_a_stop_is_named_with_its_reason(patient):
    stopping.stop_channel(StopReason.ACCOUNT, now=CLOCK())

    assert ailing(patient) == {"sending": "stopped: account"}


def test_no_finding_names_a_number_or_a_secret(patient, settings):
    words = " ".join(one.words for one in findings(patient).values())

    secrets = [settings.WHATSAPP_ACCESS_TOKEN, settings.INDEX_KEY, settings.SECRET_KEY]
    assert not [secret for secret in secrets if secret in words]


def test_an_account_that_breaks_a_promise_is_found_out(patient, simulator):
    simulator.change_settings(storage_region="US")

    assert ailing(patient) == {
        "WhatsApp account": "Messages rest at Meta outside the European Union."
    }


def test_the_papers_that_are_missing_are_named(patient):
    Channel.objects.update(is_real=True)

    found = findings(patient)["papers"]

    assert not found.is_well
    assert found.words.endswith("notice, contracts, assessment, agreement")
