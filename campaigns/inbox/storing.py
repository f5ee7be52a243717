"""A webhook taken in, while Meta waits: the body stored, and what people say acted on.

A body in which nobody speaks needs one statement, which is its own commit and often that of other
threads as well. Where somebody speaks, body and consent are committed together.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from campaigns import failpoints, patience
from campaigns.inbox import hearing
from campaigns.inbox.committing import GroupCommit
from campaigns.inbox.desk import Desk, News, next_try, read
from campaigns.inbox.hearing import Outcome
from campaigns.inbox.inserting import Sealed, insert_many, insert_one
from campaigns.models import InboxEntry
from whatsapp.events import may_speak

State = InboxEntry.State
WRITERS = 4  # threads of a process that store at once, half of them; measured, the best number


class NotHonoured(Exception):
    """A withdrawal could not be recorded; Meta must send it again."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a webhook left to do: statuses to apply, replies to send."""

    statuses_wait: bool = False
    replies_wait: bool = False


def receive(body: bytes, *, desk: Desk, now: datetime) -> Received:
    """Store a webhook body whose signature is right, and act on what people say in it.

    Raises NotHonoured if it holds a STOP that could not be recorded, and Error if the database
    is away or busy (patience.is_outage).
    """
    sealed = Sealed(desk.vault.body_hash(body), desk.vault.seal_body(body), now)
    if may_speak(body):
        return _receive_words(sealed, news=read(body, desk=desk), desk=desk, now=now)
    if connection.in_atomic_block:  # what others store must not hang on this transaction
        insert_one(sealed)
    else:
        _together.store(sealed)
    return Received(statuses_wait=True)


def _receive_words(sealed: Sealed, *, news: News, desk: Desk, now: datetime) -> Received:
    statuses_wait = False
    with transaction.atomic():
        patience.limit()
        is_new = insert_one(sealed)
        if not is_new and _is_applied(sealed):
            return Received()
        outcome = hearing.hear(news.said, desk=desk, now=now)
        if is_new:  # otherwise its state is the business of whoever applies it
            statuses_wait = _note(sealed, news, outcome, now=now)
        failpoints.reach(failpoints.WEBHOOK_STORED)
    if outcome.lost_withdrawal:
        raise NotHonoured
    return Received(statuses_wait=statuses_wait, replies_wait=outcome.replied)


_together: GroupCommit[Sealed] = GroupCommit(insert_many, writers=WRITERS)


def _is_applied(sealed: Sealed) -> bool:
    return InboxEntry.objects.filter(body_hash=sealed.body_hash, state=State.APPLIED).exists()


def _note(sealed: Sealed, news: News, outcome: Outcome, *, now: datetime) -> bool:
    """Note how far a new body has got; tell whether something in it still has to be applied."""
    entry = InboxEntry.objects.filter(body_hash=sealed.body_hash)
    if news.is_malformed:
        entry.update(state=State.QUARANTINED)
    elif outcome.failed:
        entry.update(state=State.FAILING, tries=1, not_before=next_try(1, now=now))
    elif news.is_over_once_heard:
        entry.update(state=State.APPLIED, body=None)
    else:
        return True
    return False
