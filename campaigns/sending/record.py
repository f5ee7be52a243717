"""What became of an attempt: from Meta's answer to the rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from campaigns import batches, gate, optouts, stopping
from campaigns.models import Batch, Delivery
from campaigns.reasons import FailureReason, StopReason, of_code
from campaigns.sending.arm import Armed
from campaigns.states import DELIVERY_SOURCES, DeliveryState
from subscribers.vault import Vault
from whatsapp import answers
from whatsapp.answers import Outcome

MAX_ATTEMPTS = 5  # of one delivery while Meta says “try again”; then it has failed
LONGEST_WAIT = timedelta(minutes=5)
STOPS = (answers.AccountStopped, answers.BroadcastStopped)
PAIR_WAIT = timedelta(seconds=6)  # Meta, messaging limits: one per 6 seconds to one person


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt and what Meta answered."""

    armed: Armed
    outcome: Outcome


@transaction.atomic
def record(batch: Batch, sent: Sequence[Sent], *, vault: Vault, now: datetime) -> None:
    """Store the answers to some attempts of a batch, all in one transaction.

    A status may have been faster than the answer; the guarded moves allow for that.
    """
    if any(isinstance(one.outcome, STOPS) for one in sent):
        gate.close()
    newest = Delivery.objects.lock([one.armed.delivery_id for one in sent])
    fates: dict[tuple[DeliveryState, str], list[Sent]] = defaultdict(list)
    for one in sent:
        # From a worker that was frozen until somebody else had taken over: of an attempt that
        # is no longer the newest only this counts, that Meta took it.
        is_newest = one.armed.number == newest.get(one.armed.delivery_id)
        if is_newest or isinstance(one.outcome, answers.Accepted):
            fates[_fate(one)].append(one)
    _queue_again(batch, fates.pop((DeliveryState.QUEUED, ""), []), now=now)
    _accept(fates.pop((DeliveryState.ACCEPTED, ""), []), vault=vault)
    for (state, reason), group in fates.items():
        ids = [one.armed.delivery_id for one in group]
        Delivery.objects.filter(pk__in=ids).move(state, reason=reason)
    for one in sent:
        _react(batch, one, now=now)


def _accept(sent: Sequence[Sent], *, vault: Vault) -> None:
    """Move what was accepted, and keep the hash of each message id, all in one statement.

    By that hash a status without our token is matched.
    """
    accepted = [
        (one.armed.delivery_id, one.armed.token, vault.message_hash(one.outcome.wamid))
        for one in sent
        if isinstance(one.outcome, answers.Accepted)
    ]
    if not accepted:
        return
    ids, tokens, hashes = map(list, zip(*accepted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                UPDATE campaigns_delivery SET state = 'accepted', reason = ''
                 WHERE id = ANY(%s) AND state = ANY(%s)
            )
            UPDATE campaigns_attempt AS attempt SET message_hash = told.message_hash
              FROM unnest(%s::uuid[], %s::bytea[]) AS told (token, message_hash)
             WHERE attempt.token = told.token
            """,
            [ids, list(DELIVERY_SOURCES[DeliveryState.ACCEPTED]), tokens, hashes],
        )


def _fate(one: Sent) -> tuple[DeliveryState, str]:
    """The state that an answer proves, and the reason to keep with it."""
    match one.outcome:
        case answers.Accepted():
            return DeliveryState.ACCEPTED, ""
        case answers.InDoubt():
            return DeliveryState.IN_DOUBT, ""
        case answers.RecipientRefused(code):
            return DeliveryState.FAILED, of_code(code)
        case answers.OurMistake():
            return DeliveryState.FAILED, FailureReason.REQUEST
        case answers.TryAgain() if one.armed.number >= MAX_ATTEMPTS:
            return DeliveryState.FAILED, FailureReason.OTHER
        case _:  # certainly not sent, and not this person's fault
            return DeliveryState.QUEUED, ""


def _queue_again(batch: Batch, sent: Iterable[Sent], *, now: datetime) -> None:
    """Put deliveries back, in a batch of their own for each waiting time."""
    by_wait: dict[timedelta, list[int]] = defaultdict(list)
    for one in sent:
        by_wait[_wait(one)].append(one.armed.delivery_id)
    for wait, ids in by_wait.items():
        batches.queue_again(batch.broadcast_id, ids, not_before=now + wait)


def _wait(one: Sent) -> timedelta:
    """How long a delivery rests: longer with every attempt; Meta asks 4^n for a pair."""
    attempts = one.armed.number
    match one.outcome:
        case answers.SlowDown(scope="recipient"):
            return PAIR_WAIT * int(4 ** min(attempts - 1, 2))
        case _:
            return min(timedelta(seconds=2 ** min(attempts, 9)), LONGEST_WAIT)


def _react(batch: Batch, one: Sent, *, now: datetime) -> None:
    """Do what an answer means beyond this one delivery."""
    match one.outcome:
        case answers.AccountStopped(code):
            stopping.stop_channel(StopReason.of_code(code), now=now)
        case answers.BroadcastStopped(code):
            stopping.pause_for_code(batch.broadcast_id, code, now=now)
        case answers.RecipientRefused(code) if of_code(code) == FailureReason.OPTED_OUT:
            optouts.honour([one.armed.delivery_id], at=now, now=now)
