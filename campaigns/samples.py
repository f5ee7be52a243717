"""Samples: how far every running broadcast is, noted by each tick, dropped when it is closed."""

from datetime import datetime

from django.db import connection

from campaigns.models import Sample
from campaigns.states import RUNNING, TAKEN


def sweep(*, now: datetime) -> None:
    """Note how far everything is that runs, in one statement; drop what is closed."""
    Sample.objects.filter(broadcast__closed_at__isnull=False).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_sample (broadcast_id, at, accepted)
            SELECT broadcast.id, %(now)s,
                   coalesce(sum(tally.n) FILTER (WHERE tally.state = ANY(%(taken)s)), 0)
              FROM campaigns_broadcast AS broadcast
              JOIN campaigns_tally AS tally ON tally.broadcast_id = broadcast.id
             WHERE broadcast.state = ANY(%(running)s) AND broadcast.closed_at IS NULL
             GROUP BY broadcast.id
                ON CONFLICT DO NOTHING
            """,
            {"now": now, "taken": sorted(TAKEN), "running": sorted(RUNNING)},
        )


def of(broadcast_id: int) -> list[tuple[datetime, int]]:
    """Return when a broadcast was looked at, and how many were accepted then, the oldest first."""
    rows = Sample.objects.filter(broadcast=broadcast_id).order_by("at")
    return list(rows.values_list("at", "accepted"))
