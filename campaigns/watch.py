"""Automatic pauses: a broadcast stands still before it does more harm than good.

Three things are watched, all read from rows: whether WhatsApp still reports back, whether too
much goes wrong, and whether WhatsApp takes anything at all. What was armed before a broadcast
was last resumed no longer counts, so nobody who resumes it is overruled by old news.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection

from campaigns import reports, stopping
from campaigns.models import Broadcast, BroadcastEvent, MessageTemplate
from campaigns.reasons import FailureReason, PauseReason
from campaigns.states import TAKEN, BroadcastState, DeliveryState

S, D = BroadcastState, DeliveryState
What = BroadcastEvent.What

# WhatsApp reports within seconds. Silent for everything of a quarter of a minute, and that is
# half a minute ago: with the tick after it, a dead channel stops a broadcast within a minute.
REPORTS_TAKE = timedelta(seconds=30)
SILENT_FOR = timedelta(seconds=15)
LATELY = timedelta(seconds=60)  # shorter than a lease, so doubts of a lost worker do not count
ENOUGH = 20  # messages; fewer may be chance
TOO_MUCH = 0.25  # of what was answered lately
REST = timedelta(minutes=2)  # after a storm; the pace (pace.py) has recovered by then
# These say something about one person, not about us.
THEIRS = frozenset(
    {
        FailureReason.UNREACHABLE,
        FailureReason.OPTED_OUT,
        FailureReason.WITHHELD,
        FailureReason.COUNTRY,
        FailureReason.WINDOW_CLOSED,
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of `n` attempts by now. `was_taken`: Meta's answer was an id."""

    state: str
    reason: str
    was_taken: bool
    n: int

    @property
    def is_unheard(self) -> bool:
        """Meta took it and has said nothing since."""
        return self.state == D.ACCEPTED

    @property
    def is_heard(self) -> bool:
        """A status has come."""
        return self.state in (D.SENT, D.DELIVERED) or (self.state == D.FAILED and self.was_taken)

    @property
    def is_bad(self) -> bool:
        """It went wrong, and not because of the person."""
        return self.state == D.IN_DOUBT or (self.state == D.FAILED and self.reason not in THEIRS)

    @property
    def is_good(self) -> bool:
        """It did what it should, or failed because of the person."""
        return self.state in TAKEN or (self.state == D.FAILED and self.reason in THEIRS)


def sweep(*, now: datetime) -> None:
    """Pause what has to be paused, and resume what stood still for a cause that is gone."""
    for pk in Broadcast.objects.filter(state=S.SENDING).values_list("pk", flat=True):
        reason = _trouble(pk, now=now)
        if reason and reports.balance(pk).open:  # else there is nothing left to be kept back
            stopping.pause(pk, reason, now=now)
    for reason, is_over in ENDS.items():
        still = Broadcast.objects.filter(state__in=[S.PAUSING, S.PAUSED], pause_reason=reason)
        for pk in still.values_list("pk", flat=True):
            if is_over(pk, now=now):
                stopping.resume(pk, reason, now=now)


def _trouble(broadcast_id: int, *, now: datetime) -> PauseReason | None:
    since = _last(broadcast_id, What.RESUMED)
    until = now - REPORTS_TAKE
    quarter = _outcomes(broadcast_id, since=_later(since, until - SILENT_FOR), until=until)
    unheard = _count(one for one in quarter if one.is_unheard)
    if unheard >= ENOUGH and not _count(one for one in quarter if one.is_heard):
        return PauseReason.WEBHOOK_STALE
    recent = _outcomes(broadcast_id, since=_later(since, now - LATELY), until=now)
    bad = _count(one for one in recent if one.is_bad)
    good = _count(one for one in recent if one.is_good)
    if bad >= ENOUGH and bad >= TOO_MUCH * (bad + good):
        return PauseReason.ERROR_RATE
    put_back = _count(one for one in recent if one.state == D.QUEUED)
    if put_back >= ENOUGH and put_back >= good:
        return PauseReason.RATE_STORM
    return None


def _reports_have_come(broadcast_id: int, *, now: datetime) -> bool:
    """Tell whether at least half of what was unheard at the pause has been heard of since."""
    paused_at = _last(broadcast_id, What.PAUSED) or now
    before = _outcomes(broadcast_id, since=paused_at - LATELY, until=paused_at)
    heard = _count(one for one in before if one.is_heard)
    return heard > 0 and heard >= _count(one for one in before if one.is_unheard)


def _has_rested(broadcast_id: int, *, now: datetime) -> bool:
    paused_at = _last(broadcast_id, What.PAUSED)
    return paused_at is None or now >= paused_at + REST


def _is_template_back(broadcast_id: int, *, now: datetime) -> bool:  # noqa: ARG001 - see ENDS
    """Tell whether Meta has approved anew the template that it had paused.

    Other codes blame the values for what an approved template refuses: those need a human.
    """
    pauses = BroadcastEvent.objects.filter(broadcast=broadcast_id, what=What.PAUSED)
    facts = pauses.order_by("-at").values_list("facts", flat=True).first() or {}
    approved = Broadcast.objects.filter(
        pk=broadcast_id, message__template__status=MessageTemplate.Status.APPROVED
    )
    return facts.get("code") in stopping.TEMPLATE_STATUS and approved.exists()


def _last(broadcast_id: int, what: BroadcastEvent.What) -> datetime | None:
    events = BroadcastEvent.objects.filter(broadcast=broadcast_id, what=what)
    return events.order_by("-at").values_list("at", flat=True).first()


def _later(moment: datetime | None, other: datetime) -> datetime:
    return max(moment, other) if moment else other


def _count(outcomes: Iterable[Outcome]) -> int:
    return sum(one.n for one in outcomes)


def _outcomes(broadcast_id: int, *, since: datetime, until: datetime) -> list[Outcome]:
    """Return what has become of the attempts armed after `since`, up to `until`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT delivery.state, delivery.reason, attempt.message_hash IS NOT NULL, count(*)
              FROM campaigns_attempt AS attempt
              JOIN campaigns_delivery AS delivery
                ON delivery.id = attempt.delivery_id AND delivery.attempts = attempt.number
             WHERE attempt.armed_at > %s AND attempt.armed_at <= %s
               AND delivery.broadcast_id = %s
             GROUP BY 1, 2, 3
            """,
            [since, until, broadcast_id],
        )
        return [Outcome(*row) for row in cursor.fetchall()]


class _IsOver(Protocol):
    def __call__(self, broadcast_id: int, /, *, now: datetime) -> bool: ...


# What is resumed without a human, and when its cause is proved to be gone.
ENDS: Mapping[PauseReason, _IsOver] = {
    PauseReason.WEBHOOK_STALE: _reports_have_come,
    PauseReason.RATE_STORM: _has_rested,
    PauseReason.TEMPLATE: _is_template_back,
}
