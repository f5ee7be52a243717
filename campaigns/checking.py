"""The look at everything before a broadcast leaves: three quarters of an hour before, until then.

A worker asks WhatsApp whether it takes our token, the template and the picture, and the rows
about the rest. What it finds is kept as rows, for the desk and for alarms (lookout.py). It is
looked at again every two minutes, and once more at the moment itself.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import F, Max, Q, QuerySet

from campaigns import allowance, audiences, media, preflight, templates_sync
from campaigns.models import About, Broadcast, BroadcastEvent, Channel, Check, Fault, Heartbeat
from campaigns.models.checks import Light
from campaigns.preflight import AHEAD
from campaigns.states import BroadcastState
from whatsapp.client import CloudClient
from whatsapp.errors import NoAnswer, Refused, StopAccount, WhatsAppError

S = BroadcastState
AGAIN = timedelta(minutes=2)  # so that a repair is soon seen
BLOCKED = "BLOCKED"  # Meta's word for a number that may not send


def look(*, client: CloudClient, workers: Collection[str], now: datetime) -> None:
    """Look at every broadcast that leaves soon and has not been looked at of late."""
    due = list(_next(now=now).values_list("pk", flat=True))
    number = _number(client) if due else None  # the same for all of them, so asked once
    for pk in due:
        broadcast = Broadcast.objects.with_message().get(pk=pk)
        found = list(_faults(broadcast, number, client=client, workers=workers, now=now))
        _keep(broadcast, found, now=now)


def _next(*, now: datetime) -> QuerySet[Broadcast]:
    """Broadcasts that leave soon, or should have left, and whose last look is too old."""
    soon = Broadcast.objects.filter(state__in=[S.IN_REVIEW, S.SCHEDULED], due_at__lte=now + AHEAD)
    return soon.annotate(looked_at=Max("checks__at")).filter(
        Q(looked_at__isnull=True)
        | Q(looked_at__lte=now - AGAIN)
        | Q(due_at__lte=now, looked_at__lt=F("due_at"))
    )


def _faults(
    broadcast: Broadcast,
    number: Fault | None,
    *,
    client: CloudClient,
    workers: Collection[str],
    now: datetime,
) -> Iterator[Fault]:
    if number:
        yield number
    else:
        yield from _at_whatsapp(broadcast, client=client, now=now)
    at = max(now, broadcast.due_at or now)
    yield from (finding.fault for finding in preflight.findings(broadcast, now=at))
    if not broadcast.approved_hash:
        yield Fault.UNAPPROVED
    people = audiences.expected(broadcast)
    is_correction = broadcast.corrects_id is not None  # to a few, and they cost nothing more
    if not is_correction and allowance.forecast(broadcast.message.category, people=people):
        yield Fault.LIMIT
    heard = Heartbeat.objects.filter(name__in=workers, at__gt=now - Heartbeat.SILENT_AFTER)
    if heard.count() < len(workers):
        yield Fault.SILENT


def _number(client: CloudClient) -> Fault | None:
    """Ask about our number, and with that about our token."""
    if Channel.objects.exclude(stop_reason="").exists():
        return Fault.STOPPED
    try:
        number = client.phone_number_health()
    except StopAccount:
        return Fault.TOKEN
    except WhatsAppError:
        return Fault.NO_ANSWER
    return Fault.BLOCKED if number.can_send == BLOCKED else None


def _at_whatsapp(broadcast: Broadcast, *, client: CloudClient, now: datetime) -> Iterator[Fault]:
    """Ask about template and picture; what was to be renewed is renewed by that."""
    message = broadcast.message
    try:
        templates_sync.refresh(message.template, client=client, now=now)
        media.upload_once(message, client=client, now=now)
    except Refused:
        yield Fault.MEDIA_REFUSED
    except (NoAnswer, WhatsAppError):
        yield Fault.NO_ANSWER
    if _purpose_when_approved(broadcast) not in ("", message.template.purpose):
        yield Fault.DEARER


def _purpose_when_approved(broadcast: Broadcast) -> str:
    approvals = broadcast.events.filter(what=BroadcastEvent.What.APPROVED)
    facts = approvals.order_by("-at", "-pk").values_list("facts", flat=True).first() or {}
    return str(facts.get("purpose", ""))


def _keep(broadcast: Broadcast, found: Collection[Fault], *, now: datetime) -> None:
    """Store one row for everything that was looked at: its worst fault, or that all is well."""
    worst = {fault.about: fault for fault in sorted(found, key=lambda it: it.light == Light.RED)}
    rows = [
        Check(
            broadcast=broadcast,
            about=about,
            light=worst[about].light if about in worst else Light.GREEN,
            fault=worst.get(about, ""),
            at=now,
        )
        for about in About
    ]
    Check.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["broadcast", "about"],
        update_fields=["light", "fault", "at"],
    )
