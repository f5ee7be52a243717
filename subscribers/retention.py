"""How long what is kept: one table, enforced by the tick, reported every night.

A rule promises that nothing of its class is older than so long. What is about to break the
promise is erased a little earlier (`margin`); what is older nevertheless is *overdue*, and the
nightly report says so, because a deletion that nobody checks is a hope. Limits and reasons:
docs/privacy.md, section “Retention”. The rows of campaigns have their own table in
campaigns/retention.py, of the same form.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from subscribers import erasure, incidents, message_keys, phones, promises, threads
from subscribers.forgotten import KEEP
from subscribers.models import (
    AccessEvent,
    AccessLink,
    ConsentEvent,
    Deleted,
    DeskPhone,
    Erasure,
    Identity,
    Incident,
    IncidentStep,
    MessageSecret,
    PhoneCode,
    SealedProof,
    SubjectKey,
    Subscriber,
    SubscriberState,
    Thread,
    ThreadMessage,
    Told,
    Turn,
)

AT_ONCE = 10_000  # rows a statement, so that it never holds anybody up
PORTIONS = 20  # a rule and a sweep: together well within a task's time
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Old = Callable[[datetime], "QuerySet[Any]"]
Erase = Callable[["QuerySet[Any]", datetime], int]


def _delete(rows: "QuerySet[Any]", _now: datetime) -> int:
    """Delete rows that nothing refers to, in portions."""
    every = rows.model._base_manager.using(rows.db)
    total = 0
    for _ in range(PORTIONS):
        deleted, _by_model = every.filter(
            pk__in=list(rows.values_list("pk", flat=True)[:AT_ONCE])
        ).delete()
        total += deleted
        if deleted < AT_ONCE:
            break
    return total


def _forget(people: "QuerySet[Subscriber]", now: datetime) -> int:
    return erasure.forget(people, now=now)


def _forget_phones(unused: "QuerySet[DeskPhone]", now: datetime) -> int:
    return phones.forget(unused, now=now)


def _end_proofs(proofs: "QuerySet[SealedProof]", now: datetime) -> int:
    refs = set(proofs.values_list("ref", flat=True)[: erasure.AT_MOST])
    return erasure.leave_nothing(refs, reason="time is over", now=now)


def _of_the_gone(moment: datetime) -> "QuerySet[ConsentEvent]":
    gone = Erasure.objects.filter(done_at__lt=moment)
    return ConsentEvent.objects.filter(subscriber__in=gone.values("ref"))


def _erase_events(events: "QuerySet[ConsentEvent]", now: datetime) -> int:
    refs = set(events.values_list("subscriber_id", flat=True)[: erasure.AT_MOST])
    return erasure.leave_nothing(refs, reason="nothing is kept", now=now) if refs else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One class of data: which rows are older than a moment, and what is done with them."""

    name: str
    of: tuple[type[Model], ...]  # the models whose rows it ends
    promise: timedelta
    why: str  # the article, or the purpose that is over
    old: Old
    erase: Erase = _delete
    margin: timedelta = timedelta()
    is_evidence: bool = False  # kept while an incident is open

    def enforce(self, *, now: datetime) -> int:
        """Erase what is due, and note how much that was; return it."""
        if self.is_held():
            return 0
        rows = self.erase(self.old(self.cut_off(now)), now)
        if rows:
            _note(self.name, rows, day=now.date())
        return rows

    def cut_off(self, now: datetime) -> datetime:
        """Whatever is older than this is erased."""
        return now - self.promise + self.margin

    def overdue(self, *, now: datetime) -> int:
        """Count the rows that break the promise at this moment; none while they are held."""
        return 0 if self.is_held() else self.old(now - self.promise).count()

    def is_held(self) -> bool:
        """Tell whether an incident keeps these rows from being deleted."""
        return self.is_evidence and incidents.is_open()


def _people_in(state: SubscriberState) -> Old:
    return lambda moment: Subscriber.objects.filter(state=state, state_since__lt=moment)


