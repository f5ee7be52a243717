"""Starting a broadcast to a million, against the bare INSERT ... SELECT."""

from django.db import connection

from bench import people
from bench.cpu import Cost, Meter
from campaigns import sending
from campaigns.models import Delivery
from tests.factories import NOW

MANY = 1_000_000


def compared(*, postgres: int) -> tuple[Cost, Cost]:
    """Start a broadcast to everybody there is; then write the same rows bare."""
    broadcast, meter = people.scheduled(), Meter(postgres=postgres)
    ours = meter.measure(MANY, lambda: sending.start(broadcast.pk, now=NOW))
    assert Delivery.objects.filter(broadcast=broadcast.pk).count() == MANY
    _forget()
    bare = meter.measure(MANY, _insert)
    _forget()
    return ours, bare


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
