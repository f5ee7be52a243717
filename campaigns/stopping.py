"""Standing still: one broadcast, or everything, for a reason that the desk can read.

Whoever arms a send goes through the gate and holds these rows FOR SHARE; after one of these
functions has committed, nothing more is armed.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns import gate, template_history
from campaigns.models import Broadcast, BroadcastEvent, Channel, MessageTemplate, TemplateEvent
from campaigns.reasons import HOLDS, RESUMES_ALONE, PauseReason, StopReason
from campaigns.states import RUNNING, BroadcastState
from subscribers import incidents

Status, What = MessageTemplate.Status, BroadcastEvent.What
Source = TemplateEvent.Source
STANDING_STILL = (BroadcastState.PAUSING, BroadcastState.PAUSED)
# Meta, error codes page: does not exist, paused for low quality, disabled for good.
TEMPLATE_STATUS: Mapping[int, MessageTemplate.Status] = {
    132001: Status.DELETED,
    132015: Status.PAUSED,
    132016: Status.DISABLED,
}


@transaction.atomic
def pause(
    broadcast_id: int, reason: PauseReason, *, now: datetime, code: int | None = None
) -> None:
    """Pause a broadcast by itself, without a user; does nothing if it is not sending.

    `code` is what Meta said, if it was that.
    """
    sending = Broadcast.objects.filter(pk=broadcast_id)
    if sending.move(BroadcastState.PAUSING, pause_reason=reason):
        facts = {"reason": str(reason)} | ({"code": code} if code is not None else {})
        BroadcastEvent.objects.create(
            broadcast_id=broadcast_id, at=now, what=BroadcastEvent.What.PAUSED, facts=facts
        )


@transaction.atomic
def pause_until_resumed(
    broadcast_id: int, reason: PauseReason, *, now: datetime, by: str = ""
) -> bool:
    """Let a broadcast stand still until somebody resumes it, also one that rests by itself.

    False if it is not being sent, or waits for somebody already. `by` is empty for the system.
    """
    gate.close()
    row = Broadcast.objects.filter(pk=broadcast_id)
    row.select_for_update().first()  # a rest that ends at this moment is over, or does not end
    resting = row.filter(state__in=STANDING_STILL, pause_reason__in=RESUMES_ALONE)
    if not (
        row.move(BroadcastState.PAUSING, pause_reason=reason) or resting.update(pause_reason=reason)
    ):
        return False
    what, facts = BroadcastEvent.What.PAUSED, {"reason": str(reason)}
    BroadcastEvent.objects.create(
        broadcast_id=broadcast_id, at=now, what=what, actor=by, facts=facts
    )
    return True


def pause_for_code(broadcast_id: int, code: int, *, now: datetime) -> None:
    """Pause a broadcast because of a code with which Meta stops it.

    What the code says about the template counts for every other broadcast at once; only news
    from Meta make it sendable again.
    """
    pause(broadcast_id, PauseReason.of_code(code), now=now, code=code)
    if code in TEMPLATE_STATUS:
        used = MessageTemplate.objects.filter(message__broadcast=broadcast_id)
        for template in used:
            news = {"status": str(TEMPLATE_STATUS[code])}
            template_history.take_over(template, news, source=Source.SENDING, now=now)


def resume(broadcast_id: int, reason: PauseReason, *, now: datetime) -> None:
    """Let a broadcast go on by itself, if it still stands still for this reason."""
    rows = Broadcast.objects.filter(pk=broadcast_id, pause_reason=reason, state__in=STANDING_STILL)
    if rows.move(BroadcastState.SENDING):
        BroadcastEvent.objects.create(
            broadcast_id=broadcast_id,
            at=now,
            what=BroadcastEvent.What.RESUMED,
            facts={"reason": str(reason)},
        )


@transaction.atomic
def stop_channel(reason: StopReason, *, now: datetime, by: str = "") -> None:
    """Stop all sending. A stop in force keeps its reason; the kill switch outranks it."""
    gate.close()
    rows = Channel.objects.filter(pk=Channel.ONLY).exclude(stop_reason=reason)
    if reason != StopReason.KILL_SWITCH:
        rows = rows.filter(stop_reason="")
    if rows.update(stop_reason=reason, stopped_at=now, stopped_by=by):
        _note(What.STOPPED, reason, now=now, by=by)


def release_channel(*reasons: StopReason, now: datetime, by: str = "") -> bool:
    """Allow sending again: whatever the reason was, or only if it was one of these.

    False if it is still stopped: by what only its own record ends, or because such a hold was
    hidden behind the reason that is gone.
    """
    rows = Channel.objects.filter(pk=Channel.ONLY)
    wanted = (
        rows.filter(stop_reason__in=reasons) if reasons else rows.exclude(stop_reason__in=HOLDS)
    )
    return _release(wanted, now=now, by=by)


def may_send() -> bool:
    """Tell whether the channel is open, and hold the answer until the transaction ends.

    For single messages; whoever arms many goes through the gate before (campaigns/gate.py).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM campaigns_channel WHERE stop_reason = '' FOR SHARE")
        return cursor.fetchone() is not None


def end_hold(*, now: datetime) -> bool:
    """Release what a restore has held; False if it was not held."""
    return _release(Channel.objects.filter(stop_reason=StopReason.RESTORE_HOLD), now=now)


def standing_hold() -> StopReason | None:
    """Return for what sending has to stand still by our own records, whatever else there is."""
    if incidents.is_open():
        return StopReason.INCIDENT
    channel = Channel.objects.only("is_real", "live_at").get(pk=Channel.ONLY)
    return StopReason.PAPERS if channel.is_real and channel.live_at is None else None


@transaction.atomic
def _release(rows: QuerySet[Channel], *, now: datetime, by: str = "") -> bool:
    """Release, or let the stop go on for what stood behind it: without a gap between them."""
    before = rows.select_for_update().values_list("stop_reason", flat=True).first()
    if hold := standing_hold():
        if rows.exclude(stop_reason=hold).update(stop_reason=hold, stopped_by=""):
            _note(What.STOPPED, hold, now=now)
        return False
    if before:
        _note(What.RELEASED, StopReason(before), now=now, by=by)
    return bool(rows.update(stop_reason="", stopped_at=None, stopped_by=""))


def _note(what: BroadcastEvent.What, reason: StopReason, *, now: datetime, by: str = "") -> None:
    """Write it into the diary of everything that runs, in one statement, however much that is.

    It waits for nobody who works at one of these broadcasts: they lock a row without its key.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_broadcastevent (broadcast_id, at, what, actor, note, facts)
            SELECT id, %s, %s, %s, '', jsonb_build_object('reason', %s::text)
              FROM campaigns_broadcast WHERE state = ANY(%s)
            """,
            [now, what, by, reason, sorted(RUNNING)],
        )
