"""Starting a broadcast to a million, against the bare INSERT ... SELECT; and its far end."""

import resource
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.db import connection

from bench import people
from bench.cpu import Cost, Meter, median
from campaigns import reports, sending
from campaigns.models import Delivery
from campaigns.sending.start import BATCH_SIZE
from tests.factories import NOW

MANY, FEW = 1_000_000, 10_000
BATCHES = 3  # a run; five runs are nearly ten thousand
SENT = BATCHES * BATCH_SIZE


def compared(*, postgres: int) -> tuple[Cost, Cost]:
    """Start a broadcast to everybody there is; then write the same rows bare."""
    broadcast, meter = people.scheduled(), Meter(postgres=postgres)
    ours = meter.measure(MANY, lambda: sending.start(broadcast.pk, now=NOW))
    assert Delivery.objects.filter(broadcast=broadcast.pk).count() == MANY
    _forget()
    bare = meter.measure(MANY, _insert)
    _forget()
    return ours, bare


def pumped(number: int, url: str, *, ca: Path, postgres: int, runs: int) -> tuple[Cost, int]:
    """Send SENT messages a run of one broadcast to `number`; also the memory then in use, in kB."""
    people.gather(number, reachable=SENT * runs)
    broadcast, sender = people.started(), people.sender(url, ca=ca)
    meter, costs = Meter(postgres=postgres), []
    with sender.client:
        for run in range(runs):
            with connection.cursor() as cursor:  # leave the batches of this run
                cursor.execute(
                    "UPDATE campaigns_batch SET is_finished = (number / %s <> %s)", [BATCHES, run]
                )
            until = NOW + timedelta(days=1)
            work = partial(sending.pump, broadcast.pk, sender=sender, until=until)
            costs.append(meter.measure(SENT, work))
    assert reports.balance(broadcast.pk).accepted == SENT * runs
    return median(costs), _memory()


def _insert() -> None:
    """The least that a start must do: a row for everybody, with its indexes and constraints."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_delivery
                   (broadcast_id, subscriber_id, batch_number, state, reason, attempts)
            SELECT 1, id, 0, 'queued', '', 0 FROM subscribers_subscriber
             WHERE state = 'active' AND tier_id = 'mini'
            """
        )


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE campaigns_delivery, campaigns_batch, campaigns_tally")
        cursor.execute("CHECKPOINT")  # each begins with nothing to be written by the other


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024
