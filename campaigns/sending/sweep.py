"""The sweep: repairs what a lost worker left behind, and closes what adds up.

Runs with every tick. Everything here is a guarded move or counts rows; two sweeps at once
change nothing twice.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from campaigns import failpoints, reports
from campaigns.models import Batch, Broadcast, BroadcastEvent, Delivery
from campaigns.models.broadcasts import BroadcastQuerySet
from campaigns.reasons import SkipReason
from campaigns.states import BroadcastState, DeliveryState

logger = logging.getLogger(__name__)

S = BroadcastState
STATUSES_COME_FOR = timedelta(days=8)  # after closing: WhatsApp repeats one for 7 days at most
SKIP_FOR = 5.0  # seconds of one tick, and for one broadcast; the next one goes on


def sweep(*, now: datetime) -> None:
    """Do all of it."""
    give_back_abandoned(now=now)
    miss_overdue(now=now)
    expire(now=now)
    skip_rest()
    settle_pauses()
    note_doubts(now=now)
    close_finished(now=now)
    fold_tallies(now=now)


@transaction.atomic
def give_back_abandoned(*, now: datetime) -> None:
    """Free the batches of lost workers. What was armed may have been sent: it is in doubt."""
    abandoned = Batch.objects.abandoned(now=now).select_for_update(skip_locked=True)
    for batch in abandoned:
        Delivery.objects.of_batch(batch).filter(state=DeliveryState.ARMED).move(
            DeliveryState.IN_DOUBT
        )
        failpoints.reach(failpoints.SWEEP_HALF_DONE)
        waiting = Delivery.objects.of_batch(batch).filter(state=DeliveryState.QUEUED)
        batch.owner, batch.lease_until = "", None
        batch.is_finished = not waiting.exists()
        batch.save(update_fields=["owner", "lease_until", "is_finished"])


def miss_overdue(*, now: datetime) -> None:
    """What could not begin, or was not approved, in time has missed it; the desk decides."""
    for what, rows in (
        (BroadcastEvent.What.MISSED, Broadcast.objects.overdue(now)),
        (BroadcastEvent.What.UNAPPROVED, Broadcast.objects.unapproved(now)),
    ):
        for pk in rows.values_list("pk", flat=True):
            _miss(pk, rows, what, now=now)


def expire(*, now: datetime) -> None:
    """Skip what has not left while it was useful."""
    late = Broadcast.objects.running().filter(expires_at__lte=now)
    for pk in late.values_list("pk", flat=True):
        _skip_queued(pk, SkipReason.EXPIRED)
        if not reports.balance(pk).open:
            _note_expired(pk, now=now)


def skip_rest() -> None:
    """Skip what is left of cancelled broadcasts."""
    cancelled = Broadcast.objects.filter(
        state=S.CANCELLED, closed_at__isnull=True, started_at__isnull=False
    )
    for pk in cancelled.values_list("pk", flat=True):
        _skip_queued(pk, SkipReason.CANCELLED)


def settle_pauses() -> None:
    """PAUSING becomes PAUSED when nothing of it is on the wire any more."""
    for pk in Broadcast.objects.filter(state=S.PAUSING).values_list("pk", flat=True):
        if not reports.balance(pk).armed:
            Broadcast.objects.filter(pk=pk).move(S.PAUSED, pause_reason=F("pause_reason"))


def note_doubts(*, now: datetime) -> None:
    """Write into the diary when something becomes unclear, and when nothing is any more."""
    for pk in Broadcast.objects.running().values_list("pk", flat=True):
        lines = BroadcastEvent.objects.filter(
            broadcast=pk, what__in=[BroadcastEvent.What.UNCLEAR, BroadcastEvent.What.SETTLED]
        )
        newest = lines.order_by("-at", "-pk").values_list("what", flat=True).first()
        in_doubt = reports.balance(pk).in_doubt
        if in_doubt and newest != BroadcastEvent.What.UNCLEAR:
            _note(pk, BroadcastEvent.What.UNCLEAR, n=in_doubt, now=now)
        elif not in_doubt and newest == BroadcastEvent.What.UNCLEAR:
            _note(pk, BroadcastEvent.What.SETTLED, n=0, now=now)


def close_finished(*, now: datetime) -> None:
    """Close the broadcasts that are done and add up, counted row by row one last time."""
    unclosed = Broadcast.objects.filter(
        state__in=[S.SENDING, S.PAUSED, S.CANCELLED], closed_at__isnull=True
    )
    for pk, state in unclosed.values_list("pk", "state"):
        if reports.balance(pk).is_settled:
            _close(pk, BroadcastState(state), now=now)


def fold_tallies(*, now: datetime) -> None:
    """Replace the tally rows of each broadcast and state by one with their sum.

    What was closed long ago has been folded, and no longer changes.
    """
    lately = Broadcast.objects.unclosed_since(now - STATUSES_COME_FOR)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH old AS (
                DELETE FROM campaigns_tally WHERE id IN (
                    SELECT id FROM campaigns_tally
                     WHERE broadcast_id = ANY(%(lately)s) FOR UPDATE SKIP LOCKED
                ) RETURNING broadcast_id, state, reason, n
            )
            INSERT INTO campaigns_tally (broadcast_id, state, reason, n)
            SELECT broadcast_id, state, reason, sum(n) FROM old
             GROUP BY broadcast_id, state, reason HAVING sum(n) <> 0
            """,
            {"lately": list(lately.values_list("pk", flat=True))},
        )


