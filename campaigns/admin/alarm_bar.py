"""The bar above every page of the desk: what is wrong, and where something can be done."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from campaigns import alarms, lookout
from campaigns.admin import flight, standing
from campaigns.admin.navigation import user_of
from campaigns.models import Alarm, Heartbeat

SHOWN = 3  # on every page; the start page explains all of it


@dataclass(frozen=True, slots=True)
class Bar:
    """The newest alarms, and how many more there are."""

    alarms: list[tuple[str, str]]  # sentence, address
    more: int


def of(request: HttpRequest) -> Bar | None:
    """Return what is open, for whoever may see broadcasts; None if there is nothing."""
    if not request.user.has_perm("campaigns.view_broadcast"):
        return None
    rows = Alarm.objects.filter(cleared_at__isnull=True)
    rows = rows.exclude(kind__in=[*alarms.FOR_DATA_PROTECTION, *alarms.MILD])
    found = [*_of_the_engine(now=timezone.now()), *rows.order_by("-raised_at", "-pk")]
    shown = [(alarms.words(alarm), repair(alarm, user_of(request))) for alarm in found[:SHOWN]]
    return Bar(shown, len(found) - len(shown)) if found else None


def repair(alarm: Alarm, user: User) -> str:
    """Return where the first fault is repaired; or else where something can be done."""
    ways = [flight.repair(check, user) for check in alarms.faults(alarm)]
    if alarm.kind == Alarm.Kind.STOPPED:
        ways.append(standing.place(alarms.stop_reason() or "", user))
    if alarm.kind == Alarm.Kind.SILENT:
        ways.append(standing.place("", user))
    return next(filter(None, ways), alarms.page(alarm))


def _of_the_engine(*, now: datetime) -> list[Alarm]:
    """Return that whoever raises alarms is silent, which nobody else would raise."""
    beats = Heartbeat.objects.filter(name=Heartbeat.ENGINE, at__lt=now - lookout.SILENT_FOR)
    subject = f"{alarms.WORKER} {Heartbeat.ENGINE}"
    return [Alarm(kind=Alarm.Kind.SILENT, subject=subject) for _beat in beats]
