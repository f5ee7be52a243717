"""After a backup has been put back: telling the database what it has forgotten.

First what people decided, then what they were sent. Whatever the journal cannot tell is counted in
the report, for the human who releases sending in the end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F

from campaigns import restore, stopping
from campaigns.models import Attempt, Broadcast, BroadcastEvent, Channel, Delivery, Doubt, Reply
from campaigns.models.deliveries import DeliveryQuerySet
from campaigns.reasons import PauseReason, StopReason
from campaigns.states import BroadcastState, DeliveryState
from subscribers import consent
from subscribers.consent import Act
from subscribers.journal import CONSENT, SENDS, Journal, Line
from subscribers.models import ConsentEvent, LedgerLeaf, Rest, Subscriber, Tier

D, Kind = DeliveryState, ConsentEvent.Kind


@dataclass(slots=True)
class Report:
    """What was found and done. Numbers and ids of broadcasts, nobody's name."""

    is_held: bool
    sends_restored: int = 0  # attempts that the database had forgotten
    withdrawals_restored: int = 0
    tier_changes_restored: int = 0
    rests_restored: int = 0  # pauses and holds, and their ends
    broadcasts_paused: list[int] = field(default_factory=list)
    # What cannot be told to the database:
    broadcasts_lost: dict[int, int] = field(default_factory=dict)  # id: attempts
    consents_lost: int = 0  # who agreed after the backup; they get nothing until they ask again
    unreadable: int = 0  # lines
    is_journal_missing: bool = False  # then nobody knows what was sent since the backup

    @property
    def is_complete(self) -> bool:
        """Everything that was in the journal is in the database now, and there was a journal."""
        return not (
            self.broadcasts_lost or self.consents_lost or self.unreadable or self.is_journal_missing
        )


def look(journal: Journal, *, now: datetime) -> Report:
    """Return what `release` would do, and do nothing. Raises OSError."""
    report = Report(is_held=not restore.is_sound(journal, now=now))
    with transaction.atomic():
        _replay(journal, report, now=now)
        transaction.set_rollback(True)
    return report


def release(journal: Journal, *, now: datetime) -> Report:
    """Tell the database what the journal knows, pause what was running, and allow sending.

    May be run again, after a crash too. Raises OSError.
    """
    report = Report(is_held=not restore.is_sound(journal, now=now))
    if not report.is_held:
        return report
    generation = uuid4()
    with transaction.atomic():
        _replay(journal, report, now=now)
        _never_give_out_again(journal)
        _allow(generation, now=now)
    # Were we to die here, the two would differ, and everything be held and done again.
    journal.set_generation(generation)
    return report


def _replay(journal: Journal, report: Report, *, now: datetime) -> None:
    if not report.is_held:
        return
    report.is_journal_missing = journal.generation() is None
    _restore_consent(journal, report, now=now)
    _restore_sends(journal, report, now=now)
    _pause_all(report, now=now)


def _restore_consent(journal: Journal, report: Report, *, now: datetime) -> None:
    """Repeat withdrawals, changes and rests, in the order in which people acted."""
    subjects = {journal.subject(pk): pk for pk in Subscriber.objects.values_list("pk", flat=True)}
    lines = list(_readable(journal, CONSENT, report))
    lost: set[str] = set()
    for line in sorted(lines, key=lambda one: str(one["happened_at"])):
        subscriber_id = subjects.get(line["subject"])
        act = Act(
            by=ConsentEvent.Act(line["act"]),
            at=datetime.fromisoformat(line["happened_at"]),
            message_hash=bytes.fromhex(line["message"]) if line["message"] else None,
        )
        if _is_known(line, subscriber_id, act):
            continue
        if line["kind"] == Kind.GIVEN:
            lost.add(line["subject"])
        elif line["kind"] == Kind.WITHDRAWN:
            lost.discard(line["subject"])
        # Whoever is unknown to the backup cannot be messaged from it.
        if subscriber_id is not None:
            _repeat(line, subscriber_id, act, report, now=now)
    report.consents_lost = len(lost)


def _is_known(line: Line, subscriber_id: UUID | None, act: Act) -> bool:
    """Tell whether the register has the event, or has got it from us already."""
    # Not by its id alone: somebody who wrote after the restore may have got the same one.
    leaf = LedgerLeaf.objects.filter(
        event=line["event"], commitment=bytes.fromhex(line["commitment"])
    )
    if leaf.exists():
        return True
    same = ConsentEvent.objects.filter(kind=line["kind"], happened_at=act.at)
    return subscriber_id is not None and same.filter(subscriber_id=subscriber_id).exists()


