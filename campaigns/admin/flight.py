"""How ready a broadcast is that leaves soon: its lights, and the page where each is repaired."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse

from campaigns.models import Broadcast, Check, Fault
from campaigns.models.checks import Light
from campaigns.states import BroadcastState

AHEAD_OF_LEAVING = (BroadcastState.IN_REVIEW, BroadcastState.SCHEDULED)
ORDER = (Light.GREEN, Light.AMBER, Light.RED)  # from good to bad

# Where a fault is repaired, and the right that it takes. Those with an id are about the broadcast.
EDIT = ("campaigns_broadcast_edit", "campaigns.change_message")
REVIEW = ("campaigns_broadcast_review", "campaigns.approve_broadcast")
NUMBER = ("campaigns_channel_changelist", "campaigns.view_channel")
TEMPLATES = ("campaigns_messagetemplate_changelist", "campaigns.view_messagetemplate")
BUDGETS = ("campaigns_budget_changelist", "campaigns.view_budget")
REPAIRS: Mapping[Fault, tuple[str, str]] = {
    Fault.UNAPPROVED: REVIEW,
    Fault.CHANGED: EDIT,
    Fault.TOO_LATE: EDIT,
    Fault.WORDS: EDIT,
    Fault.MEDIA: EDIT,
    Fault.MEDIA_REFUSED: EDIT,
    Fault.TEMPLATE: TEMPLATES,
    Fault.DEARER: TEMPLATES,
    Fault.NOBODY: EDIT,
    Fault.TOO_FEW: NUMBER,
    Fault.STOPPED: NUMBER,
    Fault.TOKEN: NUMBER,
    Fault.BLOCKED: NUMBER,
    Fault.NO_ANSWER: NUMBER,
    Fault.LIMIT: NUMBER,
    Fault.BUDGET: BUDGETS,
    Fault.SILENT: NUMBER,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One check, and the page where its fault is repaired; empty for whoever may not open it."""

    check: Check
    url: str


@dataclass(frozen=True, slots=True)
class Flight:
    """Everything that was looked at, the worst first."""

    light: Light
    lines: list[Line]
    looked_at: datetime

    @property
    def wrong(self) -> list[Line]:
        """What somebody should look at."""
        return [line for line in self.lines if line.check.fault]


def of(broadcasts: Iterable[Broadcast], *, user: User) -> dict[int, Flight]:
    """Return how ready they are, in one query; those that were not looked at are missing."""
    waiting = [one.pk for one in broadcasts if one.state in AHEAD_OF_LEAVING]
    by_broadcast: dict[int, list[Check]] = defaultdict(list)
    for check in Check.objects.filter(broadcast__in=waiting).order_by("pk"):
        by_broadcast[check.broadcast_id].append(check)
    return {pk: _flight(checks, user) for pk, checks in by_broadcast.items()}


def _flight(checks: Collection[Check], user: User) -> Flight:
    worst_first = sorted(checks, key=lambda check: -ORDER.index(Light(check.light)))
    return Flight(
        light=Light(worst_first[0].light),
        lines=[Line(check, repair(check, user)) for check in worst_first],
        looked_at=worst_first[0].at,
    )


def repair(check: Check, user: User) -> str:
    """Return where a fault is repaired; "" for what is well, and for whoever may not go there."""
    if not check.fault:
        return ""
    address, right = REPAIRS[Fault(check.fault)]
    if not user.has_perm(right):
        return ""
    is_about_it = (address, right) in (EDIT, REVIEW)
    return reverse(f"admin:{address}", args=[check.broadcast_id] if is_about_it else [])
