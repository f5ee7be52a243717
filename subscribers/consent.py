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
from uuid import UUID

from django.db import connection, transaction

from subscribers import journaling, notices
from subscribers.ledger import entries
from subscribers.models import (
    SUBSCRIBED,
    ConsentEvent,
    LedgerLeaf,
    Notice,
    Rest,
    Subscriber,
    SubscriberState,
    Tier,
    Unreached,
)
from subscribers.notices import ASKED_ANEW

Kind = ConsentEvent.Kind
S = SubscriberState
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

    A stranger waits for the answer. A subscriber stays one, under the notice they agreed to;
    where that is outdated, they are held until they answer. False if the act is too old.
    """
    with _locked(subscriber_id) as subscriber:
        if _is_old(act, subscriber):
            return False
        if subscriber.state not in SUBSCRIBED:
            _move(subscriber, SubscriberState.REQUESTED, at=act.at, now=now, notice=notice)
        elif subscriber.rest not in ASKED_ANEW and notices.is_outdated(subscriber):
            until = now + notices.ANSWER_WITHIN
            held = by_system(at=act.at)
            _let_rest(subscriber, S.HELD, why=Rest.NEW_NOTICE, until=until, act=held, now=now)
        _write(subscriber.pk, Kind.REQUESTED, act=act, now=now)
        return True


def notice_sent(subscriber_id: UUID, *, notice: Notice, now: datetime) -> None:
    """Record that WhatsApp took the notice for this subscriber."""
    with _locked(subscriber_id) as subscriber:
        _write(subscriber.pk, Kind.NOTICE_SENT, act=by_system(at=now), notice=notice, now=now)


def ever_given(refs: Collection[UUID]) -> set[UUID]:
    """Return those of these people, present or gone, who agreed at some time."""
    given = ConsentEvent.objects.filter(subscriber__in=refs, kind=Kind.GIVEN)
    return set(given.values_list("subscriber_id", flat=True))


def ended_at(refs: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when those of these people withdrew last who did, or were ended."""
    ends = ConsentEvent.objects.filter(subscriber__in=refs, kind=Kind.WITHDRAWN).order_by("pk")
    return dict(ends.values_list("subscriber_id", "happened_at"))


def give(subscriber_id: UUID, *, tier: Tier, act: Act, now: datetime) -> ConsentEvent | None:
    """Record consent to a tier, under the notice last shown, and return the event.

    None if nothing changed: the act is too old, the tier is the present one, or the
    subscriber has not been asked, or not been shown the notice. A change of tier does not end
    a pause.
    """
    with _locked(subscriber_id) as subscriber:
        if _is_old(act, subscriber):
            return None
        if notice := notices.asked_about(subscriber):
            _move(
                subscriber, S.ACTIVE, at=act.at, now=now, tier=tier, notice=notice, confirmed_at=now
            )
            return _write_choice(subscriber, Kind.GIVEN, act=act, now=now)
        if subscriber.state not in SUBSCRIBED or notices.must_agree_anew(subscriber):
            return None
        if subscriber.tier_id == tier.slug:
            return None
        _change(subscriber, tier=tier, decided_at=act.at)
        event = _write_choice(subscriber, Kind.TIER_CHANGED, act=act, now=now)
        if subscriber.rest == Rest.UNSURE:  # so they did not mean to leave
            _go_on(subscriber, act=act, now=now)
        return event


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
        return _withdraw(subscriber, act=act, now=now)


def pause(subscriber_id: UUID, *, why: Rest, until: datetime, act: Act, now: datetime) -> bool:
    """Record a pause: nothing is sent until `until`. False if nobody is subscribed.

    A second pause moves the end of the first.
    """
    return _rest(subscriber_id, S.PAUSED, why=why, until=until, act=act, now=now)


def hold(subscriber_id: UUID, *, why: Rest, until: datetime, act: Act, now: datetime) -> bool:
    """Record that nothing is sent while something is cleared up. False if nobody is subscribed."""
    return _rest(subscriber_id, S.HELD, why=why, until=until, act=act, now=now)


def resume(subscriber_id: UUID, *, act: Act, now: datetime) -> bool:
    """Record that a pause or a hold is over. False if there is none, or if it takes a new yes."""
    with _locked(subscriber_id) as subscriber:
        if subscriber.until is None or subscriber.rest in ASKED_ANEW or _is_old(act, subscriber):
            return False
        confirms = subscriber.rest == Rest.SILENCE
        _go_on(subscriber, act=act, now=now)
        if act.by != ConsentEvent.Act.SYSTEM:  # whoever speaks to us can be reached
            Unreached.objects.filter(subscriber=subscriber).delete()
        if confirms or subscriber.reminded_at is not None:
            _confirm(subscriber, act=act, now=now)
        return True


def remind(subscriber_id: UUID, *, act: Act, now: datetime) -> bool:
    """Record that somebody is being asked whether they are still with us."""
    with _locked(subscriber_id) as subscriber:
        if subscriber.state != S.ACTIVE or subscriber.reminded_at is not None:
            return False
        _change(subscriber, reminded_at=now)
        _write(subscriber.pk, Kind.RECONFIRM_ASKED, act=act, now=now)
        return True