def _repeat(line: Line, subscriber_id: UUID, act: Act, report: Report, *, now: datetime) -> None:
    """Repeat what narrows a consent or moves it; a new one is only ever given by a person."""
    if line["kind"] == Kind.WITHDRAWN:
        done = consent.withdraw(subscriber_id, act=act, now=now)
        report.withdrawals_restored += done is not None
    elif line["kind"] == Kind.TIER_CHANGED:
        tier = Tier.objects.get(slug=line["tier"])
        done = consent.give(subscriber_id, tier=tier, act=act, now=now)
        report.tier_changes_restored += done is not None
    elif line["kind"] == Kind.RESUMED:
        report.rests_restored += consent.resume(subscriber_id, act=act, now=now)
    elif line["kind"] in (Kind.PAUSED, Kind.HELD):
        rest = consent.pause if line["kind"] == Kind.PAUSED else consent.hold
        why, until = Rest(line["details"]["why"]), datetime.fromisoformat(line["details"]["until"])
        report.rests_restored += rest(subscriber_id, why=why, until=until, act=act, now=now)


def _restore_sends(journal: Journal, report: Report, *, now: datetime) -> None:
    for line in _readable(journal, SENDS, report):
        at = datetime.fromisoformat(line["at"])
        given = dict(zip(map(UUID, line["tokens"]), line["deliveries"], strict=True))
        known = Attempt.objects.filter(token__in=given).values_list("token", flat=True)
        unknown = {token: given[token] for token in given.keys() - set(known)}
        if not unknown:
            continue
        locked = Delivery.objects.lock(unknown.values())
        rows = Delivery.objects.filter(pk__in=locked, broadcast=line["broadcast"])
        if rows.exists():
            report.sends_restored += _restore_attempts(rows, unknown, at=at)
        else:  # the backup is older than the start: whom it was for, is lost
            lost = report.broadcasts_lost.get(line["broadcast"], 0)
            report.broadcasts_lost[line["broadcast"]] = lost + len(unknown)
            _cancel(line["broadcast"], before=at, now=now)
    _repeat_nothing()


def _restore_attempts(rows: DeliveryQuerySet, given: Mapping[UUID, int], *, at: datetime) -> int:
    """Make forgotten attempts known; whoever they were for gets no second one by itself."""
    rows.move(D.ARMED, attempts=F("attempts") + 1)
    rows.filter(state=D.ARMED).move(D.IN_DOUBT)
    numbers = dict(rows.values_list("pk", "attempts"))
    Attempt.objects.bulk_create(
        Attempt(token=token, delivery_id=pk, number=max(1, numbers[pk]), armed_at=at)
        for token, pk in given.items()
        if pk in numbers
    )
    return sum(pk in numbers for pk in given.values())


def _repeat_nothing() -> None:
    """Let no doubt be sent again by itself, be it restored or as old as the backup.

    A status that would settle it came before the backup was put back and does not come again, so
    its absence proves nothing. A human may still want it.
    """
    running = Broadcast.objects.running().values("pk")
    on_the_wire = Delivery.objects.filter(broadcast__in=running, state=D.ARMED)
    on_the_wire.move(D.IN_DOUBT)
    Doubt.objects.filter(delivery__state=D.IN_DOUBT, resends=0).update(resends=1)


def _cancel(broadcast_id: int, *, before: datetime, now: datetime) -> None:
    """Never start again what has been sent already, unless this is a newer one."""
    same = Broadcast.objects.filter(pk=broadcast_id, message__created_at__lte=before)
    if same.move(BroadcastState.CANCELLED):
        what = BroadcastEvent.What.CANCELLED
        facts = {"reason": PauseReason.RESTORED.value}
        BroadcastEvent.objects.create(broadcast_id=broadcast_id, at=now, what=what, facts=facts)


def _pause_all(report: Report, *, now: datetime) -> None:
    """Let whoever is responsible look at each broadcast before it goes on.

    What rests overnight, or for another cause that will be gone, is no exception.
    """
    for pk in Broadcast.objects.running().order_by("pk").values_list("pk", flat=True):
        if stopping.pause_until_resumed(pk, PauseReason.RESTORED, now=now):
            report.broadcasts_paused.append(pk)


def _never_give_out_again(journal: Journal) -> None:
    """Let no new broadcast get an id that stands in the journal for another one."""
    newest_id = max((line["broadcast"] for line in journal.lines(SENDS) if line), default=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT setval(ids, greatest(nextval(ids), %s))
              FROM (SELECT pg_get_serial_sequence('campaigns_broadcast', 'id')::regclass) AS s (ids)
            """,
            [newest_id],
        )


def _allow(generation: UUID, *, now: datetime) -> None:
    """Allow sending again, but not what was waiting to be answered before the backup."""
    channel = Channel.objects.select_for_update().get(pk=Channel.ONLY)
    is_held = channel.stop_reason == StopReason.RESTORE_HOLD  # or for yet another reason
    since = channel.stopped_at if is_held else now
    Reply.objects.filter(created_at__lt=since).move(D.SKIPPED)
    stopping.end_hold(now=now)
    Channel.objects.filter(pk=Channel.ONLY).update(generation=generation)


def _readable(journal: Journal, kind: str, report: Report) -> Iterator[Line]:
    for line in journal.lines(kind):
        if line is None:
            report.unreadable += 1
        else:
            yield line
