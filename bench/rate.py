"""How much two sender processes reach together at one broadcast, and whose CPU that takes."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench import people
from bench.cpu import TICK, Cost, of_tree
from bench.hand import Hand
from bench.world import Meta
from campaigns import reports

MESSAGES = 12_000
A_DAY = 86_400.0  # seconds


WHOSE = {
    "senders": "two senders",
    "postgres": "PostgreSQL",
    "meta": "stand-in for Meta",
    "machine": f"everything on this machine, of {os.cpu_count()}",
}


@dataclass(frozen=True, slots=True)
class Share:
    """What a run cost, and cores in use meanwhile (seconds of CPU per second)."""

    cost: Cost
    senders: float
    postgres: float
    meta: float  # our stand-in for it
    machine: float  # everything on this machine, of `cores`


def reached(team: list[Hand], meta: Meta, *, postgres: int) -> Share:
    """Let the team send one broadcast as fast as it can."""
    people.gather(MESSAGES, reachable=MESSAGES)
    broadcast = people.started().pk
    before, began = _read(team, meta, postgres), time.perf_counter()
    for hand in team:
        hand.tell("pump", broadcast=broadcast, rate=people.UNLIMITED, seconds=A_DAY)
    for hand in team:
        hand.heard()
    wall, after = time.perf_counter() - began, _read(team, meta, postgres)
    assert reports.balance(broadcast).accepted == MESSAGES
    senders, database, stand_in, machine = (
        new - old for new, old in zip(after, before, strict=True)
    )
    cost = Cost(MESSAGES, senders, database, wall)
    return Share(cost, senders / wall, database / wall, stand_in / wall, machine / wall)


def _read(team: list[Hand], meta: Meta, postgres: int) -> tuple[float, float, float, float]:
    return sum(hand.cpu for hand in team), of_tree(postgres), of_tree(meta.pid), _machine()


def _machine() -> float:
    """Seconds in which the processors of this machine were busy, whoever kept them so."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / TICK
