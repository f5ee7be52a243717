"""Checkpoints are signed as the ledger grows, and sent to where we cannot reach them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from campaigns import connections
from subscribers import bundle, checkpoints
from subscribers.checkpoints import Folder, Mailbox
from subscribers.ledger import tree
from subscribers.models import Anchor, Checkpoint, LedgerLeaf
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES
from verifier.verify_ledger import check, find_notes

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DPO = Mailbox("mail 1", "datenschutz@example.org")


class Unreachable:
    """A place that takes nothing, and remembers how often it was asked."""

    name = "mail 2"

    def __init__(self):
        self.asked = 0

    def send(self, checkpoint):
        self.asked += 1
        raise OSError


@pytest.fixture
def signer():
    return connections.ledger_signer()


def grow():
    """Let somebody join: three more leaves."""
    SubscriberFactory()
    connection.check_constraints()


def take_if_due(signer, *, after=timedelta()):
    return checkpoints.take_if_due(signer=signer, now=NOW + after)


def test_an_empty_ledger_has_nothing_to_sign(signer):
    assert take_if_due(signer) is None


def test_the_first_event_is_signed_at_once(signer):
    grow()

    checkpoint = take_if_due(signer)

    hashes = [bytes(leaf.leaf_hash) for leaf in LedgerLeaf.objects.order_by("seq")]
    (note,) = find_notes(checkpoint.note)
    assert (note.size, note.root) == (3, tree.root(hashes))


@pytest.mark.parametrize(("minutes", "is_signed"), [(59, False), (60, True)])
def test_what_is_new_is_signed_once_an_hour(signer, minutes, is_signed):
    grow()
    take_if_due(signer)
    grow()

    assert bool(take_if_due(signer, after=minutes * MINUTE)) is is_signed


def test_what_is_not_new_is_not_signed_again(signer):
    grow()
    take_if_due(signer)

    assert take_if_due(signer, after=3 * HOUR) is None


def test_every_day_ends_with_a_checkpoint_even_if_nothing_happened(signer):
    grow()
    take_if_due(signer)

    assert take_if_due(signer, after=15 * HOUR).size == 3  # 1:00 in Berlin


def test_each_checkpoint_goes_on_from_the_one_before(signer):
    for hours in range(4):
        grow()
        take_if_due(signer, after=hours * HOUR)

    keys = connections.ledger_keys()
    report = check(bundle.leaves(), keys=keys, anchors=bundle.checkpoints())
    assert (report.exit_code, report.anchors, report.covered) == (0, 4, 12)


def test_a_mailbox_gets_the_note_in_words_that_ask_to_keep_it(signer):
    grow()
    take_if_due(signer)

    checkpoints.anchor([DPO], now=NOW)

    (sent,) = mail.outbox
    (note,) = find_notes(sent.body)
    assert (sent.to, note.size) == ([DPO.address], 3)
    assert connections.ledger_keys()[0].has_signed(note)
    assert "Bitte heben Sie diese E-Mail auf" in sent.body


def test_a_checkpoint_is_mailed_once(signer):
    grow()
    take_if_due(signer)

    for minutes in range(3):
        checkpoints.anchor([DPO], now=NOW + minutes * MINUTE)

    assert len(mail.outbox) == 1


def test_a_folder_gets_a_file_for_each(signer, tmp_path):
    grow()
    checkpoint = take_if_due(signer)

    checkpoints.anchor([Folder("folder", tmp_path / "anchors")], now=NOW)

    (file,) = (tmp_path / "anchors").iterdir()
    assert file.name == "2026-11-23-100000-3.txt"
    assert file.read_text() == checkpoint.note


def test_one_place_that_cannot_be_reached_does_not_keep_the_others_waiting(signer):
    grow()
    take_if_due(signer)

    checkpoints.anchor([Unreachable(), DPO], now=NOW)

    assert len(mail.outbox) == 1
    assert set(Anchor.objects.values_list("place", "is_sent")) == {
        ("mail 1", True),
        ("mail 2", False),
    }


@pytest.mark.parametrize(("minutes", "asked"), [(9, 1), (10, 2)])
def test_an_unreachable_place_is_tried_again_after_ten_minutes(signer, minutes, asked):
    place = Unreachable()
    grow()
    take_if_due(signer)

    for after in (0, minutes):
        checkpoints.anchor([place], now=NOW + after * MINUTE)

    assert place.asked == asked


def test_without_a_checkpoint_there_is_nothing_to_send():
    checkpoints.anchor([DPO], now=NOW)

    assert mail.outbox == []


@pytest.mark.parametrize(
    ("tries", "late"),
    [
        ([(0, False)], ["mail 1"]),
        ([(0, True)], []),
        ([(0, False), (1, True)], []),
        ([(0, True), (1, False)], []),  # for two hours only
        ([(-30, False)], []),  # a place of the past
    ],
)
def test_a_place_is_late_when_it_could_not_be_reached_for_hours(signer, tries, late):
    grow()
    checkpoint = take_if_due(signer)
    for hours, is_sent in tries:
        Anchor.objects.create(
            checkpoint=checkpoint, place="mail 1", tried_at=NOW + hours * HOUR, is_sent=is_sent
        )

    assert checkpoints.late_places(now=NOW + 3 * HOUR) == late


def test_no_row_knows_an_address(signer):
    grow()
    take_if_due(signer)
    checkpoints.anchor([DPO], now=NOW)

    rows = [*Anchor.objects.values(), *Checkpoint.objects.values()]

    assert DPO.address not in str(rows)
