"""Claiming and arming: the last moment at which anything can still be taken back."""

import secrets
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from campaigns import composing, failpoints, gate
from campaigns.models import Batch, Delivery
from campaigns.reasons import SkipReason
from campaigns.states import DELIVERY_SOURCES, DeliveryState
from subscribers import audience, identities
from subscribers.identities import Address
from subscribers.vault import Vault

# Longer than a shift (30 s), what a message may wait in it (5 s) and the slowest answer (20 s).
LEASE = timedelta(seconds=60)
TOKEN_BYTES = 16

# Each of these alone forbids to arm anything of a batch.
MAY_SEND = (
    "batch.owner = %(owner)s",
    "batch.lease_until > %(now)s",
    "broadcast.state = 'sending'",
    "broadcast.expires_at > %(now)s",
    "channel.stop_reason = ''",
)


class Halted(Exception):
    """Nothing of this broadcast may be armed now: it stands still, is no longer useful, the
    channel is stopped, our lease is over, or somebody else holds its rows."""


@dataclass(frozen=True, slots=True)
class Armed:
    """A delivery whose attempt is committed: it may, and must, be sent now."""

    delivery_id: int
    number: int  # of the attempt, from 1
    token: UUID
    to: Address = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Waiting:
    pk: int
    subscriber_id: UUID
    attempts: int


@transaction.atomic
def claim(broadcast_id: int, *, owner: str, now: datetime) -> Batch | None:
    """Take the next free batch of a broadcast for this worker alone, or return None."""
    free = Batch.objects.claimable(broadcast_id, now=now)
    batch = free.select_for_update(skip_locked=True).first()
    if batch is None:
        return None
    batch.owner, batch.lease_until = owner, now + LEASE
    batch.save(update_fields=["owner", "lease_until"])
    return batch


def arm(batch: Batch, *, level: int, limit: int, vault: Vault, now: datetime) -> list[Armed] | None:
    """Arm up to `limit` deliveries of a batch that we hold; skip whoever may not get them.

    `level` is the least tier level that gets this broadcast. None if no row is waiting;
    raises Halted if none may be armed.
    """
    try:
        return _arm(batch, level=level, limit=limit, vault=vault, now=now)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Halted from error
        raise


@transaction.atomic
def _arm(
    batch: Batch, *, level: int, limit: int, vault: Vault, now: datetime
) -> list[Armed] | None:
    gate.enter()
    if not _may_send(batch, now=now):
        raise Halted
    waiting = _waiting(batch, limit=limit)
    if not waiting:
        return None
    people = [row.subscriber_id for row in waiting]
    standing = audience.lock_standing(people)
    addresses = identities.addresses(people, vault=vault)
    wanted: list[_Waiting] = []
    refused: dict[SkipReason, list[int]] = defaultdict(list)
    for row in waiting:
        now_at = standing.get(row.subscriber_id, audience.NOTHING)
        if now_at.level < level:
            reason = SkipReason.TIER_CHANGED if now_at.level else SkipReason.WITHDRAWN
            refused[reason].append(row.pk)
        elif row.subscriber_id not in addresses:
            refused[SkipReason.ERASED].append(row.pk)
        elif not composing.is_reachable(addresses[row.subscriber_id]):
            refused[SkipReason.UNREADABLE].append(row.pk)
        else:
            wanted.append(row)
    for reason, ids in refused.items():
        Delivery.objects.filter(pk__in=ids).move(DeliveryState.SKIPPED, reason=reason)
    tokens = _write_attempts(wanted, now=now)
    failpoints.reach(failpoints.BEFORE_ARM_COMMIT)
    return [
        Armed(row.pk, row.attempts + 1, token, addresses[row.subscriber_id])
        for row, token in zip(wanted, tokens, strict=True)
    ]


@transaction.atomic
def release(batch: Batch) -> None:
    """Give a batch back: finished, or free for whoever claims it next.

    One with deliveries whose answer nobody has recorded stays ours: when the lease is over,
    the sweep finds it and puts them in doubt. Nobody would look at a batch without a lease.
    """
    rows = Delivery.objects.of_batch(batch)
    if rows.filter(state=DeliveryState.ARMED).exists():
        return
    unfinished = rows.filter(state=DeliveryState.QUEUED).exists()
    Batch.objects.filter(pk=batch.pk, owner=batch.owner).update(
        owner="", lease_until=None, is_finished=not unfinished
    )


def _may_send(batch: Batch, *, now: datetime) -> bool:
    """Ask everything that may forbid a send, and hold the answer until we have committed.

    FOR SHARE: whoever changes these rows waits for us, or we for them, also past the gate.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT 1
              FROM campaigns_batch AS batch
              JOIN campaigns_broadcast AS broadcast ON broadcast.id = batch.broadcast_id
              JOIN campaigns_channel AS channel ON channel.id = 1
             WHERE batch.id = %(batch)s AND {" AND ".join(MAY_SEND)}
               FOR SHARE
            """,  # noqa: S608 - put together from constants
            {"batch": batch.pk, "owner": batch.owner, "now": now},
        )
        return cursor.fetchone() is not None


def _waiting(batch: Batch, *, limit: int) -> list[_Waiting]:
    with connection.cursor() as cursor:
        # Locked: a status of an earlier attempt may want to settle one of them at this moment.
        cursor.execute(
            """
            SELECT id, subscriber_id, attempts
              FROM campaigns_delivery
             WHERE id BETWEEN %s AND %s AND broadcast_id = %s AND batch_number = %s
               AND state = 'queued'
             ORDER BY id LIMIT %s
               FOR UPDATE
            """,
            [batch.first_id, batch.last_id, batch.broadcast_id, batch.number, limit],
        )
        return [_Waiting(*row) for row in cursor.fetchall()]


def _write_attempts(rows: Collection[_Waiting], *, now: datetime) -> list[UUID]:
    """Move rows that we hold to ARMED, with one attempt and a fresh token each."""
    if not rows:
        return []
    tokens = [UUID(bytes=secrets.token_bytes(TOKEN_BYTES)) for _ in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH armed AS (
                UPDATE campaigns_delivery AS delivery
                   SET state = 'armed', reason = '', attempts = delivery.attempts + 1
                  FROM unnest(%s::bigint[], %s::uuid[]) AS fresh (delivery_id, token)
                 WHERE delivery.id = fresh.delivery_id AND delivery.state = ANY(%s)
             RETURNING fresh.token, delivery.id, delivery.attempts
            )
            INSERT INTO campaigns_attempt (token, delivery_id, number, armed_at)
            SELECT token, id, attempts, %s FROM armed
            """,
            [[row.pk for row in rows], tokens, list(DELIVERY_SOURCES[DeliveryState.ARMED]), now],
        )
        assert cursor.rowcount == len(rows)  # we hold them
    return tokens