def reconfirm(subscriber_id: UUID, *, act: Act, now: datetime) -> bool:
    """Record the yes to that question. False if it had not been asked."""
    with _locked(subscriber_id) as subscriber:
        is_asked = subscriber.state == S.ACTIVE and subscriber.reminded_at is not None
        if not is_asked or _is_old(act, subscriber):
            return False
        _confirm(subscriber, act=act, now=now)
        return True


def access_asked(subscriber_id: UUID, *, act: Act, now: datetime) -> None:
    """Record that somebody asked what we store about them."""
    with _locked(subscriber_id) as subscriber:
        _write(subscriber.pk, Kind.ACCESS_ASKED, act=act, now=now)


def access_given(subscriber_id: UUID, *, now: datetime) -> None:
    """Record that the copy was taken from its page."""
    with _locked(subscriber_id) as subscriber:
        _write(subscriber.pk, Kind.ACCESS_GIVEN, act=by_system(at=now), now=now)


def request_erasure(subscriber_id: UUID, *, act: Act, now: datetime) -> ConsentEvent:
    """Record a confirmed wish to be erased, end the subscription, and return the event."""
    with _locked(subscriber_id) as subscriber:
        if subscriber.state in SUBSCRIBED:
            _withdraw(subscriber, act=act, now=now)
        _move(subscriber, S.ERASING, at=max(act.at, subscriber.decided_at), now=now)
        return _write(subscriber.pk, Kind.ERASURE_ASKED, act=act, receipt=True, now=now)


def by_system(*, at: datetime) -> Act:
    """Return the act of nobody: something that time has brought about."""
    return Act(by=ConsentEvent.Act.SYSTEM, at=at)


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
    return _write(subscriber_id, kind, act=by_system(at=now), details=details, now=now)


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


def _withdraw(subscriber: Subscriber, *, act: Act, now: datetime) -> ConsentEvent | None:
    was_subscribed = subscriber.state in SUBSCRIBED
    if subscriber.state == S.ERASING:  # that is more than leaving
        return None
    # A second STOP must not put off the erasure that the first one was promised.
    has_left = subscriber.state == S.WITHDRAWN
    _move(subscriber, S.WITHDRAWN, at=act.at, now=subscriber.state_since if has_left else now)
    if not was_subscribed:
        return None
    return _write(subscriber.pk, Kind.WITHDRAWN, act=act, receipt=True, now=now)


def _rest(
    subscriber_id: UUID,
    state: SubscriberState,
    *,
    why: Rest,
    until: datetime,
    act: Act,
    now: datetime,
) -> bool:
    """Let somebody rest. `decided_at` stays: a STOP on its way must still count."""
    with _locked(subscriber_id) as subscriber:
        if subscriber.state not in SUBSCRIBED or _is_old(act, subscriber):
            return False
        if subscriber.rest in ASKED_ANEW:  # nothing weaker takes the place of that
            return False
        _let_rest(subscriber, state, why=why, until=until, act=act, now=now)
        return True


def _let_rest(
    subscriber: Subscriber,
    state: SubscriberState,
    *,
    why: Rest,
    until: datetime,
    act: Act,
    now: datetime,
) -> None:
    _change(subscriber, state=state, state_since=now, rest=why, until=until)
    kind = Kind.PAUSED if state == S.PAUSED else Kind.HELD
    details = {"why": str(why), "until": until.isoformat()}
    _write(subscriber.pk, kind, act=act, details=details, now=now)


def _go_on(subscriber: Subscriber, *, act: Act, now: datetime) -> None:
    """End a rest."""
    _change(subscriber, state=S.ACTIVE, state_since=now, rest="", until=None)
    _write(subscriber.pk, Kind.RESUMED, act=act, now=now)


def _confirm(subscriber: Subscriber, *, act: Act, now: datetime) -> None:
    _change(subscriber, confirmed_at=now, reminded_at=None)
    _write(subscriber.pk, Kind.RECONFIRMED, act=act, now=now)


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
    confirmed_at: datetime | None = None,
) -> None:
    """Move somebody by a decision of their own: whatever rested is over."""
    _change(
        subscriber,
        state=state,
        tier=tier,
        notice=notice or subscriber.notice,
        decided_at=at,
        state_since=now,
        rest="",
        until=None,
        confirmed_at=confirmed_at,
        reminded_at=None,
    )


def _change(subscriber: Subscriber, **values: object) -> None:
    for name, value in values.items():
        setattr(subscriber, name, value)
    subscriber.save(update_fields=list(values))


def _write_choice(
    subscriber: Subscriber, kind: ConsentEvent.Kind, *, act: Act, now: datetime
) -> ConsentEvent:
    """Add the event of a choice that has just been stored, with its receipt."""
    tier, notice = subscriber.tier, subscriber.notice
    return _write(subscriber.pk, kind, act=act, notice=notice, tier=tier, receipt=True, now=now)


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
    journaling.note_once_committed(event)
    return event


def _receipt_code() -> str:
    code = "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"
