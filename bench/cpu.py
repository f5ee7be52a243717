"""CPU time of processes, as the kernel counts it, and medians of several runs."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")  # per second
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a number of messages took: seconds of CPU and of the clock on the wall."""

    messages: int
    worker: float
    postgres: float
    wall: float

    @property
    def us(self) -> float:
        """Microseconds of CPU per message, worker and PostgreSQL together."""
        return 1e6 * (self.worker + self.postgres) / self.messages

    @property
    def rate(self) -> float:
        """Messages per second."""
        return self.messages / self.wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Measures a worker (this process, or `worker` and its children) and PostgreSQL."""

    postgres: int  # process id of the postmaster
    worker: int | None = None  # None: this process

    def measure(self, messages: int, work: Callable[[], object]) -> Cost:
        """Do the work once and say what it cost."""
        before, began = self._read(), time.perf_counter()
        work()
        wall, after = time.perf_counter() - began, self._read()
        return Cost(messages, after[0] - before[0], after[1] - before[1], wall)

    def _read(self) -> tuple[float, float]:
        worker = time.process_time() if self.worker is None else of_tree(self.worker)
        return worker, of_tree(self.postgres)


def of_tree(pid: int) -> float:
    """Seconds of CPU of a process, its children, and the children that it has seen end."""
    return sum(_seconds(each) for each in (pid, *_children(pid)))


def median(costs: list[Cost]) -> Cost:
    """The run whose cost per message is the median; an odd number of runs has one."""
    middle = statistics.median_high(cost.us for cost in costs)
    return next(cost for cost in costs if cost.us == middle)


def _children(pid: int) -> Iterator[int]:
    # Whatever ends while we look has been counted by its parent.
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in (PROC / str(pid) / "task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from _children(child)


def _seconds(pid: int) -> float:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except FileNotFoundError:  # ended just now: its parent has counted it
        return 0.0
    return sum(map(int, fields[11:15])) / TICK  # utime, stime, cutime, cstime
