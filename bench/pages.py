"""Every page of the desk after ten years, against the same page after a month.

Two databases on one server, each with a worker of its own, and the two take turns: whatever
else the machine does meets both. What is counted is CPU time, worker and PostgreSQL together.
"""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.db import connection

from bench.cpu import Cost, of_tree
from bench.far import databases
from bench.hand import Hand, hands
from bench.world import Meta, Place

MANY, FEW = 100_000, 100  # messages; deliveries are ten times as many
TIMES = 5  # a page is opened in a turn: the kernel counts PostgreSQL in hundredths of a second


@dataclass(frozen=True, slots=True)
class Desk:
    """A database, and a worker that opens its pages."""

    hand: Hand

    def open(self, name: str, *, postgres: int) -> Cost:
        """Open a page some times; what that cost."""
        before = of_tree(postgres)
        found = self.hand.tell("open", name=name, times=TIMES).heard()
        return Cost(TIMES, found["cpu"], of_tree(postgres) - before, found["wall"])


@dataclass(frozen=True, slots=True)
class Compared:
    """A page in both, its costs in turns."""

    name: str
    few: Sequence[Cost]
    many: Sequence[Cost]

    @property
    def ratio(self) -> float:
        """The median of how much dearer it was among many than beside it among few."""
        pairs = zip(self.few, self.many, strict=True)
        return statistics.median(many.us / few.us for few, many in pairs)


@contextmanager
def desks(meta: Meta, place: Place) -> Iterator[tuple[Desk, Desk]]:
    """Furnish both, the small one first."""
    with ExitStack() as ends:
        found = []
        for name, rows in (("month", FEW), ("decade", MANY)):
            (hand,) = ends.enter_context(hands(1, meta, env=databases(name, place)))
            hand.tell("furnish", rows=rows).heard()
            found.append(Desk(hand))
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        few, many = found
        yield few, many


def compared(name: str, both: tuple[Desk, Desk], *, runs: int, postgres: int) -> Compared:
    """Open a page in turns here and there."""
    pairs = [[desk.open(name, postgres=postgres) for desk in both] for _ in range(runs)]
    few, many = ([pair[i] for pair in pairs] for i in (0, 1))
    return Compared(name, few, many)
