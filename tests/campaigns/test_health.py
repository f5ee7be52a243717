"""Is everything well: each thing that needs a human makes the answer no."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from campaigns import connections, health, stopping
from campaigns.models import Heartbeat, InboxEntry, Reply
from campaigns.reasons import StopReason
from campaigns.spool import Spool
from campaigns.states import DeliveryState
from subscribers import checkpoints
from subscribers.models import Anchor, DeletionReport, LedgerCheck
from tests.factories import NOW, BroadcastFactory, DeliveryFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

WORKERS = ("inbound", "ops")
NO_SPOOL = Spool(Path("/nonexistent"))
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _workers_at_work():
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=NOW) for name in WORKERS)


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path)


def state(now=NOW, *, spool=NO_SPOOL):
    return health.state(WORKERS, spool=spool, now=now)


def body(*, age, **facts):
    """A webhook body that came so long ago."""
    InboxEntry.objects.create(
        body_hash=b"1" * 32, received_at=NOW - age, not_before=NOW - age, **facts
    )


def test_a_system_with_nothing_to_do_is_well():
    assert state().is_well
    assert state().silent == ()


@pytest.mark.parametrize(("age", "silent"), [(59, ()), (60, WORKERS), (3600, WORKERS)])
def test_a_worker_that_did_nothing_for_a_minute_is_silent(age, silent):
    later = state(NOW + timedelta(seconds=age))

    assert (later.silent, later.is_well) == (silent, not silent)


def test_a_worker_that_was_never_heard_of_is_silent():
    Heartbeat.objects.filter(name="ops").delete()

    assert state().silent == ("ops",)


def test_while_nothing_may_be_sent_it_is_not_well():
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    assert state().stop_reason == StopReason.KILL_SWITCH
    assert not state().is_well


@pytest.mark.parametrize(
    ("broadcast", "number"), [("paused", "paused"), ("pausing", "paused"), ("missed", "missed")]
)
def test_a_broadcast_that_stands_still_needs_a_human(broadcast, number):
    BroadcastFactory(state=broadcast)

    assert getattr(state(), number) == 1
    assert not state().is_well


@pytest.mark.parametrize("broadcast", ["draft", "scheduled", "sending", "done", "cancelled"])
def test_a_broadcast_that_takes_its_course_needs_nobody(broadcast):
    BroadcastFactory(state=broadcast)

    assert state().is_well


@pytest.mark.parametrize(
    ("delivery", "open_deliveries", "in_doubt"),
    [
        (DeliveryState.QUEUED, 1, 0),
        (DeliveryState.ARMED, 1, 0),
        (DeliveryState.IN_DOUBT, 0, 1),
        (DeliveryState.SENT, 0, 0),
    ],
)
def test_deliveries_are_counted_but_are_no_trouble(delivery, open_deliveries, in_doubt):
    DeliveryFactory(state=delivery)

    now = state()

    assert (now.open_deliveries, now.in_doubt) == (open_deliveries, in_doubt)
    assert now.is_well


@pytest.mark.parametrize(
    ("facts", "late"),
    [
        ({"age": 2 * MINUTE + SECOND}, 1),
        ({"age": 2 * MINUTE}, 0),
        ({"age": 3 * MINUTE, "tries": 1}, 0),  # looked at; its delivery is still unknown
        ({"age": 3 * MINUTE, "state": "applied"}, 0),
    ],
)
def test_a_webhook_that_nobody_looks_at_is_late(facts, late):
    body(**facts)

    assert state().inbox_late == late
    assert state().is_well is not bool(late)


def test_a_webhook_that_could_not_be_applied_needs_a_human():
    body(age=SECOND, state=InboxEntry.State.QUARANTINED)

    assert state().inbox_quarantined == 1
    assert not state().is_well


def test_messages_that_we_do_not_know_are_counted():
    body(age=SECOND, state=InboxEntry.State.APPLIED, unmatched=3)

    assert state().inbox_unmatched == 3


def test_a_ledger_that_does_not_verify_needs_a_human():
    LedgerCheck.objects.create(
        checked_at=NOW, size=1, erased=0, checkpoints=0, findings=[{"what": "cut", "where": 2}]
    )

    assert state().ledger_broken
    assert not state().is_well


def test_a_night_without_verification_needs_a_human():
    SubscriberFactory(joined_at=NOW - timedelta(hours=27))
    connection.check_constraints()

    assert state().ledger_unverified
    assert not state().is_well


def test_checkpoints_that_do_not_arrive_need_a_human():
    checkpoint = checkpoints.take(signer=connections.ledger_signer(), now=NOW)
    tried_at = NOW - timedelta(hours=3)
    Anchor.objects.create(checkpoint=checkpoint, place="folder", tried_at=tried_at, is_sent=False)

    assert state().anchors_late == ("folder",)
    assert not state().is_well


@pytest.mark.parametrize(("age", "late"), [(2 * MINUTE, 0), (2 * MINUTE + SECOND, 1)])
def test_a_webhook_that_stays_on_disk_is_late(spool, age, late):
    spool.add(b"sealed", body_hash=b"1" * 32, now=NOW - age)

    now = state(spool=spool)

    assert (now.spooled, now.spool_late, now.is_well) == (1, late, not late)


def test_a_damaged_webhook_on_disk_needs_a_human(spool):
    spool.add(b"sealed", body_hash=b"1" * 32, now=NOW)
    next(spool.kept()).set_aside()

    assert state(spool=spool).spool_unreadable == 1
    assert not state(spool=spool).is_well


def test_a_disk_without_room_needs_a_human():
    full = Spool(Path("/proc/spool"))  # a file system that takes nothing

    assert (state(spool=full).full_disks, state(spool=full).is_well) == (("spool",), False)


@pytest.mark.parametrize(("reply", "waiting"), [("queued", 1), ("armed", 1), ("accepted", 0)])
def test_replies_that_wait_are_counted(reply, waiting):
    Reply.objects.create(
        subscriber=SubscriberFactory(), purpose="help", state=reply, not_before=NOW, created_at=NOW
    )

    assert state().replies_waiting == waiting


def test_a_night_without_a_report_on_deletions_needs_a_human():
    day = NOW.date()
    DeletionReport.objects.create(day=day, written_at=NOW, overdue=0)
    Heartbeat.objects.create(name=Heartbeat.RETENTION, at=NOW)

    assert not state(NOW + MINUTE).deletions_silent
    assert state(NOW + 31 * 60 * MINUTE).deletions_silent


def test_a_sweep_of_retention_that_has_stopped_needs_a_human():
    Heartbeat.objects.create(name=Heartbeat.RETENTION, at=NOW)

    assert not state(NOW + 59 * MINUTE).deletions_silent
    assert state(NOW + 61 * MINUTE).deletions_silent


def test_what_is_older_than_promised_needs_a_human():
    DeletionReport.objects.create(day=NOW.date(), written_at=NOW, overdue=3)

    assert state().deletions_overdue == 3
    assert not state().is_well
