"""The rows that carry the work: batches, deliveries, attempts, and the tally.

Sized for a million deliveries in one broadcast. A delivery is narrow, carries no timestamp,
and its state is part of no index, so that PostgreSQL can change it in place (HOT); the
migration leaves room on each page for that. Lookups go through the batch (a range of ids) or
through an attempt's token.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast
from campaigns.states import DELIVERY_SOURCES, DeliveryState
from subscribers.models import Subscriber


class BatchQuerySet(models.QuerySet["Batch"]):
    """Which batch may be worked on."""

    def claimable(self, broadcast_id: int, *, now: datetime) -> "BatchQuerySet":
        """Unfinished batches that nobody holds and whose time has come, in claiming order."""
        return self.filter(
            broadcast=broadcast_id,
            is_finished=False,
            is_held=False,
            owner="",
            not_before__lte=now,
        ).order_by("not_before", "pk")

    def waiting(self, *, now: datetime) -> "BatchQuerySet":
        """Batches of any broadcast that a pump could claim now."""
        return self.filter(is_finished=False, is_held=False, owner="", not_before__lte=now)

    def held(self) -> "BatchQuerySet":
        """Batches that wait for Meta's daily limit."""
        return self.filter(is_finished=False, is_held=True)

    def abandoned(self, *, now: datetime) -> "BatchQuerySet":
        """Batches whose worker has not come back in time."""
        return self.filter(is_finished=False, lease_until__lt=now)


class Batch(models.Model):
    """A range of a broadcast's deliveries: what a worker claims, for as long as its lease.

    Deliveries to be tried again move to a new batch, with its own `not_before`, whose range
    lies within the old one.
    """

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, db_index=False)
    number = models.PositiveIntegerField()  # within the broadcast, from 0
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    not_before = models.DateTimeField()
    owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    is_finished = models.BooleanField(default=False)
    # Waits for Meta's daily limit (waves.py); `not_before` then says when it probably goes on.
    is_held = models.BooleanField(default=False, db_default=False)

    objects = BatchQuerySet.as_manager()
    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "number"], name="batch_number_once"),
            models.CheckConstraint(
                condition=Q(owner="", lease_until__isnull=True)
                | (~Q(owner="") & Q(lease_until__isnull=False)),
                name="batch_owned_with_lease",
            ),
        ]
        indexes = [
            # For claimable(): same order as its query.
            models.Index(
                fields=["broadcast", "not_before", "id"],
                condition=Q(is_finished=False, owner=""),
                name="batch_claimable",
            ),
            # For abandoned().
            models.Index(
                fields=["lease_until"], condition=Q(is_finished=False), name="batch_leases"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id}/{self.number}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Moves, and the rows of a batch."""

    def of_batch(self, batch: Batch) -> "DeliveryQuerySet":
        """The deliveries of a batch, found by its range of ids."""
        return self.filter(
            pk__range=(batch.first_id, batch.last_id),
            broadcast=batch.broadcast_id,
            batch_number=batch.number,
        )

    def lock(self, ids: Collection[int]) -> dict[int, int]:
        """Lock deliveries until the transaction ends; return the attempts made so far, by id.

        In order of id: so do all that lock several, and no two ever wait for each other. Plain
        SQL with one array of ids, because this runs for every group of answers.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT id, attempts FROM campaigns_delivery
                 WHERE id = ANY(%s) ORDER BY id FOR UPDATE
                """,
                [list(ids)],
            )
            return dict(cursor.fetchall())

    def move(self, to: DeliveryState, *, reason: str = "", **changes: Any) -> int:
        """Move these deliveries to a state where that is allowed; return how many moved.

        0 is a normal answer: the news is older than what we already know.
        """
        allowed = self.filter(state__in=DELIVERY_SOURCES[to])
        return allowed.update(state=to, reason=reason, **changes)


class Delivery(models.Model):
    """One broadcast to one subscriber. The row is the job; Celery only rings the bell."""

    # No constraint in the database on the two foreign keys: a broadcast's rows are written by
    # one INSERT ... SELECT from the referenced tables, and checking each again would double
    # its cost. Nothing deletes a broadcast or an active subscriber.
    broadcast = models.ForeignKey(
        Broadcast, models.DO_NOTHING, related_name="deliveries", db_constraint=False, db_index=False
    )
    # Null a week after the broadcast was closed (retention.py): the row then counts, and leads
    # to nobody.
    subscriber = models.ForeignKey(
        Subscriber,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    batch_number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    reason = models.CharField(max_length=16, blank=True)  # FailureReason or SkipReason
    attempts = models.PositiveSmallIntegerField(default=0)  # also the number of the newest one

    objects = DeliveryQuerySet.as_manager()
    personal_fields = frozenset({"subscriber", "state", "reason", "attempts"})

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            # Starting a broadcast twice cannot message anybody twice.
            models.UniqueConstraint(
                fields=["broadcast", "subscriber"], name="delivery_once_per_subscriber"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["failed", "skipped"]) ^ Q(reason=""),
                name="delivery_reason_only_when_needed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Attempt(models.Model):
    """One POST to Meta. Committed before its first byte leaves, and never reused."""

    # 128 random bits. It travels through Meta and comes back in every status
    # (biz_opaque_callback_data), so it says nothing about anybody.
    token = models.UUIDField(primary_key=True)
    delivery = models.ForeignKey(Delivery, models.DO_NOTHING, db_constraint=False, db_index=False)
    number = models.PositiveSmallIntegerField()  # from 1, within the delivery
    armed_at = models.DateTimeField()
    message_hash = models.BinaryField(max_length=32, null=True)  # vault.message_hash of the wamid

    personal_fields = frozenset({"delivery", "number", "armed_at", "message_hash"})

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            # For a status that comes without its token.
            models.Index(
                fields=["message_hash"],
                condition=Q(message_hash__isnull=False),
                name="attempt_message_hash",
            ),
            # For echoes.proof(), doubt.look_up_times(), watch and allowance.use(): the attempts of
            # some minutes, or of the last day. They are written in the order of time, so a page
            # range knows where they are.
            BrinIndex(fields=["armed_at"], autosummarize=True, name="attempt_time"),
        ]


class Tally(models.Model):
    """How many deliveries of a broadcast are in a state: the sum of `n` over its rows.

    A trigger adds a row for every statement that changes deliveries (migration 0002), so the
    sums are right whoever changes a row, no two workers wait for each other, and showing
    progress never reads the deliveries themselves. The tick folds the rows together.
    """

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="tallies")
    state = models.CharField(max_length=12, choices=DeliveryState.choices)
    reason = models.CharField(max_length=16, blank=True)
    n = models.BigIntegerField()

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
