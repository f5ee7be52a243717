"""What a message costs among a million recipients, against one among ten thousand.

Two databases on one server, each with a worker of its own, and the two take turns: whatever
else the machine does meets both.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.db import connection

from bench import people
from bench.cpu import Cost, of_tree
from bench.hand import Hand, hands
from bench.rate import A_DAY
from bench.world import Meta, Place
from campaigns.sending.start import BATCH_SIZE

MANY, FEW = 1_000_000, 10_000
BATCHES = 2  # sent in a turn
MOST_TURNS = FEW // (BATCHES * BATCH_SIZE)


@dataclass(frozen=True, slots=True)
class Town:
    """A database with one broadcast in it, and its worker."""

    hand: Hand
    broadcast: int

    def send(self, turn: int, *, postgres: int) -> tuple[Cost, int]:
        """Send the batches of a turn; what that cost, and the worker's memory in kB."""
        first = turn * BATCHES
        self.hand.tell("leave", first=first, last=first + BATCHES - 1).heard()
        before = of_tree(postgres)
        self.hand.tell("pump", broadcast=self.broadcast, rate=people.UNLIMITED, seconds=A_DAY)
        found = self.hand.heard()
        assert found["sent"] == BATCHES * BATCH_SIZE
        cost = Cost(found["sent"], found["cpu"], of_tree(postgres) - before, found["wall"])
        return cost, found["memory_kb"]


@contextmanager
def towns(meta: Meta, place: Place) -> Iterator[tuple[Town, Town]]:
    """Make both, the small one first."""
    with ExitStack() as ends:
        found = []
        for name, number in (("few", FEW), ("many", MANY)):
            env = databases(name, place)
            (hand,) = ends.enter_context(hands(1, meta, env=env))
            reachable = MOST_TURNS * BATCHES * BATCH_SIZE
            found.append(
                Town(
                    hand,
                    hand.tell("prepare", number=number, reachable=reachable).heard()["broadcast"],
                )
            )
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        few, many = found
        yield few, many


def databases(name: str, place: Place) -> dict[str, str]:
    """Make the databases of another installation; return the environment that names them."""
    env = {"DATABASE_URL": f"bench_{name}", "KEYS_DATABASE_URL": f"bench_{name}_keys"}
    with connection.cursor() as cursor:
        for database in env.values():
            cursor.execute(f"CREATE DATABASE {database}")
    return {variable: place.database_url(database) for variable, database in env.items()}
