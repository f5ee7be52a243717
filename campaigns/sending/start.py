"""Starting a broadcast: its audience becomes rows, all of them or none."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from campaigns import audiences, preflight, reports, waves
from campaigns.hours import SendingHours
from campaigns.models import Broadcast, BroadcastEvent
from campaigns.states import BroadcastState

BATCH_SIZE = 512  # deliveries: what one worker's death can leave in doubt, at the very most

PUNCTUAL = timedelta(minutes=5)  # what begins later than that says so in its diary


def start_due(*, hours: SendingHours, now: datetime) -> None:
    """Start what is due; what has become due in quiet hours stays scheduled until they end."""
    for broadcast in Broadcast.objects.due(now).select_related("message__category"):
        if broadcast.message.category.hours(hours).are_open(now):
            start(broadcast.pk, now=now)


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
        if preflight.problems(broadcast, now=now) or not audiences.is_known(broadcast):
            transaction.set_rollback(True)  # stays scheduled, its page says why, ask again
            return False
        _write_deliveries(broadcast, now=now)
        # Not only those just written: somebody may have moved a started broadcast back.
        planned = sum(reports.balance(broadcast_id).counts.values())
        waves.hold(broadcast_id)
        Broadcast.objects.filter(pk=broadcast_id).update(planned=planned)
        what, facts = BroadcastEvent.What.STARTED, _lateness(broadcast, now=now)
        BroadcastEvent.objects.create(broadcast=broadcast, at=now, what=what, facts=facts)
    return True


def _lateness(broadcast: Broadcast, *, now: datetime) -> dict[str, int]:
    assert broadcast.due_at is not None  # it was due
    late = now - broadcast.due_at
    return {"late": late // timedelta(minutes=1)} if late >= PUNCTUAL else {}


def _write_deliveries(broadcast: Broadcast, *, now: datetime) -> None:
    """Insert one delivery per subscriber and one batch per BATCH_SIZE of them."""
    people_sql, people_params = audiences.sql(broadcast)
    with connection.cursor() as cursor:
        # Sorted by subscriber, so that the ids of a batch lie close together and the unique
        # index is filled in order.
        cursor.execute(
            f"""
            WITH written AS (
                INSERT INTO campaigns_delivery
                       (broadcast_id, subscriber_id, batch_number, state, reason, attempts)
                SELECT %(broadcast)s, person.id,
                       (row_number() OVER (ORDER BY person.id) - 1) / %(size)s + (
                           SELECT coalesce(max(number) + 1, 0) FROM campaigns_batch
                            WHERE broadcast_id = %(broadcast)s
                       ),
                       'queued', '', 0
                  FROM ({people_sql}) AS person (id)
                 ORDER BY person.id
                    ON CONFLICT DO NOTHING
             RETURNING id, batch_number
            )
            INSERT INTO campaigns_batch
                   (broadcast_id, number, first_id, last_id, not_before, owner, is_finished)
            SELECT %(broadcast)s, batch_number, min(id), max(id), %(now)s, '', false
              FROM written
             GROUP BY batch_number
            """,  # noqa: S608 - the SQL of a QuerySet, its values passed as parameters
            {**people_params, "broadcast": broadcast.pk, "size": BATCH_SIZE, "now": now},
        )
