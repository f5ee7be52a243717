"""Standing still: one broadcast, or everything, for a reason that the desk can read.

Whoever arms a send holds these rows FOR SHARE; after one of these functions has committed,
nothing more is armed.
"""

from datetime import datetime

from campaigns.models import Broadcast, BroadcastEvent, Channel
from campaigns.reasons import PauseReason, StopReason
from campaigns.states import BroadcastState


def pause(broadcast_id: int, reason: PauseReason, *, now: datetime, note: str = "") -> None:
    """Pause a broadcast by itself, without a user; does nothing if it is not sending."""
    sending = Broadcast.objects.filter(pk=broadcast_id)
    if sending.move(BroadcastState.PAUSING, pause_reason=reason):
        BroadcastEvent.objects.create(
            broadcast_id=broadcast_id, at=now, what=BroadcastEvent.What.PAUSED, note=note
        )


def resume(broadcast_id: int, reason: PauseReason, *, now: datetime) -> None:
    """Let a broadcast go on by itself, if it still stands still for this reason."""
    still = [BroadcastState.PAUSING, BroadcastState.PAUSED]
    rows = Broadcast.objects.filter(pk=broadcast_id, pause_reason=reason, state__in=still)
    if rows.move(BroadcastState.SENDING):
        BroadcastEvent.objects.create(
            broadcast_id=broadcast_id, at=now, what=BroadcastEvent.What.RESUMED
        )


def stop_channel(reason: StopReason, *, now: datetime, by: str = "") -> None:
    """Stop all sending. A stop in force keeps its reason; the kill switch outranks it."""
    rows = Channel.objects.filter(pk=Channel.ONLY)
    if reason != StopReason.KILL_SWITCH:
        rows = rows.filter(stop_reason="")
    rows.update(stop_reason=reason, stopped_at=now, stopped_by=by)


def release_channel() -> None:
    """Allow sending again, whatever the reason was."""
    Channel.objects.filter(pk=Channel.ONLY).update(stop_reason="", stopped_at=None, stopped_by="")
