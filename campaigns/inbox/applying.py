"""Stored webhooks applied completely, by a worker: statuses in bulk, whatever body they came in."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, takewhile

from django.db import OperationalError, transaction
from django.db.models import Func, IntegerField

from campaigns import allowance, failpoints, statuses, templates_sync
from campaigns.inbox import hearing
from campaigns.inbox.desk import Desk, News, next_try, read
from campaigns.models import InboxEntry
from campaigns.statuses import Key
from subscribers.vault import VaultError
from whatsapp import events
from whatsapp.events import StatusUpdate

logger = logging.getLogger(__name__)

State = InboxEntry.State
WAITING = (State.RECEIVED, State.FAILING)
KEEP_TRYING = timedelta(hours=24)  # a body is sealed and waits no longer than that
MAX_TRIES = 3  # of an element that raises, before the body is quarantined
TOGETHER = 256  # bodies in one transaction: Meta often sends a body for each status
TOGETHER_BYTES = 1_000_000  # of them; a body of 3 MB takes 20 times that while it is read


class _Poisoned(Exception):
    """Something that a webhook says cannot be applied, today."""


@dataclass(slots=True)
class _Opened:
    """A stored body being applied."""

    entry: InboxEntry
    news: News
    has_failed: bool = False
    unmatched: set[Key] = field(default_factory=set)


def apply_pending(*, desk: Desk, clock: Callable[[], datetime], limit: int) -> int:
    """Apply up to `limit` stored bodies completely; return how many that were."""
    done = 0
    while done < limit:
        applied = _apply_next(min(TOGETHER, limit - done), desk=desk, now=clock())
        if not applied:
            break
        done += applied
    return done


def try_again(*, now: datetime) -> int:
    """Let those that were put aside wait again, with all their tries; return how many.

    What has been erased since, a day after it came, stays aside.
    """
    aside = InboxEntry.objects.filter(state=State.QUARANTINED, body__isnull=False)
    return aside.update(state=State.FAILING, tries=0, not_before=now)


@transaction.atomic
def _apply_next(most: int, *, desk: Desk, now: datetime) -> int:
    bodies = _together(_take(most, now=now), desk=desk)
    # In this order: everybody locks deliveries before subscribers.
    for is_repeated in (False, True):
        some = [body for body in bodies if (body.entry.tries > 0) == is_repeated]
        _apply_statuses(some, desk=desk, now=now, is_repeated=is_repeated)
    for body in bodies:
        _apply_account_news(body, now=now)
    failpoints.reach(failpoints.WEBHOOK_HALF_APPLIED)
    for body in bodies:
        body.has_failed |= hearing.hear(body.news.said, desk=desk, now=now).failed
    # All at the end, after the last lock: who stores such a body again waits from here on.
    _finish(bodies, desk=desk, now=now)
    return len(bodies)


def _take(most: int, *, now: datetime) -> list[InboxEntry]:
    """Lock what has waited longest, as much of it as may be in memory at once."""
    # Without a body there is nothing to apply: one row like that must not stop all the others.
    waiting = InboxEntry.objects.filter(state__in=WAITING, not_before__lte=now, body__isnull=False)
    size = Func("body", function="octet_length", output_field=IntegerField())
    locked = list(
        waiting.select_for_update(skip_locked=True)
        .order_by("not_before", "pk")
        .values_list("pk", size)[:most]
    )
    sums = accumulate(size for _pk, size in locked)
    fits = len(list(takewhile(lambda total: total <= TOGETHER_BYTES, sums)))
    ids = [pk for pk, _size in locked[: max(1, fits)]]
    return list(InboxEntry.objects.filter(pk__in=ids).order_by("not_before", "pk"))


def _together(entries: Iterable[InboxEntry], *, desk: Desk) -> list[_Opened]:
    """Open bodies up to one in which somebody speaks; that one is applied alone.

    So the subscribers of no more than one body are locked at a time.
    """
    opened: list[_Opened] = []
    for entry in entries:
        body = _open(entry, desk=desk)
        if body.news.said:
            return opened or [body]
        opened.append(body)
    return opened


def _open(entry: InboxEntry, *, desk: Desk) -> _Opened:
    assert entry.body is not None  # kept until applied
    try:
        return _Opened(entry, read(desk.vault.open_body(bytes(entry.body)), desk=desk))
    except VaultError:
        logger.exception("webhook does not open", extra={"entry_id": entry.pk})
        return _Opened(entry, News(), has_failed=True)


def _apply_statuses(
    bodies: Sequence[_Opened], *, desk: Desk, now: datetime, is_repeated: bool
) -> None:
    """Apply the statuses of all these bodies at once; if one of them is poison, one by one."""

    def apply(updates: Sequence[StatusUpdate]) -> set[Key]:
        with _apart():
            return statuses.apply(updates, vault=desk.vault, now=now, is_repeated=is_repeated)

    try:
        unmatched = apply([update for body in bodies for update in body.news.updates])
    except _Poisoned:
        for body in bodies:
            _apply_singly(body, apply)
        return
    for body in bodies:
        keys = {statuses.key(update, vault=desk.vault) for update in body.news.updates}
        body.unmatched = keys & unmatched


def _apply_singly(body: _Opened, apply: Callable[[Sequence[StatusUpdate]], set[Key]]) -> None:
    for update in body.news.updates:
        try:
            body.unmatched |= apply([update])
        except _Poisoned:
            body.has_failed = True


def _apply_account_news(body: _Opened, *, now: datetime) -> None:
    """Take in what Meta says about our templates and our number."""
    for event in body.news.events:
        if isinstance(event, StatusUpdate):
            continue
        try:
            with _apart():
                _take_news(event, now=now)
        except _Poisoned:
            body.has_failed = True


def _take_news(event: events.Event, *, now: datetime) -> None:
    match event:
        case events.TemplateStatus() | events.TemplateCategory() | events.TemplateQuality():
            templates_sync.take_news(event, now=now)
        case events.BusinessCapability() | events.NumberQuality():
            allowance.note(event.daily_limit, now=now)


@contextmanager
def _apart() -> Iterator[None]:
    """Keep what happens here apart from its neighbours: if it raises, nothing of it happened.

    Raises _Poisoned then; but OperationalError is the trouble of the database, not of this
    element: everything is undone, and the next bell begins anew.
    """
    try:
        with transaction.atomic():
            yield
    except OperationalError:
        raise
    except Exception as error:
        logger.exception("news could not be applied")
        raise _Poisoned from error


def _finish(bodies: Iterable[_Opened], *, desk: Desk, now: datetime) -> None:
    """Note on stored bodies how far they have got; erase those in which everything is applied."""
    applied: dict[int, list[int]] = defaultdict(list)  # by what was not found
    for body in bodies:
        entry = body.entry
        if body.news.is_malformed:
            entry.state = State.QUARANTINED
        elif body.has_failed:
            entry.tries += 1
            entry.not_before = next_try(entry.tries, now=now)
            entry.state = State.QUARANTINED if entry.tries > MAX_TRIES else State.FAILING
        elif body.unmatched and now < entry.received_at + KEEP_TRYING:
            entry.tries += 1
            entry.not_before = now + timedelta(seconds=5 * 2 ** min(entry.tries, 9))
            entry.state = State.RECEIVED
        else:
            applied[_strays(body, desk=desk)].append(entry.pk)
            continue
        entry.save(update_fields=["state", "tries", "not_before"])
    for strays, ids in applied.items():
        rows = InboxEntry.objects.filter(pk__in=ids)
        rows.update(state=State.APPLIED, body=None, unmatched=strays)


def _strays(body: _Opened, *, desk: Desk) -> int:
    """Count the messages that it says were sent and that we do not know.

    Only “sent”: that comes within seconds. What is told of a phone that was switched off for
    weeks is about an attempt that we have rightly forgotten.
    """
    sent = {
        statuses.key(update, vault=desk.vault)
        for update in body.news.updates
        if update.status == "sent"
    }
    return len(sent & body.unmatched)
