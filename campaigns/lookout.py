"""What somebody must be told of, read from rows with every tick; campaigns/alarms.py keeps it.

Alarms about moments that have passed stay open for a day, all others as long as their cause.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from campaigns import alarms, cost, echoes, preflight, series, standstill
from campaigns.alarms import BROADCAST, PROCESSOR, SLOT, WORKER
from campaigns.models import (
    Alarm,
    Broadcast,
    BroadcastEvent,
    Budget,
    Category,
    Channel,
    Heartbeat,
    Slot,
)
from campaigns.models.checks import Light
from campaigns.reasons import PauseReason, StopReason
from campaigns.states import BroadcastState
from subscribers.models import Processor

S, Kind, What = BroadcastState, Alarm.Kind, BroadcastEvent.What
PATIENCE = timedelta(minutes=5)  # a pause shorter than that is nobody's business
FOR_A_DAY = timedelta(days=1)
# Messages that we do not know; some are replies to people who were erased in the next second.
FEW_STRAYS = 10
SILENT_FOR = timedelta(minutes=2)  # a worker that is killed is back within seconds
# These were wanted, or are over by themselves at a time that is shown.
EXPECTED = [PauseReason.OPERATOR, PauseReason.QUIET_HOURS, PauseReason.LIMIT_REACHED]

# Somebody stopped everything, or has not started yet; whoever did it knows.
WANTED = [StopReason.KILL_SWITCH, StopReason.PAPERS, StopReason.INCIDENT]


def sweep(*, now: datetime) -> None:
    """Raise what is new and clear what is gone."""
    stopped = Channel.objects.exclude(stop_reason__in=["", *WANTED])
    alarms.keep(Kind.STOPPED, [""] if stopped.exists() else [], now=now)
    alarms.keep(Kind.STUCK, _subjects(BROADCAST, _stuck(now=now)), now=now)
    alarms.keep(Kind.SILENT, _subjects(WORKER, _silent()), now=now)
    missed = Broadcast.objects.filter(state=S.MISSED).values_list("pk", flat=True)
    alarms.keep(Kind.MISSED, _subjects(BROADCAST, missed), now=now)
    alarms.keep(Kind.STANDS_STILL, _subjects(BROADCAST, _standing(now=now)), now=now)
    alarms.keep(Kind.EXPIRED, _subjects(BROADCAST, _noted(What.EXPIRED, now=now)), now=now)
    alarms.keep(Kind.LATE, _subjects(BROADCAST, _late(now=now)), now=now)
    alarms.keep(Kind.NOT_READY, _subjects(BROADCAST, _not_ready(now=now)), now=now)
    wanting = series.wanting(now=now).values_list("pk", flat=True)
    alarms.keep(Kind.SLOT_EMPTY, _subjects(SLOT, wanting), now=now)
    left = Slot.objects.filter(missed_at__gt=now - FOR_A_DAY).values_list("pk", flat=True)
    alarms.keep(Kind.SLOT_MISSED, _subjects(SLOT, left), now=now)
    alarms.keep(Kind.BUDGET, [""] if _is_budget_warned(now=now) else [], now=now)
    alarms.keep(Kind.UNMATCHED, [""] if echoes.strays(now=now) > FEW_STRAYS else [], now=now)
    unreviewed = Processor.objects.overdue(on=timezone.localtime(now).date())
    due = _subjects(PROCESSOR, unreviewed.values_list("pk", flat=True))
    alarms.keep(Kind.REVIEW_DUE, due, now=now)


def _is_budget_warned(*, now: datetime) -> bool:
    return Budget.objects.exists() and cost.month(timezone.localdate(now)).is_warned


def _standing(*, now: datetime) -> Iterable[int]:
    """Broadcasts that have stood still for some minutes, for a reason that nobody wanted."""
    still = Broadcast.objects.filter(state__in=[S.PAUSING, S.PAUSED])
    for pk in still.exclude(pause_reason__in=EXPECTED).values_list("pk", flat=True):
        pauses = BroadcastEvent.objects.filter(broadcast=pk, what=What.PAUSED)
        since = pauses.order_by("-at").values_list("at", flat=True).first()
        if since is None or since <= now - PATIENCE:
            yield pk


def _stuck(*, now: datetime) -> Iterable[int]:
    """Broadcasts that do not move although they may; while all is stopped, none may."""
    if Channel.objects.exclude(stop_reason="").exists():
        return []
    return standstill.stuck(now=now).values_list("pk", flat=True)


def _silent() -> Iterable[str]:
    """Workers that were not heard for some minutes while the one that rings was at work.

    After a night without any of them nobody is told before each had its chance. That the one
    that rings is silent, it cannot tell itself: the bar does (admin/alarm_bar.py).
    """
    beats = dict(Heartbeat.objects.filter(name__in=Heartbeat.WORKERS).values_list("name", "at"))
    rings = beats.get(Heartbeat.ENGINE)
    return [name for name, at in beats.items() if rings and at < rings - SILENT_FOR]


def _not_ready(*, now: datetime) -> Iterable[int]:
    """Broadcasts that leave soon, or should have left, and at which something is red."""
    soon = Broadcast.objects.filter(
        state__in=[S.IN_REVIEW, S.SCHEDULED], due_at__lte=now + preflight.AHEAD
    )
    return soon.filter(checks__light=Light.RED).distinct().values_list("pk", flat=True)


def _noted(what: BroadcastEvent.What, *, now: datetime) -> Iterable[int]:
    """Broadcasts in whose diary this happened during the last day."""
    events = BroadcastEvent.objects.filter(what=what, at__gt=now - FOR_A_DAY)
    return events.values_list("broadcast", flat=True)


def _late(*, now: datetime) -> Iterable[int]:
    """Urgent broadcasts that left late: they are sent at once, and somebody is told."""
    urgent = BroadcastEvent.objects.filter(
        what=What.STARTED,
        at__gt=now - FOR_A_DAY,
        facts__has_key="late",
        broadcast__message__category__lane=Category.Lane.URGENT,
    )
    return urgent.values_list("broadcast", flat=True)


def _subjects(kind: str, keys: Iterable[int | str]) -> list[str]:
    return [f"{kind} {key}" for key in keys]
