"""The only writer of the consent ledger and of a subscriber's state.

Every change is one transaction: lock the subscriber, judge the act, move the state, write the
event. The lock is the one that arming a send takes as well (audience.lock_standing): whichever
comes first counts, so nothing is armed after a withdrawal that we have acknowledged.

Acts are ordered by Meta's clock: one that is older than the decision in force changes nothing.
Where consent and withdrawal carry the same second, the withdrawal wins, because consent counts
only from somebody who is being asked or already subscribed.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from subscribers import journal
from subscribers.ledger import entries
from subscribers.models import (
    ConsentEvent,
    LedgerLeaf,
    Notice,
    Subscriber,
    SubscriberState,
    Tier,
)

Kind = ConsentEvent.Kind
# What a restored dump must not forget; the rest sends nobody anything.
JOURNALED = {Kind.GIVEN, Kind.TIER_CHANGED, Kind.WITHDRAWN}
# Without 0/O, 1/I/L and U/V: a code is read out over the telephone. 8 characters, 6.5e11 codes.
RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did, and when by Meta's clock. `message_hash` makes a replay harmless."""

    by: ConsentEvent.Act
    at: datetime
    message_hash: bytes | None = field(default=None, repr=False)


def ask(subscriber_id: UUID, *, notice: Notice, act: Act, now: datetime) -> bool:
    """Record that somebody wrote to us and is now shown a notice and asked.

    A subscriber stays one; a stranger waits for the answer. False if the act is too old.
    """
    with _locked(subscriber_id) as subscriber:
        if _is_old(act, subscriber):
            return False
        if subscriber.state == SubscriberState.ACTIVE:
            Subscriber.objects.filter(pk=subscriber.pk).update(notice=notice)
        else:
            _move(subscriber, SubscriberState.REQUESTED, at=act.at, now=now, notice=notice)
        _write(subscriber.pk, Kind.REQUESTED, act=act, now=now)
        return True


def notice_sent(subscriber_id: UUID, *, notice: Notice, now: datetime) -> None:
    """Record that WhatsApp took the notice for this subscriber."""
    with _locked(subscriber_id) as subscriber:
        act = Act(by=ConsentEvent.Act.SYSTEM, at=now)
        _write(subscriber.pk, Kind.NOTICE_SENT, act=act, notice=notice, now=now)


def was_shown_notice(subscriber: Subscriber) -> bool:
    """Tell whether WhatsApp took the notice that this subscriber is being asked about."""
    return ConsentEvent.objects.filter(
        subscriber=subscriber, kind=Kind.NOTICE_SENT, notice=subscriber.notice
    ).exists()


def ever_given(refs: Collection[UUID]) -> set[UUID]:
    """Return those of these people, present or gone, who agreed at some time."""
    given = ConsentEvent.objects.filter(subscriber__in=refs, kind=Kind.GIVEN)
    return set(given.values_list("subscriber_id", flat=True))


def give(subscriber_id: UUID, *, tier: Tier, act: Act, now: datetime) -> ConsentEvent | None:
    """Record consent to a tier, under the notice last shown, and return the event.

    None if nothing changed: the act is too old, the tier is the present one, or the
    subscriber has not been asked.
    """
    with _locked(subscriber_id) as subscriber:
        asked = subscriber.state == SubscriberState.REQUESTED
        if not asked and subscriber.state != SubscriberState.ACTIVE:
            return None
        if subscriber.tier_id == tier.slug or _is_old(act, subscriber):
            return None
        _move(subscriber, SubscriberState.ACTIVE, at=act.at, now=now, tier=tier)
        kind = Kind.GIVEN if asked else Kind.TIER_CHANGED
        return _write(
            subscriber.pk,
            kind,
            act=act,
            notice=subscriber.notice,
            tier=tier,
            receipt=True,
            now=now,
        )


def refuse(subscriber_id: UUID, *, act: Act, now: datetime) -> bool:
    """Record a “no” to the question; False if nobody was waiting for an answer."""
    with _locked(subscriber_id) as subscriber:
        if subscriber.state != SubscriberState.REQUESTED or _is_old(act, subscriber):
            return False
        _move(subscriber, SubscriberState.REFUSED, at=act.at, now=now)
        _write(subscriber.pk, Kind.REFUSED, act=act, notice=subscriber.notice, now=now)
        return True


def withdraw(subscriber_id: UUID, *, act: Act, now: datetime) -> ConsentEvent | None:
    """Record a withdrawal and return the event; None if there was no consent to withdraw."""
    with _locked(subscriber_id) as subscriber:
        if _is_old(act, subscriber):
            return None
        was_active = subscriber.state == SubscriberState.ACTIVE
        # A second STOP must not put off the erasure that the first one was promised.
        has_left = subscriber.state == SubscriberState.WITHDRAWN
        since = subscriber.state_since if has_left else now
        _move(subscriber, SubscriberState.WITHDRAWN, at=act.at, now=since)
        if not was_active:
            return None
        return _write(subscriber.pk, Kind.WITHDRAWN, act=act, receipt=True, now=now)


