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
    SUBSCRIBED,
    ConsentEvent,
    LedgerCheck,
    LedgerLeaf,
    Subscriber,
    SubscriberState,
)
from verifier.verify_ledger import Key, Leaf, check

Kind = ConsentEvent.Kind
CHOICES = {Kind.GIVEN, Kind.TIER_CHANGED}
RESTS = {Kind.PAUSED: True, Kind.HELD: True, Kind.RESUMED: False}

AT = 3  # o'clock, in the installation's time zone
OVERDUE_AFTER = timedelta(hours=26)  # a night was left out
LOOKED_AT = 100  # subscriptions that are looked at twice; with more there is no need to

Act = tuple[object, object, object]  # subject, kind, tier
Standing = tuple[str, bool]  # the tier somebody chose, and whether they get nothing for now


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
    standings: dict[str, Standing] = {}
    notes = bundle.checkpoints()
    report = check(_watched(bundle.leaves(), standings), keys=keys, checkpoints=notes)
    findings = [{"what": code, "where": where} for code, where in report.findings]
    if unwritten := ConsentEvent.objects.filter(leaf__isnull=True).count():
        findings.append({"what": "unwritten", "where": unwritten})
    if differing := _differing(standings):
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


def fold(acts: Iterable[Act]) -> dict[str, Standing]:
    """Return how everybody stands who subscribes after these acts, in the ledger's order."""
    standings: dict[str, Standing] = {}
    for act in acts:
        _apply(act, standings)
    return standings


def _apply(act: Act, standings: dict[str, Standing]) -> None:
    subject, kind, tier = str(act[0]), act[1], act[2]
    if kind == Kind.GIVEN:
        standings[subject] = str(tier), False
    elif kind == Kind.TIER_CHANGED and subject in standings:  # which ends no rest
        standings[subject] = str(tier), standings[subject][1]
    elif kind == Kind.WITHDRAWN:
        standings.pop(subject, None)
    elif kind in RESTS and subject in standings:
        standings[subject] = standings[subject][0], RESTS[Kind(str(kind))]


def _watched(leaves: Iterable[Leaf], standings: dict[str, Standing]) -> Iterator[Leaf]:
    """Pass the leaves on, and follow what their events do."""
    for leaf in leaves:
        if body := leaf["body"]:
            _apply((body["subject"], body["kind"], body["tier"]), standings)
        yield leaf


def _differing(standings: dict[str, Standing]) -> int:
    """Count the subscriptions that are not what their events say."""
    subscribed = Subscriber.objects.filter(state__in=SUBSCRIBED)
    used = {
        str(pk): (tier, state != SubscriberState.ACTIVE)
        for pk, tier, state in subscribed.values_list("pk", "tier", "state")
    }
    people = standings.keys() | used.keys()
    suspects = [pk for pk in people if standings.get(pk) != used.get(pk)]
    if len(suspects) > LOOKED_AT:
        return len(suspects)
    return sum(_differs(UUID(pk)) for pk in suspects)


@transaction.atomic
def _differs(subscriber_id: UUID) -> bool:
    """Look again at one of them, who may have written to us meanwhile, and hold them still."""
    person = Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()
    used = None
    if person and person.state in SUBSCRIBED:
        used = person.tier_id, person.state != SubscriberState.ACTIVE
    events = ConsentEvent.objects.filter(subscriber=subscriber_id).order_by("pk")
    standings = fold(events.values_list("subscriber", "kind", "tier"))
    return standings.get(str(subscriber_id)) != used
