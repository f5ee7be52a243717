"""What a message costs in a broadcast to a million, against one in a broadcast to ten thousand.

Two databases on one server, each with a worker of its own, and the two take turns: whatever
else the machine does meets both. The million is sent to its end, a slice in each turn; the ten
thousand are gathered anew for each. Somebody else gathers, so that a worker's memory is its own.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice

from django.db import connection

from bench import people
from bench.cpu import Cost, of_tree
from bench.hand import Hand, hands
from bench.rate import A_DAY
from bench.world import Meta, Place
from campaigns.sending.start import BATCH_SIZE

MANY, FEW = 1_000_000, 10_000
SLICE = -(-100_000 // BATCH_SIZE)  # batches
SLICES = -(-MANY // (SLICE * BATCH_SIZE))


@dataclass(frozen=True, slots=True)
class Turn:
    """What was sent: what it cost, and the worker's memory afterwards, in kB."""

    cost: Cost
    memory: int


@dataclass(frozen=True, slots=True)
class Town:
    """A database, its worker, and who gathers people in it."""

    builder: Hand
    worker: Hand
    postgres: int  # process id of the postmaster

    def gather(self, number: int) -> int:
        """Gather so many people, all of them with an address; start a broadcast to them."""
        found = self.builder.tell("prepare", number=number, reachable=number).heard()
        return int(found["broadcast"])

    def leave(self, first: int, last: int) -> None:
        """Let only these batches be unfinished."""
        self.builder.tell("leave", first=first, last=last).heard()

    def send(self, broadcast: int, *, all_of: int) -> Turn:
        """Send what is unfinished."""
        before = of_tree(self.postgres)
        pump = {"broadcast": broadcast, "rate": people.UNLIMITED, "seconds": A_DAY}
        found = self.worker.tell("pump", **pump).heard()
        # On a machine that is much too busy armed messages grow old, and go back to the queue.
        assert found["sent"] == all_of, found
        postgres = of_tree(self.postgres) - before
        cost = Cost(found["sent"], found["cpu"], postgres, found["wall"])
        return Turn(cost, found["memory_kb"])


def turns(meta: Meta, place: Place, *, most: int) -> Iterator[tuple[Turn, Turn]]:
    """Send to few and to many, in turns: slice by slice of the million, but at most so many."""
    with town("few", meta, place) as few, town("many", meta, place) as many:
        large, left = many.gather(MANY), MANY
        for first in islice(range(0, SLICES * SLICE, SLICE), most):
            small = few.gather(FEW)
            many.leave(first, first + SLICE - 1)
            with connection.cursor() as cursor:
                cursor.execute("CHECKPOINT")
            slice_of_it = min(left, SLICE * BATCH_SIZE)
            yield few.send(small, all_of=FEW), many.send(large, all_of=slice_of_it)
            left -= slice_of_it


@contextmanager
def town(name: str, meta: Meta, place: Place) -> Iterator[Town]:
    """Make one."""
    with ExitStack() as ends:
        env = databases(name, place)
        builder, worker = ends.enter_context(hands(2, meta, env=env))
        yield Town(builder, worker, place.postgres)


def databases(name: str, place: Place) -> dict[str, str]:
    """Make the databases of another installation; return the environment that names them."""
    env = {"DATABASE_URL": f"bench_{name}", "KEYS_DATABASE_URL": f"bench_{name}_keys"}
    with connection.cursor() as cursor:
        for database in env.values():
            cursor.execute(f"CREATE DATABASE {database}")
    return {variable: place.database_url(database) for variable, database in env.items()}