def change_language(subscriber_id: UUID, *, language: str) -> None:
    """Remember in which language somebody wants to be answered."""
    Subscriber.objects.filter(pk=subscriber_id).update(language=language)


def record(
    kind: ConsentEvent.Kind,
    *,
    subscriber_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
    now: datetime,
) -> ConsentEvent:
    """Write an event that moves nobody's state and that the system brought about.

    `details` are texts, whole numbers, and lists of them; nothing that identifies anybody.
    """
    act = Act(by=ConsentEvent.Act.SYSTEM, at=now)
    return _write(subscriber_id, kind, act=act, details=details, now=now)


@transaction.atomic
def erase_events(subscriber_ids: Collection[UUID], *, reason: str, now: datetime) -> int:
    """Erase all events of these people, with their salts; return how many that were.

    Their leaves stay, and one event in the ledger names those leaves and the reason (a short
    word): what is missing without being named there has not been erased lawfully. The
    database lets the rows go for that reason only.
    """
    connection.check_constraints()  # events of this very transaction get their leaves now
    events = ConsentEvent.objects.filter(subscriber__in=subscriber_ids)
    leaves = LedgerLeaf.objects.filter(event__in=events.values("pk"))
    numbers = list(leaves.order_by("seq").values_list("seq", flat=True))
    if not numbers:
        return 0
    proof = record(Kind.ERASED, details={"leaves": numbers, "reason": reason}, now=now)
    with connection.cursor() as cursor:
        setting = "SELECT set_config('swe_broadcast.erasure', %s, true)"
        cursor.execute(setting, [str(proof.pk)])
        events.delete()
        cursor.execute(setting, [""])
    return len(numbers)


@contextmanager
def _locked(subscriber_id: UUID) -> Iterator[Subscriber]:
    """Hold the subscriber's row for one transaction: decisions are judged one by one."""
    with transaction.atomic():
        rows = Subscriber.objects.select_for_update(of=("self",)).select_related("notice")
        yield rows.get(pk=subscriber_id)


def _is_old(act: Act, subscriber: Subscriber) -> bool:
    """Tell whether a newer decision is in force, or this very act has counted before."""
    if act.at < subscriber.decided_at:
        return True
    known = ConsentEvent.objects.filter(message_hash=act.message_hash)
    return act.message_hash is not None and known.exists()


def _move(
    subscriber: Subscriber,
    state: SubscriberState,
    *,
    at: datetime,
    now: datetime,
    tier: Tier | None = None,
    notice: Notice | None = None,
) -> None:
    subscriber.state, subscriber.tier = state, tier
    subscriber.notice = notice or subscriber.notice
    subscriber.decided_at, subscriber.state_since = at, now
    subscriber.save(update_fields=["state", "tier", "notice", "decided_at", "state_since"])


def _write(
    subscriber_id: UUID | None,
    kind: ConsentEvent.Kind,
    *,
    act: Act,
    now: datetime,
    notice: Notice | None = None,
    tier: Tier | None = None,
    receipt: bool = False,
    details: Mapping[str, object] | None = None,
) -> ConsentEvent:
    """Add one event. The database adds its leaf when this transaction is committed."""
    event = ConsentEvent(
        subscriber_id=subscriber_id,
        kind=kind,
        act=act.by,
        tier=tier.slug if tier else "",
        notice=notice,
        notice_sha256=notice.sha256 if notice else "",
        happened_at=act.at,
        recorded_at=now,
        message_hash=act.message_hash,
        receipt_code=_receipt_code() if receipt else None,
        details=dict(details or {}),
    )
    event.commit(salt=secrets.token_bytes(entries.SALT_BYTES))
    event.save(force_insert=True)
    if kind in JOURNALED:
        # The register is what counts: a disk that is full must not refuse a STOP.
        transaction.on_commit(partial(_note, event), robust=True)
    return event


def _note(event: ConsentEvent) -> None:
    """Write a committed event to the journal, which a restored dump is compared with."""
    assert event.subscriber_id  # whatever is JOURNALED is somebody's act
    facts = {
        "event": event.pk,
        "commitment": event.commitment.hex(),
        "kind": event.kind,
        "act": event.act,
        "tier": event.tier,
        "happened_at": event.happened_at.isoformat(),
        "message": event.message_hash.hex() if event.message_hash else None,
    }
    journal.current().note_consent(event.subscriber_id, facts, now=event.recorded_at)


def _receipt_code() -> str:
    code = "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"