@transaction.atomic
def _close(broadcast_id: int, state: BroadcastState, *, now: datetime) -> None:
    """Close one broadcast, unless its rows say something else than the tally."""
    if not reports.tally_is_right(broadcast_id):
        logger.error("tally differs from its rows", extra={"broadcast_id": broadcast_id})
        return
    rows = Broadcast.objects.filter(pk=broadcast_id, closed_at__isnull=True)
    if state != S.CANCELLED and not rows.move(S.DONE):
        return
    if rows.update(closed_at=now):
        Batch.objects.filter(broadcast=broadcast_id).update(
            is_finished=True, owner="", lease_until=None
        )
        what = BroadcastEvent.What.CLOSED
        BroadcastEvent.objects.create(broadcast_id=broadcast_id, at=now, what=what)


def _skip_queued(broadcast_id: int, reason: SkipReason) -> None:
    """Skip what waits, for SKIP_FOR; nothing of this broadcast can be armed any more.

    Batch by batch: its range of ids finds the rows, and once it is finished nobody reads them
    again. Each is a transaction of its own, so that nobody waits for more than its rows. A batch
    that a worker still holds is not finished; what it has armed is for that worker to tell.
    """
    began = time.monotonic()  # a stopwatch, not a clock
    unfinished = Batch.objects.filter(broadcast=broadcast_id, is_finished=False)
    for batch in unfinished.order_by("pk"):
        queued = Delivery.objects.of_batch(batch).filter(state=DeliveryState.QUEUED)
        queued.move(DeliveryState.SKIPPED, reason=reason)
        Batch.objects.filter(pk=batch.pk, owner="").update(is_finished=True)
        if time.monotonic() - began > SKIP_FOR:
            break


@transaction.atomic
def _note_expired(broadcast_id: int, *, now: datetime) -> None:
    """Write into the diary how many were skipped, once it is all of them, and only once."""
    Broadcast.objects.select_for_update().only("pk").get(pk=broadcast_id)
    what = BroadcastEvent.What.EXPIRED
    lines = BroadcastEvent.objects.filter(broadcast=broadcast_id, what=what)
    noted = sum(facts["n"] for facts in lines.values_list("facts", flat=True))
    skipped = reports.balance(broadcast_id).skipped.get(SkipReason.EXPIRED, 0)
    if skipped > noted:
        _note(broadcast_id, what, n=skipped - noted, now=now)


def _note(broadcast_id: int, what: BroadcastEvent.What, *, n: int, now: datetime) -> None:
    BroadcastEvent.objects.create(broadcast_id=broadcast_id, at=now, what=what, facts={"n": n})


@transaction.atomic
def _miss(
    broadcast_id: int, rows: BroadcastQuerySet, what: BroadcastEvent.What, *, now: datetime
) -> None:
    """Move it, if it is still among these rows: somebody may just have decided otherwise."""
    if rows.filter(pk=broadcast_id).move(S.MISSED):
        BroadcastEvent.objects.create(broadcast_id=broadcast_id, at=now, what=what)