def _orphaned_keys(moment: datetime) -> "QuerySet[SubjectKey]":
    """Keys that seal nothing: their subscriber, or phone, was never added, or has gone."""
    old = SubjectKey.objects.filter(created_at__lt=moment)
    keys = set(old.values_list("pk", flat=True))
    used = Identity.objects.filter(subscriber__in=keys).values_list("subscriber_id", flat=True)
    phones = DeskPhone.objects.filter(pk__in=keys).values_list("pk", flat=True)
    return SubjectKey.objects.filter(pk__in=keys - set(used) - set(phones))


PROOFS = Rule(
    name=gettext_noop("sealed proof of consent"),
    of=(SealedProof, ConsentEvent),
    promise=timedelta(),
    why=gettext_noop("Art. 7(1), 17(3)(e) GDPR; §§ 195, 199 BGB"),
    old=lambda moment: SealedProof.objects.filter(keep_until__lt=timezone.localdate(moment)),
    erase=_end_proofs,
)
# Only in the proof mode `none`: whoever has gone leaves nothing behind but their receipt.
NO_PROOF = Rule(
    name=gettext_noop("consent events of people who are gone"),
    of=(ConsentEvent, SealedProof),
    promise=promises.NO_PROOF,
    margin=HOUR,
    why=gettext_noop("the installation keeps no proof"),
    old=_of_the_gone,
    erase=_erase_events,
)
# About one person's wish: looked at with every tick.
URGENT: tuple[Rule, ...] = (
    Rule(
        name=gettext_noop("unanswered request"),
        of=(Subscriber, Identity),
        promise=promises.UNANSWERED,
        margin=HOUR,
        why=gettext_noop("Art. 5(1)(e) GDPR"),
        old=_people_in(SubscriberState.REQUESTED),
        erase=_forget,
    ),
    Rule(
        name=gettext_noop("refused"),
        of=(Subscriber, Identity),
        promise=promises.REFUSED,
        margin=HOUR - timedelta(minutes=10),
        why=gettext_noop("Art. 5(1)(e) GDPR"),
        old=_people_in(SubscriberState.REFUSED),
        erase=_forget,
    ),
    Rule(
        name=gettext_noop("identifier after withdrawal"),
        of=(Subscriber, Identity),
        promise=promises.AFTER_STOP,
        margin=HOUR,
        why=gettext_noop("Art. 7(3), 17(1)(b) GDPR"),
        old=_people_in(SubscriberState.WITHDRAWN),
        erase=_forget,
    ),
    # Sooner where our last word has left by then (campaigns/letters.py).
    Rule(
        name=gettext_noop("asked for erasure"),
        of=(Subscriber, Identity),
        promise=promises.ERASURE,
        margin=timedelta(minutes=2),
        why=gettext_noop("Art. 17(1) GDPR"),
        old=_people_in(SubscriberState.ERASING),
        erase=_forget,
    ),
)
RULES: tuple[Rule, ...] = (
    *URGENT,
    Rule(
        name=gettext_noop("keys that seal nothing"),
        of=(SubjectKey,),
        promise=2 * DAY,
        margin=DAY,
        why=gettext_noop("nothing left to seal"),
        old=_orphaned_keys,
    ),
    PROOFS,
    Rule(
        name=gettext_noop("erasure list"),
        of=(Erasure,),
        promise=KEEP + DAY,
        why=gettext_noop("no backup knows them any more"),
        old=lambda moment: Erasure.objects.filter(is_listed=True, done_at__lt=moment),
    ),
    Rule(
        name=gettext_noop("secrets of message hashes"),
        of=(MessageSecret,),
        promise=message_keys.LIFE,
        why=gettext_noop("WhatsApp repeats nothing for so long"),
        is_evidence=True,
        old=message_keys.worn_out,
    ),
    Rule(
        name=gettext_noop("how much somebody writes within an hour"),
        of=(Turn,),
        promise=promises.MESSAGES_PER_HOUR,
        margin=HOUR,
        why=gettext_noop("the limit of the hour, and WhatsApp’s window of 24 hours"),
        old=lambda moment: Turn.objects.filter(hour__lt=moment),
    ),
    Rule(
        name=gettext_noop("links to one's own data"),
        of=(AccessLink,),
        promise=DAY,
        margin=DAY,
        why=gettext_noop("the link is over"),
        old=lambda moment: AccessLink.objects.filter(expires_at__lt=moment),
    ),
    Rule(
        name=gettext_noop("replies after their thread closed"),
        of=(Thread, ThreadMessage),
        promise=threads.ERASED_AFTER,
        margin=DAY,
        why="Art. 5(1)(e) GDPR",
        old=lambda moment: Thread.objects.filter(heard_at__lt=moment),
    ),
    Rule(
        name=gettext_noop("replies of a long thread"),
        of=(ThreadMessage,),
        promise=threads.KEEP_AT_MOST,
        margin=DAY,
        why="Art. 5(1)(e) GDPR",
        old=lambda moment: ThreadMessage.objects.filter(at__lt=moment),
    ),
    Rule(
        name=gettext_noop("what was said about replies"),
        of=(Told,),
        promise=threads.KEEP_AT_MOST,
        margin=DAY,
        why="Art. 5(1)(e) GDPR",
        old=lambda moment: Told.objects.filter(at__lt=moment),
    ),
    Rule(
        name=gettext_noop("phones of the desk that nobody uses"),
        of=(DeskPhone,),
        promise=phones.UNUSED_FOR,
        margin=DAY,
        why="Art. 5(1)(e) GDPR",
        old=lambda moment: DeskPhone.objects.filter(used_at__lt=moment),
        erase=_forget_phones,
    ),
    Rule(
        name=gettext_noop("codes for phones of the desk"),
        of=(PhoneCode,),
        promise=2 * HOUR,
        margin=HOUR,
        why=gettext_noop("the limit of the hour"),
        old=lambda moment: PhoneCode.objects.filter(drawn_at__lt=moment),
    ),
    Rule(
        name=gettext_noop("access log"),
        of=(LogEntry,),
        promise=366 * DAY,
        margin=DAY,
        why=gettext_noop("Art. 5(2), 32 GDPR"),
        old=lambda moment: LogEntry.objects.filter(action_time__lt=moment),
        is_evidence=True,
    ),
    Rule(
        name=gettext_noop("who looked at what"),
        of=(AccessEvent,),
        promise=promises.ACCESS_LOG,
        margin=DAY,
        why="Art. 5(2), 32 GDPR",
        old=lambda moment: AccessEvent.objects.filter(at__lt=moment),
        is_evidence=True,
    ),
    Rule(
        name=gettext_noop("incidents"),
        of=(Incident, IncidentStep),
        promise=3 * 366 * DAY,
        margin=DAY,
        why=gettext_noop("Art. 33(5) GDPR"),
        old=lambda moment: Incident.objects.filter(ended_at__lt=moment),
    ),
    Rule(
        name=gettext_noop("sessions of the desk"),
        of=(Session,),
        promise=DAY,
        margin=DAY,
        why=gettext_noop("the session is over"),
        old=lambda moment: Session.objects.filter(expire_date__lt=moment),
        is_evidence=True,
    ),
)


def enforce(rules: Iterable[Rule], *, now: datetime) -> dict[str, int]:
    """Erase whatever is due by these rules; return how many rows of which."""
    return {rule.name: rule.enforce(now=now) for rule in rules}


def overdue(rules: Iterable[Rule], *, now: datetime) -> dict[str, int]:
    """Return which promises are broken at this moment, and by how many rows."""
    counted = {rule.name: rule.overdue(now=now) for rule in rules}
    return {name: rows for name, rows in counted.items() if rows}


def deleted_on(day: date) -> dict[str, int]:
    """Return how many rows each rule deleted on a day."""
    return dict(Deleted.objects.filter(day=day).values_list("rule", "rows"))


def _note(rule: str, rows: int, *, day: date) -> None:
    """Add to the day's count; two workers at once both count."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO subscribers_deleted AS kept (day, rule, rows) VALUES (%s, %s, %s)
                ON CONFLICT (day, rule) DO UPDATE SET rows = kept.rows + excluded.rows
            """,
            [day, rule, rows],
        )
