"""The whole ledger checked every night, by the very program that an auditor uses.

Besides what verifier/verify_ledger.py finds, it asks whether the events lead to the subscriptions
that are used for sending, and whether every event has a leaf. Its result is a row; that there
has been none for a day is an alarm of its own (`is_overdue`).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from subscribers import bundle
from subscribers.models import (
    ConsentEvent,
    LedgerCheck,
    LedgerLeaf,
    Subscriber,
    SubscriberState,
)
from verifier.verify_ledger import Key, Leaf, check

Kind = ConsentEvent.Kind
BEGIN, END = {Kind.GIVEN, Kind.TIER_CHANGED}, {Kind.WITHDRAWN}

AT = 3  # o'clock, in the installation's time zone
OVERDUE_AFTER = timedelta(hours=26)  # a night was left out
LOOKED_AT = 100  # subscriptions that are looked at twice; with more there is no need to

Act = tuple[object, object, object]  # subject, kind, tier


def verify_if_due(*, keys: Sequence[Key], now: datetime) -> LedgerCheck | None:
    """Verify once a night, and once after the first start; None if that has been done."""
    local = timezone.localtime(now)
    due = local.replace(hour=AT, minute=0, second=0, microsecond=0)
    if local < due:
        due -= timedelta(days=1)
    if LedgerCheck.objects.filter(checked_at__gte=due).exists():
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('subscribers_ledgercheck'))")
        (is_alone,) = cursor.fetchone()
        return verify(keys=keys, now=now) if is_alone else None


def verify(*, keys: Sequence[Key], now: datetime) -> LedgerCheck:
    """Verify everything there is, and store what was found."""
    tiers: dict[str, str] = {}
    notes = bundle.checkpoints()
    report = check(_watched(bundle.leaves(), tiers), keys=keys, checkpoints=notes)
    findings = [{"what": code, "where": where} for code, where in report.findings]
    if unwritten := ConsentEvent.objects.filter(leaf__isnull=True).count():
        findings.append({"what": "unwritten", "where": unwritten})
    if differing := _differing(tiers):
        findings.append({"what": "state", "where": differing})
    return LedgerCheck.objects.create(
        checked_at=now,
        size=report.leaves,
        erased=report.erased,
        checkpoints=report.checkpoints,
        findings=findings,
    )


def is_broken() -> bool:
    """Tell whether the last verification found something."""
    newest = LedgerCheck.objects.order_by("-checked_at").first()
    return newest is not None and bool(newest.findings)


def is_overdue(*, now: datetime) -> bool:
    """Tell whether a ledger that is old enough has not been verified for more than a day."""
    limit = now - OVERDUE_AFTER
    if LedgerCheck.objects.filter(checked_at__gt=limit).exists():
        return False
    return LedgerLeaf.objects.filter(seq=0, appended_at__lt=limit).exists()


def fold(acts: Iterable[Act]) -> dict[str, str]:
    """Return who subscribes to which tier after these acts, in the ledger's order."""
    tiers: dict[str, str] = {}
    for act in acts:
        _apply(act, tiers)
    return tiers


def _apply(act: Act, tiers: dict[str, str]) -> None:
    subject, kind, tier = act
    if kind in BEGIN:
        tiers[str(subject)] = str(tier)
    elif kind in END:
        tiers.pop(str(subject), None)


def _watched(leaves: Iterable[Leaf], tiers: dict[str, str]) -> Iterator[Leaf]:
    """Pass the leaves on, and follow what their events do."""
    for leaf in leaves:
        if body := leaf["body"]:
            _apply((body["subject"], body["kind"], body["tier"]), tiers)
        yield leaf


def _differing(tiers: dict[str, str]) -> int:
    """Count the subscriptions that are not what their events say."""
    active = Subscriber.objects.filter(state=SubscriberState.ACTIVE)
    used = {str(pk): tier for pk, tier in active.values_list("pk", "tier")}
    suspects = [pk for pk in tiers.keys() | used.keys() if tiers.get(pk) != used.get(pk)]
    if len(suspects) > LOOKED_AT:
        return len(suspects)
    return sum(_differs(UUID(pk)) for pk in suspects)


@transaction.atomic
def _differs(subscriber_id: UUID) -> bool:
    """Look again at one of them, who may have written to us meanwhile, and hold them still."""
    person = Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()
    used = person.tier_id if person and person.state == SubscriberState.ACTIVE else None
    events = ConsentEvent.objects.filter(subscriber=subscriber_id).order_by("pk")
    tiers = fold(events.values_list("subscriber", "kind", "tier"))
    return tiers.get(str(subscriber_id)) != used
