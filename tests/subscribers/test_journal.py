"""The journal on disk: what a line promises, and what is never in it."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest

from subscribers.journal import CONSENT, KEEP_FOR, SENDS, Journal
from tests.factories import NOW

GENERATION = uuid4()


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal", key=b"key")
    journal.set_generation(GENERATION)
    return journal


def note(journal, *, broadcast=7, number=1, now=NOW):
    journal.note_sends(broadcast, [(number, uuid4())], now=now)


def broadcasts(journal):
    return [line["broadcast"] for line in journal.lines(SENDS)]


def segments(journal):
    return sorted(journal.folder.glob("*.log"))


def test_a_group_of_sends_is_one_line(journal):
    token = uuid4()
    journal.note_sends(7, [(1, token), (2, uuid4())], now=NOW)

    (line,) = journal.lines(SENDS)
    assert (line["broadcast"], line["deliveries"], line["tokens"][0]) == (7, [1, 2], token.hex)
    assert line["at"] == NOW.isoformat()


def test_only_the_owner_may_read_it(journal):
    note(journal)

    modes = [path.stat().st_mode & 0o777 for path in journal.folder.iterdir()]
    assert modes == [0o600, 0o600]


def test_a_subscriber_is_a_hash_that_needs_the_key(journal, tmp_path):
    subscriber_id = uuid4()
    journal.note_consent(subscriber_id, {"kind": "withdrawn"}, now=NOW)

    (line,) = journal.lines(CONSENT)
    assert line["subject"] == journal.subject(subscriber_id)
    assert line["subject"] != Journal(tmp_path, key=b"another").subject(subscriber_id)
    assert str(subscriber_id) not in segments(journal)[0].read_text()
    assert subscriber_id.hex not in segments(journal)[0].read_text()


def test_a_torn_last_line_counts_for_nothing(journal):
    note(journal, broadcast=1)
    with segments(journal)[0].open("ab") as file:
        file.write(b'{"broadcast":2')

    assert broadcasts(journal) == [1]
    assert [line["broadcast"] for line in journal.last_lines(SENDS, GENERATION)] == [1]


def test_the_last_line_of_each_segment_speaks_for_those_before_it(journal):
    for broadcast in (1, 2):
        note(journal, broadcast=broadcast)
    note(Journal(journal.folder, key=b"key"), broadcast=3)

    last = sorted(line["broadcast"] for line in journal.last_lines(SENDS, GENERATION))
    assert last == [2, 3]


def test_a_new_history_has_segments_of_its_own(journal):
    note(journal, broadcast=1)
    later = uuid4()
    journal.set_generation(later)
    note(journal, broadcast=2)

    assert [line["broadcast"] for line in journal.last_lines(SENDS, later)] == [2]
    assert sorted(broadcasts(journal)) == [1, 2]


def test_every_day_has_a_segment_of_its_own_and_old_ones_are_forgotten(journal):
    for day in range(3):
        note(journal, broadcast=day, now=NOW + timedelta(days=day))

    journal.purge(now=NOW + KEEP_FOR + timedelta(days=1))

    assert broadcasts(journal) == [1, 2]


def test_a_process_that_was_forked_writes_to_a_segment_of_its_own(journal, monkeypatch):
    note(journal, broadcast=1)

    monkeypatch.setattr(os, "getpid", lambda: -1)
    note(journal, broadcast=2)

    assert len(segments(journal)) == 2
    assert sorted(broadcasts(journal)) == [1, 2]


def test_a_folder_never_used_before_belongs_to_no_history(tmp_path):
    journal = Journal(tmp_path / "new", key=b"key")

    assert journal.generation() is None
    assert list(journal.lines(SENDS)) == []


def test_behind_a_line_that_failed_nothing_is_written(journal):
    note(journal, broadcast=1)
    descriptor = journal._segments[SENDS].descriptor
    with open(os.devnull, "rb") as unwritable:
        os.dup2(unwritable.fileno(), descriptor)

    with pytest.raises(OSError, match="Bad file descriptor"):
        note(journal, broadcast=2)
    note(journal, broadcast=3)

    assert len(segments(journal)) == 2
    assert sorted(broadcasts(journal)) == [1, 3]


def test_trying_it_out_leaves_nothing_behind(journal):
    journal.try_out()

    assert [path.name for path in journal.folder.iterdir()] == ["generation"]
