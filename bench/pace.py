"""How exactly the pace keeps its rate: several processes send as fast as they may.

What counts is when messages arrive at the stand-in for Meta, from all processes together. They
send without a database, so that the pace is the limit and not the machine.
"""

from dataclasses import dataclass

from bench.hand import Hand
from bench.world import Meta
from campaigns import connections as ours
from campaigns.pace import KEY, TURNS_KEY

PROCESSES = 4
RATES = (80.0, 1000.0)  # messages per second: Meta's default, and its highest
SECONDS = 8.0  # of sending, in each run
EDGE = 1.0  # seconds at the beginning and at the end that are not the mean's


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What arrived, in percent of the rate."""

    mean: float
    most: float  # in any window of one second


def accuracy(team: list[Hand], meta: Meta, *, rate: float) -> Accuracy:
    """Let the team send at a rate, and look at what arrives."""
    ours.broker().delete(KEY, TURNS_KEY)
    meta.arrivals()
    for hand in team:
        hand.tell("carry", rate=rate, seconds=SECONDS)
    for hand in team:
        hand.heard()
    times = sorted(at for at, _ in meta.arrivals())
    begin, end = times[0] + EDGE, times[-1] - EDGE
    within = sum(begin <= at < end for at in times)
    most = most_in_a_second(times)
    return Accuracy(100 * within / (end - begin) / rate, 100 * most / rate)


def most_in_a_second(times: list[float]) -> int:
    """Return the most that any half-open window of one second contains; `times` sorted."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
