"""Why a broadcast does not move: one answer for its page, the start page and the console.

`why` only chooses among facts, so that it can be read as a list; `look` asks the rows. What a
broadcast is paused for it says itself (reasons.PauseReason), and that is not said again.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from campaigns import media, reports
from campaigns.hours import SendingHours
from campaigns.models import (
    Attempt,
    Batch,
    Broadcast,
    BroadcastEvent,
    Channel,
    Heartbeat,
    InboxEntry,
)
from campaigns.reasons import PauseReason, StopReason
from campaigns.spool import Spool
from campaigns.states import RUNNING, BroadcastState

S, What = BroadcastState, BroadcastEvent.What
LATE_AFTER = timedelta(minutes=2)  # what comes in, and a file that goes out, take seconds
STUCK_AFTER = timedelta(minutes=5)  # ten shifts of a worker; no wait that Meta asks for is longer
BEGINNINGS = [What.STARTED, What.RESUMED, What.RELEASED]


class Cause(StrEnum):
    """What holds a broadcast."""

    STOPPED = "stopped"  # everything
    QUIET_HOURS = "quiet_hours"
    SPOOL = "spool"
    ENGINE = "engine"  # nobody starts, rings and repairs
    SENDER = "sender"  # nobody sends what is in its lane
    FILE = "file"
    LIMIT = "limit"
    ASKED_TO_WAIT = "asked_to_wait"
    STUCK = "stuck"
    UNREAD = "unread"  # all of it has left, but the news of it are not read


# How long this takes says a page with figures better.
SAID_IN_FIGURES = frozenset({Cause.QUIET_HOURS, Cause.LIMIT})


@dataclass(frozen=True, slots=True)
class Standstill:
    """What holds a broadcast, in a sentence, and what is to be done about it, in another."""

    cause: Cause
    words: str
    advice: str
    reason: str = ""  # a StopReason, where everything is stopped

    def __str__(self) -> str:
        return f"{self.words} {self.advice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What is the same for all broadcasts at one moment."""

    stop_reason: str = ""
    silent: Collection[str] = ()  # workers that have not done anything for a minute
    is_spool_waiting: bool = False  # what came in while the database was away
    is_spool_late: bool = False
    is_inbox_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about one broadcast at one moment."""

    state: str
    lane: str
    has_open: bool = True  # something of it is still to leave
    is_quiet: bool = False
    moves: bool = False  # something of it was tried within the last minute
    lacks_file: bool = False  # Meta does not have it
    is_fresh: bool = False  # it began, or went on, a moment ago
    is_held: bool = False  # all that is left waits for the daily limit
    rests: bool = False  # all that is left waits for its next try
    is_stuck: bool = False


def why(facts: Facts, house: House) -> Standstill | None:
    """Return what holds a broadcast, the strongest cause first; None if nothing does."""
    if not facts.has_open:
        return _unread(house) if facts.state == S.SENDING else None
    if house.stop_reason:
        return _stopped(StopReason(house.stop_reason))
    if facts.state not in (S.SENDING, S.SCHEDULED):
        return None
    if facts.is_quiet:
        return _rest(Cause.QUIET_HOURS, PauseReason.QUIET_HOURS)
    if facts.state == S.SENDING and house.is_spool_waiting:
        return _spool(is_late=house.is_spool_late)
    if not facts.moves and (missing := _worker(facts, house)):
        return missing
    return _of_its_own(facts) if facts.state == S.SENDING else None


def _worker(facts: Facts, house: House) -> Standstill | None:
    if Heartbeat.ENGINE in house.silent:
        words = _("The part of the system that starts and repairs everything does not answer.")
        return Standstill(Cause.ENGINE, words, _when_it_is_back())
    if facts.state == S.SENDING and facts.lane in house.silent:
        words = _("The part of the system that sends this does not answer.")
        return Standstill(Cause.SENDER, words, _when_it_is_back())
    return None


def _of_its_own(facts: Facts) -> Standstill | None:
    if facts.lacks_file:
        return _file(is_fresh=facts.is_fresh)
    if facts.is_held:
        return _rest(Cause.LIMIT, PauseReason.LIMIT_REACHED)
    if facts.rests:
        words = _("WhatsApp has asked us to wait with those who are left.")
        advice = _("Nothing to do: it goes on by itself within a few minutes.")
        return Standstill(Cause.ASKED_TO_WAIT, words, advice)
    if facts.is_stuck:
        words = _("Nothing of it has left for some minutes, although nothing known holds it.")
        return Standstill(Cause.STUCK, words, _("Please tell IT."))
    return None


def _stopped(reason: StopReason) -> Standstill:
    words = _("All sending is stopped. %(reason)s") % {"reason": reason.label}
    return Standstill(Cause.STOPPED, words, reason.advice, reason)


def _rest(cause: Cause, reason: PauseReason) -> Standstill:
    return Standstill(cause, str(reason.label), reason.advice)


def _when_it_is_back() -> str:
    return _("Nothing is lost: it goes on by itself when that part is back. Please tell IT.")


def _spool(*, is_late: bool) -> Standstill:
    words = _("First it is read what has come in meanwhile, perhaps with a STOP among it.")
    if is_late:
        advice = _("It takes longer than it should. Please tell IT.")
    else:
        advice = _("Nothing to do: it goes on by itself in a moment.")
    return Standstill(Cause.SPOOL, words, advice)


def _file(*, is_fresh: bool) -> Standstill:
    if is_fresh:
        words = _("Its picture or file is being handed to WhatsApp.")
        return Standstill(Cause.FILE, words, _("Nothing to do: then it begins by itself."))
    words = _("WhatsApp has not taken its picture or file yet.")
    advice = _("It is tried again and again by itself; after ten minutes please tell IT.")
    return Standstill(Cause.FILE, words, advice)


def _unread(house: House) -> Standstill | None:
    if not (house.is_inbox_late or Heartbeat.INBOUND in house.silent):
        return None
    words = _("What WhatsApp reports is not being read, so the figures are behind.")
    return Standstill(Cause.UNREAD, words, _("Please tell IT."))


def look(
    broadcasts: Collection[Broadcast], house: House, *, hours: SendingHours, now: datetime
) -> dict[int, Standstill]:
    """Return what holds these broadcasts, by id; those that move, or need not, are missing.

    Two queries more, however many they are.
    """
    due = [one for one in broadcasts if one.state in RUNNING or _is_overdue(one, now=now)]
    if not due:
        return {}
    balances = reports.balances_of(due)
    facts = {
        one.pk: _facts(one, row, has_open=balances[one.pk].open > 0, hours=hours, now=now)
        for one, row in _with_rows(due, now=now)
    }
    found = {pk: why(known, house) for pk, known in facts.items()}
    return {pk: held for pk, held in found.items() if held}


def look_at_house(*, spool: Spool, now: datetime) -> House:
    """Ask about everything that is the same for all broadcasts."""
    untried = InboxEntry.objects.filter(state=InboxEntry.State.RECEIVED, tries=0)
    on_disk = spool.waiting(late_before=now - LATE_AFTER)
    return House(
        stop_reason=Channel.objects.values_list("stop_reason", flat=True).get(pk=Channel.ONLY),
        silent=Heartbeat.objects.silent(now=now),
        is_spool_waiting=on_disk.holds,
        is_spool_late=on_disk.is_late,
        is_inbox_late=untried.filter(received_at__lt=now - LATE_AFTER).exists(),
    )


def stuck(*, now: datetime) -> QuerySet[Broadcast]:
    """Return what is being sent, and of which nothing has been tried for some minutes.

    Whether it may be sent is the caller's question.
    """
    before = now - STUCK_AFTER
    waiting = Batch.objects.filter(is_finished=False, is_held=False, not_before__lte=before)
    begun = BroadcastEvent.objects.filter(what__in=BEGINNINGS, at__gt=before)
    rows = Broadcast.objects.filter(
        state=S.SENDING, started_at__lte=before, pk__in=waiting.values("broadcast")
    )
    return rows.exclude(pk__in=begun.values("broadcast")).exclude(_tried(since=before))


def _is_overdue(broadcast: Broadcast, *, now: datetime) -> bool:
    """Tell whether it should have started, and nobody can undo it any more."""
    starts_at = max(filter(None, [broadcast.due_at, broadcast.held_until]), default=None)
    return broadcast.state == S.SCHEDULED and starts_at is not None and starts_at <= now


def _with_rows(
    broadcasts: Collection[Broadcast], *, now: datetime
) -> Iterator[tuple[Broadcast, Mapping[str, object]]]:
    """Yield each with what the rows say about it, all in one query."""
    begun = BroadcastEvent.objects.filter(
        broadcast=OuterRef("pk"), what__in=BEGINNINGS, at__gt=now - LATE_AFTER
    )
    left = Batch.objects.filter(broadcast=OuterRef("pk"), is_finished=False)
    rows = Broadcast.objects.filter(pk__in=[one.pk for one in broadcasts]).values("pk")
    found = rows.annotate(
        has_ready=Exists(left.filter(is_held=False, not_before__lte=now)),
        has_held=Exists(left.filter(is_held=True)),
        has_later=Exists(left.filter(not_before__gt=now)),
        moves=_tried(since=now - Heartbeat.SILENT_AFTER),
        is_fresh=Exists(begun),
        is_stuck=Exists(stuck(now=now).filter(pk=OuterRef("pk"))),
    )
    by_pk = {row["pk"]: row for row in found}
    return ((one, by_pk[one.pk]) for one in broadcasts if one.pk in by_pk)


def _facts(
    broadcast: Broadcast,
    row: Mapping[str, object],
    *,
    has_open: bool,
    hours: SendingHours,
    now: datetime,
) -> Facts:
    category = broadcast.message.category
    return Facts(
        state=broadcast.state,
        lane=category.lane,
        has_open=has_open or broadcast.state == S.SCHEDULED,
        is_quiet=not category.hours(hours).are_open(now),
        moves=bool(row["moves"]),
        lacks_file=not media.is_at_whatsapp(broadcast.message, now=now),
        is_fresh=bool(row["is_fresh"]),
        is_held=bool(row["has_held"] and not row["has_ready"]),
        rests=bool(row["has_later"] and not row["has_ready"]),
        is_stuck=bool(row["is_stuck"]),
    )


def _tried(*, since: datetime) -> Exists:
    """Whether anything of a broadcast has been tried since then."""
    return Exists(Attempt.objects.filter(armed_at__gt=since, delivery__broadcast=OuterRef("pk")))
