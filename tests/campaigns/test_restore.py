"""A backup is put back: it is noticed, and nothing is sent."""

import shutil

import pytest

from campaigns import restore, stopping, tasks
from campaigns.models import Broadcast, Channel
from campaigns.reasons import StopReason
from campaigns.sending import start
from campaigns.states import BroadcastState
from tests.campaigns.backups import (
    SOON,
    copies,
    due,
    look,
    people,
    put_back,
    reason,
    release,
    send,
    states,
)
from tests.campaigns.console import refused
from tests.factories import NOW, SubscriberFactory

__all__ = ["people", "put_back"]

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("people", "templates"),
]


def test_a_system_whose_database_knows_everything_is_sound(own_journal, sender):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    send(broadcast, sender)

    assert restore.is_sound(own_journal, now=SOON)
    assert not look(own_journal).is_held
    assert not release(own_journal).is_held


def test_after_a_restore_nothing_is_sent(own_journal, put_back, sender, simulator):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    with put_back():
        send(broadcast, sender)

    tasks.tick()
    tasks.pump(broadcast_id=broadcast.pk)
    tasks.answer()

    assert reason() == StopReason.RESTORE_HOLD
    assert copies(simulator) == [1] * 5
    assert states() == ["queued"] * 5


def test_a_click_does_not_release_what_has_to_be_reconciled(own_journal, put_back, sender):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    with put_back():
        send(broadcast, sender)
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    assert not restore.is_sound(own_journal, now=NOW)
    assert stopping.release_channel(now=NOW)
    assert not restore.is_sound(own_journal, now=NOW)
    assert not stopping.release_channel(now=NOW)


def test_a_journal_that_is_gone_is_missed(own_journal, sender):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    send(broadcast, sender)
    shutil.rmtree(own_journal.folder)

    assert not restore.is_sound(own_journal, now=SOON)

    report = release(own_journal)
    assert (report.is_journal_missing, report.is_complete) == (True, False)
    assert restore.is_sound(own_journal, now=SOON)


def test_an_empty_database_beside_an_old_journal_is_held(own_journal, sender):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    send(broadcast, sender)
    Channel.objects.update(generation=None)

    assert not restore.is_sound(own_journal, now=SOON)


def test_a_backup_older_than_the_last_reconciliation_is_noticed(own_journal, put_back, sender):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    with put_back():
        with put_back():
            send(broadcast, sender)
        release(own_journal)
        assert restore.is_sound(own_journal, now=SOON)

    assert not restore.is_sound(own_journal, now=SOON)
    assert release(own_journal).sends_restored == 5


def test_a_line_that_cannot_be_read_needs_a_human(own_journal, sender):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    send(broadcast, sender)
    (segment,) = own_journal.folder.glob("sends-*")
    segment.write_bytes(b"no json\n")

    report = look(own_journal)

    assert (report.is_held, report.unreadable, report.is_complete) == (True, 1, False)


def test_without_its_journal_nothing_is_sent_and_nothing_is_in_doubt(
    own_journal, sender, simulator
):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    own_journal.folder.joinpath("generation").unlink()
    own_journal.folder.rmdir()
    own_journal.folder.write_bytes(b"where a folder should be")

    send(broadcast, sender)

    assert (reason(), states()) == (StopReason.JOURNAL, ["queued"] * 5)
    assert copies(simulator) == []


def test_a_journal_that_cannot_be_read_stops_the_tick(own_journal, sender, simulator):
    broadcast = due()
    own_journal.folder.joinpath("generation").unlink()
    own_journal.folder.rmdir()
    own_journal.folder.write_bytes(b"where a folder should be")

    tasks.tick()

    assert reason() == StopReason.JOURNAL
    assert Broadcast.objects.get(pk=broadcast.pk).state == BroadcastState.SCHEDULED


def test_the_kill_switch_command_does_not_release_a_restored_database(own_journal, put_back):
    with put_back():
        SubscriberFactory(joined_at=NOW)
    restore.is_sound(own_journal, now=NOW)

    refused("kill-switch", "off", because="“manage.py reconcile”")
