"""The bar above every page of the desk: what is wrong, and where something can be done."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest

from campaigns import alarms
from campaigns.admin import flight
from campaigns.admin.navigation import user_of
from campaigns.models import Alarm

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
    found = list(rows.order_by("-raised_at", "-pk"))
    shown = [(alarms.words(alarm), repair(alarm, user_of(request))) for alarm in found[:SHOWN]]
    return Bar(shown, len(found) - len(shown)) if found else None


def repair(alarm: Alarm, user: User) -> str:
    """Return where the first fault is repaired; or else where something can be done."""
    ways = (flight.repair(check, user) for check in alarms.faults(alarm))
    return next(filter(None, ways), alarms.page(alarm))
