"""The folder of the spool: what it takes, what it refuses, and what it says about itself."""

from datetime import timedelta

import pytest

from campaigns import spool as module
from campaigns.spool import AFTERGLOW, DRAFT, Spool, SpoolFull, Waiting
from tests.factories import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "deep" / "spool")


def add(spool, content=b"sealed", *, now=NOW):
    spool.add(content, body_hash=b"\x01" * 32, now=now)


def test_what_was_kept_is_there_with_its_time_and_its_hash(spool):
    add(spool)

    (one,) = spool.kept()
    assert (one.read(), one.received_at, one.body_hash) == (b"sealed", NOW, b"\x01" * 32)


def test_a_spool_that_nobody_needed_is_empty(spool):
    assert list(spool.kept()) == []
    assert spool.waiting(late_before=NOW) == Waiting(bodies=0, late=0, unreadable=0)


def test_it_counts_what_waits_what_is_late_and_what_is_damaged(spool):
    for age in (0, 1, 2):
        add(spool, now=NOW - age * SECOND)
    next(iter(spool.kept())).set_aside()

    assert spool.waiting(late_before=NOW) == Waiting(bodies=2, late=1, unreadable=1)


def test_it_never_holds_more_bytes_than_agreed(spool, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    add(spool)

    with pytest.raises(SpoolFull):
        add(spool)


def test_it_never_holds_more_files_than_agreed(spool, monkeypatch):
    monkeypatch.setattr(module, "MAX_FILES", 1)
    add(spool)

    with pytest.raises(SpoolFull):
        add(spool)


def test_a_folder_that_cannot_be_written_is_as_good_as_full(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(SpoolFull):
        add(Spool(tmp_path / "file"))


def test_a_body_that_another_process_has_brought_in_is_no_trouble(spool):
    add(spool)
    (one,) = spool.kept()
    one.finish(now=NOW)

    assert one.read() is None
    one.finish(now=NOW)
    one.set_aside()


def test_of_a_body_that_was_brought_in_nothing_is_left_but_its_name(spool):
    add(spool)
    next(spool.kept()).finish(now=NOW)

    (path,) = spool.folder.iterdir()
    assert (path.stat().st_size, list(spool.kept()), spool.is_waiting()) == (0, [], True)
    spool.tidy(now=NOW + AFTERGLOW)
    assert spool.is_waiting()
    spool.tidy(now=NOW + AFTERGLOW + SECOND)
    assert not spool.is_waiting()


def test_a_draft_does_not_count_as_waiting(spool):
    add(spool)
    (path,) = spool.folder.iterdir()
    path.rename(path.with_name(path.name + DRAFT))

    assert not spool.is_waiting()


def test_trying_it_out_leaves_nothing_behind(spool):
    spool.try_out()

    assert list(spool.folder.iterdir()) == []


def test_a_folder_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    assert not Spool(tmp_path / "file").waiting(late_before=NOW).is_readable
