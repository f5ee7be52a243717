"""Starting a broadcast: its audience becomes rows, all of them or none."""

from datetime import datetime

from django.db import connection, transaction

from campaigns import preflight, waves
from campaigns.models import Broadcast, BroadcastEvent
from campaigns.states import BroadcastState
from subscribers import audience

BATCH_SIZE = 512  # deliveries: what one worker's death can leave in doubt, at the very most


def start(broadcast_id: int, *, now: datetime) -> bool:
    """Write the deliveries of a scheduled broadcast that is due; False if there is none.

    One transaction: whoever comes second finds it started. The audience is fixed here;
    consent and tier are asked again for every single send.
    """
    with transaction.atomic():
        due = Broadcast.objects.due(now).filter(pk=broadcast_id)
        if not due.move(BroadcastState.SENDING, started_at=now, planned=0):
            return False
        broadcast = Broadcast.objects.with_message().get(pk=broadcast_id)
        if preflight.problems(broadcast, now=now):
            transaction.set_rollback(True)  # stays scheduled, its page says why, ask again
            return False
        planned = _write_deliveries(broadcast, now=now)
        waves.hold(broadcast_id)
        Broadcast.objects.filter(pk=broadcast_id).update(planned=planned)
        what = BroadcastEvent.What.STARTED
        BroadcastEvent.objects.create(broadcast=broadcast, at=now, what=what)
    return True


def _write_deliveries(broadcast: Broadcast, *, now: datetime) -> int:
    """Insert one delivery per subscriber and one batch per BATCH_SIZE of them; count them."""
    people = audience.of(broadcast.message.category.tier).order_by().values("pk")
    people_sql, people_params = people.query.sql_with_params()
    with connection.cursor() as cursor:
        # Sorted by subscriber, so that the ids of a batch lie close together and the unique
        # index is filled in order.
        cursor.execute(
            f"""
            WITH written AS (
                INSERT INTO campaigns_delivery
                       (broadcast_id, subscriber_id, batch_number, state, reason, attempts)
                SELECT %s, person.id, (row_number() OVER (ORDER BY person.id) - 1) / %s,
                       'queued', '', 0
                  FROM ({people_sql}) AS person (id)
                 ORDER BY person.id
                    ON CONFLICT DO NOTHING
             RETURNING id, batch_number
            ), batches AS (
                INSERT INTO campaigns_batch
                       (broadcast_id, number, first_id, last_id, not_before, owner, is_finished)
                SELECT %s, batch_number, min(id), max(id), %s, '', false
                  FROM written
                 GROUP BY batch_number
            )
            SELECT count(*) FROM written
            """,  # noqa: S608 - the SQL of a QuerySet, its values passed as parameters
            [broadcast.pk, BATCH_SIZE, *people_params, broadcast.pk, now],
        )
        (planned,) = cursor.fetchone()
    return int(planned)
