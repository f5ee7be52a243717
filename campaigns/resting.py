"""Rests: a broadcast that may not leave now stands still where everybody sees it, and why.

Quiet hours and Meta's daily limit both end by themselves; so do these pauses. Nothing here
keeps a message back: the sender asks for the hours itself, and held batches are never claimed.
"""

from datetime import datetime

from campaigns import allowance, reports, stopping
from campaigns.hours import SendingHours
from campaigns.models import Batch, Broadcast
from campaigns.reasons import PauseReason
from campaigns.states import BroadcastState

S = BroadcastState


def sweep(*, hours: SendingHours, now: datetime) -> None:
    """Pause whatever has to rest, and resume what has rested. Runs with every tick."""
    resting = Broadcast.objects.filter(
        state__in=[S.PAUSING, S.PAUSED],
        pause_reason__in=[PauseReason.QUIET_HOURS, PauseReason.LIMIT_REACHED],
    )
    for broadcast in resting.select_related("message__category"):
        reason = PauseReason(broadcast.pause_reason)
        if _reason(broadcast, hours=hours, now=now) != reason:
            stopping.resume(broadcast.pk, reason, now=now)
    sending = Broadcast.objects.filter(state=S.SENDING)
    for broadcast in sending.select_related("message__category"):
        found = _reason(broadcast, hours=hours, now=now)
        if found and reports.balance(broadcast.pk).open:
            stopping.pause(broadcast.pk, found, now=now)


def _reason(broadcast: Broadcast, *, hours: SendingHours, now: datetime) -> PauseReason | None:
    """Return why a broadcast cannot leave now."""
    if not broadcast.message.category.hours(hours).are_open(now):
        return PauseReason.QUIET_HOURS
    waiting = Batch.objects.filter(broadcast=broadcast.pk, is_finished=False)
    if not waiting.filter(is_held=True, not_before__gt=now).exists():
        return None
    if waiting.filter(is_held=False).exists() or _has_room(broadcast, now=now):
        return None
    return PauseReason.LIMIT_REACHED


def _has_room(broadcast: Broadcast, *, now: datetime) -> bool:
    """Tell whether its part of Meta's daily limit lets anybody go who has to wait for it."""
    limit = allowance.limit_of(broadcast.message.category)
    return limit is None or allowance.use(now=now).people < limit
