"""The list of the erased: a file that survives what happens to databases and machines."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from subscribers.forgotten import KEEP, ErasureList
from tests.factories import NOW


@pytest.fixture
def erasures(tmp_path):
    return ErasureList(tmp_path / "journal")


def test_what_was_added_is_read_again_by_another_process(erasures):
    refs = [uuid4(), uuid4()]
    erasures.add(refs, at=NOW)

    assert ErasureList(erasures.folder).refs(now=NOW) == dict.fromkeys(refs, NOW)


def test_a_list_that_was_never_written_is_empty(erasures):
    assert erasures.refs(now=NOW) == {}


def test_a_line_that_the_power_cut_off_hides_no_other(erasures):
    ref = uuid4()
    erasures.add([ref], at=NOW)
    (file,) = erasures.folder.iterdir()
    with file.open("a") as torn:
        torn.write("0f1e2d3c-")

    assert erasures.refs(now=NOW).keys() == {ref}


def test_nobody_else_may_read_it(erasures):
    erasures.add([uuid4()], at=NOW)
    (file,) = erasures.folder.iterdir()

    assert file.stat().st_mode & 0o077 == 0
    assert erasures.folder.stat().st_mode & 0o077 == 0


def test_two_writers_never_mix_their_lines(erasures):
    refs = [uuid4() for _ in range(200)]
    halves = refs[:100], refs[100:]

    def write(half):
        for ref in half:
            erasures.add([ref], at=NOW)

    threads = [threading.Thread(target=write, args=[half]) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert erasures.refs(now=NOW).keys() == set(refs)


def test_files_are_dropped_when_no_backup_can_know_their_people(erasures):
    erasures.add([uuid4()], at=NOW)

    too_early = erasures.drop_old(now=NOW + KEEP)
    in_time = erasures.drop_old(now=NOW + KEEP + timedelta(days=62))

    assert (too_early, in_time) == (0, 1)
    assert list(erasures.folder.iterdir()) == []
