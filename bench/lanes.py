"""How soon the first urgent message reaches Meta while a large broadcast runs.

From the start of the urgent broadcast (its audience is written, then a worker is told) to the
arrival of its first message. Each lane has a worker process of its own, as in production.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import people
from bench.hand import Hand
from bench.world import Meta
from campaigns import connections as ours
from campaigns import sending
from campaigns.models import Broadcast, Category
from campaigns.pace import KEY, TURNS_KEY
from subscribers.models import Tier
from tests.factories import NOW

BULK, URGENT = 100_000, 1_000  # recipients
REACHABLE = 10_000  # of them; more never get their turn
RATE = 80.0  # messages per second: Meta's default
LONGEST = 4.0  # seconds that one measurement takes
URGENT_FOR = 2.0  # seconds that an urgent broadcast is sent
A_WHILE = 0.5  # seconds between two of them


def prepare() -> int:
    """Gather people and start a large broadcast; return its id."""
    people.gather(BULK, reachable=REACHABLE)
    people.promote(URGENT)
    Category.objects.filter(slug="eilmeldung").update(tier=Tier.objects.get(slug="maxi"))
    return people.started().pk


def lasting(runs: int) -> float:
    """For how many seconds the large broadcast must run, so that all runs fall into it."""
    return runs * LONGEST + 4 * A_WHILE


@contextmanager
def running(hand: Hand, broadcast: int, *, seconds: float) -> Iterator[None]:
    """Let a worker be busy with the large broadcast meanwhile."""
    ours.broker().delete(KEY, TURNS_KEY)
    hand.tell("pump", broadcast=broadcast, rate=RATE, seconds=seconds)
    time.sleep(2 * A_WHILE)
    yield
    assert hand.heard()["sent"]


def first_urgent(hand: Hand, meta: Meta) -> float:
    """Start an urgent broadcast; return the seconds until its first message has arrived."""
    time.sleep(A_WHILE)
    broadcast: Broadcast = people.scheduled("eilmeldung")
    meta.arrivals()
    began = time.monotonic()
    assert sending.start(broadcast.pk, now=NOW)
    hand.tell("pump", broadcast=broadcast.pk, rate=RATE, seconds=URGENT_FOR).heard()
    return min(at for at, is_urgent in meta.arrivals() if is_urgent) - began
