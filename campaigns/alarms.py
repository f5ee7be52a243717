"""Alarms: what somebody has to know, raised once, told once, gone when its cause is.

Whoever finds a fault calls raise_() as often as it likes, and clear() when it is gone; whoever
can see all faults of a kind at once calls keep(). Neither sends anything: the worker of the
ops queue does (campaigns/telling.py), and tries again until it has worked.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from django.db.models import Q, QuerySet
from django.urls import reverse

from campaigns.models import Alarm, Channel, Check
from campaigns.models.checks import Light
from campaigns.reasons import StopReason

Kind = Alarm.Kind
Way = Literal["mail", "post"]
NOTED: dict[Way, str] = {"mail": "mailed_at", "post": "posted_at"}  # in which column
# What a subject begins with.
BROADCAST, SLOT, PROCESSOR, TEMPLATE = "broadcast", "slot", "processor", "template"
WORKER = "worker"
# Mailed like all others, but at the desk shown to the data-protection officer alone.
FOR_DATA_PROTECTION = (Kind.REVIEW_DUE, Kind.ACCOUNT_SET)
MILD = (Kind.BUDGET,)  # worth a look, and not on every page
LONGEST_WAIT = timedelta(minutes=30)


class NotTold(Exception):
    """This way of telling does not work at the moment."""


class Tell(Protocol):
    """Tell somebody about an alarm. Raises NotTold."""

    def __call__(self, alarm: Alarm, /, *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways that this installation has of telling somebody."""

    mail: Tell | None = None
    post: Tell | None = None

    def named(self) -> dict[Way, Tell]:
        """Return those that exist."""
        found: dict[Way, Tell | None] = {"mail": self.mail, "post": self.post}
        return {way: tell for way, tell in found.items() if tell}


def raise_(kind: Alarm.Kind, subject: str = "", *, now: datetime) -> None:
    """Open an alarm, unless it is open. `subject` is what it is about, as "broadcast 12"."""
    keep(kind, [*_open(kind), subject], now=now)


def clear(kind: Alarm.Kind, subject: str = "", *, now: datetime) -> None:
    """Close an alarm, if it is open: its cause is gone."""
    rows = Alarm.objects.filter(kind=kind, subject=subject, cleared_at__isnull=True)
    rows.update(cleared_at=now)


def keep(kind: Alarm.Kind, subjects: Iterable[str], *, now: datetime) -> None:
    """Have exactly these alarms of a kind open: raise what is new, clear what is gone."""
    wanted, known = set(subjects), _open(kind)
    for subject in known - wanted:
        clear(kind, subject, now=now)
    fresh = [
        Alarm(kind=kind, subject=subject, raised_at=now, not_before=now)
        for subject in sorted(wanted - known)
    ]
    Alarm.objects.bulk_create(fresh, ignore_conflicts=True)  # another tick may be as fast


def tell(ways: Ways, *, now: datetime) -> None:
    """Tell of every open alarm by each way by which nobody has been told yet."""
    for alarm in _untold(ways.named(), now=now):
        # Taken before telling, so that two workers do not tell twice; given back by time.
        later = now + min(timedelta(seconds=15 * 2 ** min(alarm.tries, 9)), LONGEST_WAIT)
        taken = Alarm.objects.filter(pk=alarm.pk, tries=alarm.tries)
        if not taken.update(tries=alarm.tries + 1, not_before=later):
            continue
        for way, say in ways.named().items():
            if getattr(alarm, NOTED[way]) is None:
                _tell(alarm, way, say, now=now)


def words(alarm: Alarm) -> str:
    """Say what is wrong in the language that is active; of what is not ready, each fault."""
    sentence = str(alarm.get_kind_display())
    more = [str(check.words) for check in faults(alarm)]
    if alarm.kind == Kind.STOPPED and (reason := stop_reason()):
        more = [str(reason.label), reason.advice]
    return " ".join([sentence, *more])


def stop_reason() -> StopReason | None:
    """Return why nothing is sent; None while something may be."""
    word = Channel.objects.values_list("stop_reason", flat=True).get(pk=Channel.ONLY)
    return StopReason(word) if word else None


def faults(alarm: Alarm) -> list[Check]:
    """Return what is red at a broadcast that is not ready; nothing for every other alarm."""
    if alarm.kind != Kind.NOT_READY:
        return []
    pk = int(alarm.subject.removeprefix(f"{BROADCAST} "))
    return list(Check.objects.filter(broadcast=pk, light=Light.RED).order_by("pk"))


def page(alarm: Alarm) -> str:
    """Return the path of the page of the desk where something can be done about it."""
    if alarm.kind == Kind.BUDGET:
        return reverse("admin:campaigns_charge_changelist")
    about, _space, pk = alarm.subject.partition(" ")
    if about == BROADCAST:
        return reverse("admin:campaigns_broadcast_change", args=[pk])
    if about == SLOT:
        return reverse("admin:campaigns_series_changelist")
    if about == PROCESSOR:
        return reverse("admin:subscribers_processor_change", args=[pk])
    if about == TEMPLATE:
        return reverse("admin:campaigns_messagetemplate_change", args=[pk])
    return reverse("admin:index")


def _tell(alarm: Alarm, way: Way, say: Tell, *, now: datetime) -> None:
    try:
        say(alarm, now=now)
    except NotTold:
        return
    Alarm.objects.filter(pk=alarm.pk).update(**{NOTED[way]: now})


def _untold(ways: Collection[Way], *, now: datetime) -> QuerySet[Alarm]:
    """Open alarms that one of these ways has not told yet, and whose turn it is."""
    missing = Q(pk__in=[])
    for way in ways:
        missing |= Q(**{f"{NOTED[way]}__isnull": True})
    due = Alarm.objects.filter(missing, cleared_at__isnull=True, not_before__lte=now)
    return due.order_by("raised_at", "pk")


def _open(kind: Alarm.Kind) -> set[str]:
    rows = Alarm.objects.filter(kind=kind, cleared_at__isnull=True)
    return set(rows.values_list("subject", flat=True))
