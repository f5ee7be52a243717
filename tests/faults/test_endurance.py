"""One worker for a long time: whether it grows, and whether anything goes wrong late.

Minutes instead of a day: what leaks, leaks with each message and each shift.
"""

from contextlib import suppress

import pytest

from campaigns import failpoints, reports
from campaigns.failpoints import Struck
from tests.faults import invariants, processes
from tests.faults.test_moments import OF_A_PUMP

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.thorough,
]

PEOPLE = 100
WARM = 6  # broadcasts until everything is imported, compiled and connected
BROADCASTS = 24
GROWTH = 1.1  # of its size once it is warm


def test_a_worker_does_not_grow_and_late_broadcasts_are_as_right_as_early_ones(town):
    """F37."""
    town.settle_down(PEOPLE)
    sizes = []

    with processes.started(town, "soak") as worker:
        for number in range(BROADCASTS):
            if number:
                town.plan().turn_the_page()
            town.start(people=0, batches=5)
            with failpoints.at(f"{town.dice.choice(OF_A_PUMP)}:raise"), suppress(Struck):
                town.pump("unlucky")
            while reports.balance(town.broadcast.pk).open:
                sizes.append(shift(worker, town))
                town.hear()
                town.sweep()
            assert town.states()["accepted"] + town.states()["in_doubt"] == PEOPLE
            invariants.check(town)

    assert sizes[-1] <= GROWTH * sizes[WARM]


def shift(worker, town):
    """Let the worker work at the present broadcast; return its size in kB afterwards."""
    worker.stdin.write(f"{town.broadcast.pk} {town.now.isoformat()}\n")
    worker.stdin.flush()
    return int(worker.stdout.readline())
