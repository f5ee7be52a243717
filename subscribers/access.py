"""The copy of one's own data: a link into one's own chat, and what stands behind it.

The link is the proof of identity: whoever can read the chat may read the copy (EDPB 01/2022:
no more than is needed). So it is random, good for a day, and gives each format once; a GET
takes nothing, because messengers look at links before people do. The copy names no number:
it would tell nothing to the person, and much to somebody who found the link.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from subscribers import access_log, consent
from subscribers.models import (
    AccessEvent,
    AccessLink,
    ConsentEvent,
    Identity,
    Notice,
    Subscriber,
    ThreadMessage,
)

Format = Literal["pdf", "json"]
FORMATS: tuple[Format, ...] = ("pdf", "json")
VALID_FOR = timedelta(hours=24)
A_DAY = 3  # links
SCHEMA = "swe-broadcast/own-data/1"  # static/schemas/own-data-1.json
KEPT: dict[str, str] = {
    "identifiers": "until 24 hours after STOP or at once by LÖSCHEN",
    "settings": "until 24 hours after STOP or at once by LÖSCHEN",
    "deliveries": "as long as a broadcast is open, at most 7 days",
    "consent_events": "until the end of the third year after the end of the subscription",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link still gives, and in which language its owner is spoken to."""

    formats: tuple[Format, ...]
    language: str
    expires_at: datetime


class TooOften(Exception):
    """Three links a day are enough."""


def new_link(subscriber: Subscriber, *, now: datetime) -> str:
    """Return the secret part of a new link; only its hash is stored. Raises TooOften."""
    if AccessLink.objects.filter(subscriber=subscriber, expires_at__gt=now).count() >= A_DAY:
        raise TooOften
    token = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        token_sha256=_hash(token), subscriber=subscriber, expires_at=now + VALID_FOR
    )
    return token


def look(token: str, *, now: datetime) -> Offer | None:
    """Return what can still be taken by this link; None if it is not one, or too old."""
    links = AccessLink.objects.filter(token_sha256=_hash(token), expires_at__gt=now)
    link = links.select_related("subscriber").first()
    if link is None:
        return None
    taken = {"pdf": link.pdf_taken_at, "json": link.json_taken_at}
    left = tuple(name for name in FORMATS if taken[name] is None)
    return Offer(left, language=link.subscriber.language, expires_at=link.expires_at)


@transaction.atomic
def take(token: str, form: Format, *, now: datetime) -> dict[str, Any] | None:
    """Return the copy and use up this format of the link; None if there is nothing to take."""
    column = f"{form}_taken_at"
    links = AccessLink.objects.filter(
        token_sha256=_hash(token), expires_at__gt=now, **{f"{column}__isnull": True}
    )
    link = links.select_for_update().first()
    if link is None:
        return None
    setattr(link, column, now)
    link.save(update_fields=[column])
    copy = copy_of(link.subscriber_id, now=now)
    consent.access_given(link.subscriber_id, now=now)
    return copy


def copy_of(subscriber_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Return everything that is stored about somebody, in the form of SCHEMA."""
    subscriber = Subscriber.objects.select_related("notice").get(pk=subscriber_id)
    kinds = Identity.objects.filter(subscriber=subscriber).order_by("kind")
    events = ConsentEvent.objects.filter(subscriber=subscriber).select_related("notice")
    letters = ThreadMessage.objects.filter(thread__subscriber=subscriber)
    return {
        "schema": SCHEMA,
        "generated_at": now.isoformat(),
        "subscription": {
            "state": subscriber.state,
            "tier": subscriber.tier_id,
            "language": subscriber.language,
            "state_since": subscriber.state_since.isoformat(),
            "rests_until": subscriber.until.isoformat() if subscriber.until else None,
            "confirmed_at": (
                subscriber.confirmed_at.isoformat() if subscriber.confirmed_at else None
            ),
        },
        "identifiers": [{"kind": kind} for kind in kinds.values_list("kind", flat=True)],
        "notice": subscriber.notice and _notice(subscriber.notice),
        "events": [_event(event) for event in events.order_by("happened_at", "pk")],
        "replies": [_letter(one) for one in letters.order_by("at", "pk")],
        "accesses": [_look(one) for one in access_log.about(subscriber_id)],
        "recipients": ["WhatsApp Ireland Limited", "Meta Platforms, Inc. (USA)"],
        "kept": KEPT,
    }


def _event(event: ConsentEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "act": event.act,
        "tier": event.tier or None,
        "happened_at": event.happened_at.isoformat(),
        "notice": event.notice and _notice(event.notice),
        "receipt_code": event.receipt_code,
    }


def _letter(message: ThreadMessage) -> dict[str, Any]:
    return {
        "at": message.at.isoformat(),
        "direction": message.direction,
        "text": message.text,
        "is_shortened": message.is_shortened,
    }


def _look(one: AccessEvent) -> dict[str, Any]:
    """A group and a day: whoever looked has rights of their own."""
    local = timezone.localtime(one.at)
    return {"on": local.date().isoformat(), "group": one.role, "what": one.what}


def _notice(notice: Notice) -> dict[str, Any]:
    return {"language": notice.language, "version": notice.version, "sha256": notice.sha256}


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
