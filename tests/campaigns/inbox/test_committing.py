"""Threads that share a commit: nobody hears “stored” early, nobody is forgotten."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, OperationalError

from campaigns.inbox.committing import GroupCommit
from tests.subscribers.racing import until


class Disk:
    """Writes when it is allowed to, and remembers what it was given."""

    def __init__(self, *, trouble=None):
        self.groups = []
        self.trouble = trouble
        self.is_free = threading.Event()

    def write(self, items):
        self.groups.append(list(items))
        assert self.is_free.wait(30)
        if self.trouble:
            raise self.trouble


def crowd(disk, *, writers=1, size=5):
    """Let one write and the others wait behind it; return their futures once they all stand."""
    group = GroupCommit(disk.write, writers=writers)
    pool = ThreadPoolExecutor(size)
    first = [pool.submit(group.store, number) for number in range(writers)]
    until(lambda: len(disk.groups) == writers)
    rest = [pool.submit(group.store, number) for number in range(writers, size)]
    until(lambda: len(group._line) == size - writers)
    pool.shutdown(wait=False)
    return [*first, *rest]


def test_alone_nobody_waits():
    disk = Disk()
    disk.is_free.set()
    group = GroupCommit(disk.write, writers=1)

    group.store("first")
    group.store("second")

    assert disk.groups == [["first"], ["second"]]


def test_who_comes_during_a_write_is_written_together_with_the_others():
    disk = Disk()
    waiting = crowd(disk)
    assert not any(one.done() for one in waiting)

    disk.is_free.set()

    assert [one.result(30) for one in waiting] == [None] * 5
    assert sorted(map(len, disk.groups)) == [1, 4]


@pytest.mark.parametrize("writers", [1, 2, 3])
def test_everything_is_written_exactly_once(writers):
    disk = Disk()
    disk.is_free.set()
    group = GroupCommit(disk.write, writers=writers)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(group.store, range(500)))

    assert sorted(itertools.chain(*disk.groups)) == list(range(500))


def test_trouble_is_told_to_everybody_for_whom_it_was_written():
    disk = Disk(trouble=IntegrityError())
    waiting = crowd(disk)

    disk.is_free.set()

    assert [type(one.exception(30)) for one in waiting] == [IntegrityError] * 5


def test_after_trouble_the_next_one_writes_again():
    disk = Disk(trouble=OperationalError())
    disk.is_free.set()
    group = GroupCommit(disk.write, writers=1)
    with pytest.raises(OperationalError):
        group.store("lost")

    disk.trouble = None
    group.store("kept")

    assert disk.groups == [["lost"], ["kept"]]


def test_a_writer_that_dies_lets_nobody_believe_it_was_stored():
    disk = Disk(trouble=SystemExit())
    waiting = crowd(disk)

    disk.is_free.set()

    found = {type(one.exception(30)) for one in waiting}
    assert found == {SystemExit, OperationalError}
