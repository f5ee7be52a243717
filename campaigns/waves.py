"""Waves: a broadcast to more people than Meta's daily limit allows leaves part by part.

While a limit is in force, a broadcast starts with all its batches held. Every tick lets go
of as many people as there is room for, whoever is urgent first, and leaves the last tenth of
the limit to urgent notices alone; people who cost nothing of
the limit are never held back. The rest waits, and its `not_before` says when it probably goes
on. A delivery stays one row, whatever batch it is in: nobody gets anything twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min

from campaigns import allowance
from campaigns.hours import SendingHours
from campaigns.models import Batch, Broadcast, BroadcastEvent, Category, Delivery
from campaigns.states import BroadcastState, DeliveryState

BATCH_SIZE = 256  # deliveries, as when a broadcast starts
LOCK = 0x57617665  # PostgreSQL's advisory locks are numbers; two ticks must not share out twice


@dataclass(frozen=True, slots=True)
class Held:
    """The part of a broadcast that waits for the limit, and from when on it may leave."""

    people: int
    from_: datetime


def hold(broadcast_id: int) -> None:
    """Let a broadcast that is just being started wait for release(), if there is a limit."""
    if allowance.limit() is not None:
        Batch.objects.filter(broadcast=broadcast_id).update(is_held=True)


def release(*, hours: SendingHours, now: datetime) -> None:
    """Let go of as many people as the limit allows, and say when the rest follows."""
    waiting = Broadcast.objects.filter(
        state=BroadcastState.SENDING, pk__in=Batch.objects.held().values("broadcast")
    ).select_related("message__category")
    urgent_first = sorted(
        waiting.order_by("started_at", "pk"),
        key=lambda one: one.message.category.lane != Category.Lane.URGENT,
    )
    for broadcast in urgent_first:
        _release(broadcast, hours=hours, now=now)


def held(broadcast_id: int) -> Held | None:
    """Return what of a broadcast waits for the limit; None if nothing does."""
    batches = Batch.objects.held().filter(broadcast=broadcast_id)
    from_ = batches.aggregate(first=Min("not_before"))["first"]
    people = _waiting_by_tally(broadcast_id) if from_ else 0
    return Held(people=people, from_=from_) if from_ and people else None


@transaction.atomic
def _release(broadcast: Broadcast, *, hours: SendingHours, now: datetime) -> None:
    if not _only_one():
        return
    batches = Batch.objects.held().filter(broadcast=broadcast.pk)
    allowed = allowance.limit_of(broadcast.message.category)
    if allowed is None:
        batches.update(is_held=False, not_before=now)
        return
    used = allowance.use(now=now)
    chosen = _choose(broadcast.pk, room=max(0, allowed - used.people), now=now)
    if len(chosen) == _waiting(broadcast.pk):
        batches.update(is_held=False, not_before=now)
        return
    if chosen:
        _let_go(broadcast.pk, chosen, now=now)
        _note(broadcast.pk, len(chosen), now=now)
    next_at = used.less_at or now + allowance.DAY
    next_at = broadcast.message.category.hours(hours).next_open(next_at)
    batches.update(not_before=next_at)
    _keep_useful(broadcast, next_at)


def _only_one() -> bool:
    """Tell whether nobody else shares out the limit until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (is_ours,) = cursor.fetchone()
    return bool(is_ours)


def _waiting(broadcast_id: int) -> int:
    numbers = Batch.objects.held().filter(broadcast=broadcast_id).values("number")
    rows = Delivery.objects.filter(broadcast=broadcast_id, state=DeliveryState.QUEUED)
    return rows.filter(batch_number__in=numbers).count()


def _waiting_by_tally(broadcast_id: int) -> int:
    """The same number, as cheap as a page needs it that asks every two seconds.

    All that is queued, less what is in batches that were let go: those are few, and none once
    they are sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(n), 0) - (
                       SELECT count(*) FROM campaigns_batch AS batch
                       CROSS JOIN LATERAL (
                           SELECT FROM campaigns_delivery AS delivery
                            WHERE delivery.id BETWEEN batch.first_id AND batch.last_id
                              AND delivery.broadcast_id = batch.broadcast_id
                              AND delivery.batch_number = batch.number
                              AND delivery.state = 'queued'
                            OFFSET 0 -- by its range of ids, never the whole broadcast
                       ) AS let_go
                        WHERE batch.broadcast_id = %(id)s
                          AND NOT batch.is_finished AND NOT batch.is_held)
              FROM campaigns_tally WHERE broadcast_id = %(id)s AND state = 'queued'
            """,
            {"id": broadcast_id},
        )
        (people,) = cursor.fetchone()
    return int(people)


def _choose(broadcast_id: int, *, room: int, now: datetime) -> list[int]:
    """Return the held deliveries to whoever costs nothing, and `room` others, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {allowance.COUNTED}, waiting AS (
                SELECT person.delivery_id, {allowance.IS_FREE} AS is_free
                  FROM campaigns_batch AS batch
                  JOIN (
                      SELECT id AS delivery_id, subscriber_id AS id, batch_number
                        FROM campaigns_delivery
                       WHERE broadcast_id = %(broadcast)s AND state = 'queued'
                  ) AS person ON person.batch_number = batch.number
                 WHERE batch.broadcast_id = %(broadcast)s
                   AND batch.is_held AND NOT batch.is_finished
            )
            SELECT delivery_id FROM waiting WHERE is_free
             UNION ALL
            (SELECT delivery_id FROM waiting WHERE NOT is_free
              ORDER BY delivery_id LIMIT %(room)s)
             ORDER BY delivery_id
            """,  # noqa: S608 - put together from constants
            allowance.parameters(now) | {"broadcast": broadcast_id, "room": room},
        )
        return [delivery_id for (delivery_id,) in cursor.fetchall()]


def _let_go(broadcast_id: int, ids: list[int], *, now: datetime) -> None:
    """Move these deliveries to batches that may be claimed at once."""
    # A worker that puts deliveries back numbers batches, too: one number each.
    Broadcast.objects.select_for_update(no_key=True).only("pk").get(pk=broadcast_id)
    rows = Batch.objects.filter(broadcast=broadcast_id)
    number = rows.aggregate(newest=Max("number"))["newest"]
    for start in range(0, len(ids), BATCH_SIZE):
        number += 1
        chunk = ids[start : start + BATCH_SIZE]
        Batch.objects.create(
            broadcast_id=broadcast_id,
            number=number,
            first_id=chunk[0],
            last_id=chunk[-1],
            not_before=now,
        )
        queued = Delivery.objects.filter(pk__in=chunk, state=DeliveryState.QUEUED)
        queued.update(batch_number=number)


def _note(broadcast_id: int, n: int, *, now: datetime) -> None:
    BroadcastEvent.objects.create(
        broadcast_id=broadcast_id, at=now, what=BroadcastEvent.What.WAVE, facts={"n": n}
    )


def _keep_useful(broadcast: Broadcast, next_at: datetime) -> None:
    """What is useful for a day or longer is as useful to those who get it a day later."""
    if broadcast.not_after or broadcast.slot_id:
        return  # then the desk has said until when
    useful_for = broadcast.message.category.useful_for
    if useful_for >= timedelta(days=1):
        rows = Broadcast.objects.filter(pk=broadcast.pk, expires_at__lt=next_at + useful_for)
        rows.update(expires_at=next_at + useful_for)
