"""What the tests of servers and processes share."""

from contextlib import ExitStack

import pytest

from tests.swe_broadcast.witness import eventually, processes_of, python


@pytest.fixture
def start():
    """Start Python like witness.python(); whatever still runs is terminated in the end."""
    with ExitStack() as held:

        def begin(*arguments, **variables):
            process = held.enter_context(python(*arguments, **variables))
            held.callback(process.terminate)
            return process

        yield begin


@pytest.fixture
def folder(tmp_path):
    """A folder to work in; afterwards nobody may be left there."""
    yield tmp_path
    eventually(lambda: not processes_of(tmp_path))
