"""The copy of one's own data: a link into one's own chat, and what stands behind it.

The link is the proof of identity: whoever can read the chat may read the copy (EDPB 01/2022:
no more than is needed). So it is random, good for a day, and gives each format once; a GET
takes nothing, because messengers look at links before people do. The copy names no number:
it would tell nothing to the person, and much to somebody who found the link.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from subscribers import access_log, consent, holdings, promises, recipients
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
GONE = "until {stop_hours} hours after STOP, or {erasure_minutes} minutes after LÖSCHEN"
KEPT: dict[str, str] = {
    "identifiers": GONE,
    "settings": GONE,
    "deliveries": "until {deliveries_days} days after the broadcast was closed",
    "replies": f"{{replies_days}} days at most, and {GONE}",
    "accesses": "{access_log_months} months",
    "consent_events": "until the end of year {proof_years} after the end of the subscription",
    "sealed_proof": "until the end of year {proof_years} after the end of the subscription",
}
KEPT_WITHOUT_PROOF = KEPT | {
    "consent_events": "until {no_proof_hours} hours after the identifiers",
    "sealed_proof": "there is none",
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
def take(
    token: str, form: Format, *, now: datetime, keeps_proof: bool = True
) -> dict[str, Any] | None:
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
    copy = copy_of(link.subscriber_id, now=now, keeps_proof=keeps_proof)
    consent.access_given(link.subscriber_id, now=now)
    return copy


def replies_of(subscriber_id: UUID) -> QuerySet[ThreadMessage]:
    """Return what is still stored of somebody's conversations with the desk, oldest first."""
    rows = ThreadMessage.objects.filter(thread__subscriber=subscriber_id)
    return rows.select_related("thread").order_by("at", "pk")


def copy_of(subscriber_id: UUID, *, now: datetime, keeps_proof: bool = True) -> dict[str, Any]:
    """Return everything that is stored about somebody, in the form of SCHEMA.

    `keeps_proof`: the mode of proof of this installation is not `none`.
    """
    subscriber = Subscriber.objects.select_related("notice").get(pk=subscriber_id)
    kinds = Identity.objects.filter(subscriber=subscriber).order_by("kind")
    events = ConsentEvent.objects.filter(subscriber=subscriber).select_related("notice")
    return {
        "schema": SCHEMA,
        "generated_at": now.isoformat(),
        "subscription": _subscription(subscriber),
        "identifiers": [{"kind": kind} for kind in kinds.values_list("kind", flat=True)],
        "notice": subscriber.notice and _notice(subscriber.notice),
        "events": [_event(event) for event in events.order_by("happened_at", "pk")],
        "replies": [_letter(one) for one in replies_of(subscriber_id)],
        "accesses": _looks(access_log.about(subscriber_id)),
        **{held.name: held.read(subscriber_id) for held in holdings.every()},
        "recipients": recipients.names(on=timezone.localdate(now)),
        "keeps_proof": keeps_proof,
        "kept": kept(keeps_proof=keeps_proof),
    }


def kept(*, keeps_proof: bool) -> dict[str, str]:
    """Return how long each kind of data is kept, with the numbers of the rules."""
    numbers, words = promises.numbers(), KEPT if keeps_proof else KEPT_WITHOUT_PROOF
    return {kind: sentence.format_map(numbers) for kind, sentence in words.items()}


def _subscription(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "state": subscriber.state,
        "rest": subscriber.rest or None,
        "tier": subscriber.tier_id,
        "language": subscriber.language,
        "state_since": subscriber.state_since.isoformat(),
        "decided_at": subscriber.decided_at.isoformat(),
        "rests_until": _iso(subscriber.until),
        "confirmed_at": _iso(subscriber.confirmed_at),
        "reminded_at": _iso(subscriber.reminded_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _event(event: ConsentEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "act": event.act,
        "tier": event.tier or None,
        "happened_at": event.happened_at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "notice": event.notice and _notice(event.notice),
        "receipt_code": event.receipt_code,
    }


def _letter(message: ThreadMessage) -> dict[str, Any]:
    return {
        "at": message.at.isoformat(),
        "direction": message.direction,
        "text": message.text,
        "is_shortened": message.is_shortened,
        "about": message.about or None,
        "alias": message.thread.alias,
    }


def _looks(looks: Iterable[AccessEvent]) -> list[dict[str, Any]]:
    """Return a group and a day, once each: whoever looked has rights of their own."""
    seen = dict.fromkeys(
        (timezone.localdate(one.at).isoformat(), one.role, one.what) for one in looks
    )
    return [{"on": on, "group": group, "what": what} for on, group, what in seen]


def _notice(notice: Notice) -> dict[str, Any]:
    return {"language": notice.language, "version": notice.version, "sha256": notice.sha256}


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
