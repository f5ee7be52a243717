"""What holds a broadcast, as the desk shows it: with the page where it is repaired."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse

from campaigns import connections, standstill
from campaigns.admin.flight import NUMBER
from campaigns.models import Broadcast
from campaigns.reasons import StopReason
from campaigns.standstill import Cause, House

# Where a stop is ended that does not end on the page of the number, and the right that it takes.
ENDS: Mapping[str, tuple[str, str]] = {
    StopReason.PAPERS: ("subscribers_clearance_changelist", "subscribers.view_clearance"),
    StopReason.INCIDENT: ("subscribers_incident_changelist", "subscribers.view_incident"),
}
OVER_BY_THEMSELVES = frozenset({Cause.QUIET_HOURS, Cause.LIMIT, Cause.ASKED_TO_WAIT})


@dataclass(frozen=True, slots=True)
class Standing:
    """Why it stands, what to do, and where; without a place for whoever may not go there."""

    cause: Cause
    words: str
    advice: str
    url: str


def of(
    broadcasts: Collection[Broadcast], *, user: User, now: datetime, house: House | None = None
) -> dict[int, Standing]:
    """Return what holds these broadcasts, where no figure of their page says so already.

    `house` is what is known already about everything that they have in common.
    """
    house = house or standstill.look_at_house(spool=connections.spool(), now=now)
    found = standstill.look(broadcasts, house, hours=connections.sending_hours(), now=now)
    return {
        pk: Standing(one.cause, one.words, one.advice, _repair(one, user))
        for pk, one in found.items()
        if one.cause not in standstill.SAID_IN_FIGURES
    }


def place(reason: str, user: User) -> str:
    """Return where a stop for this reason is ended; "" for whoever may not go there."""
    address, right = ENDS.get(reason, NUMBER)
    return reverse(f"admin:{address}") if user.has_perm(right) else ""


def _repair(found: standstill.Standstill, user: User) -> str:
    return "" if found.cause in OVER_BY_THEMSELVES else place(found.reason, user)
