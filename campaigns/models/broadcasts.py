"""A broadcast, and the diary of what happened to it."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings  # noqa: TID251 - only to name the user model
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from campaigns import gate
from campaigns.models.editorial import Category, Message
from campaigns.models.series import Slot
from campaigns.reasons import PauseReason
from campaigns.states import (
    BROADCAST_SOURCES,
    HALTED,
    RUNNING,
    TAKEN,
    BroadcastState,
    DeliveryState,
)

S = BroadcastState
LATELY = timedelta(days=90)  # what is older is looked for, not copied unseen
MOST_FOUND = 501  # messages; one more than a list shows


def _paired(*names: str) -> Q:
    """All of these fields are set, or none."""
    return Q(**{f"{name}__isnull": False for name in names}) | Q(
        **{f"{name}__isnull": True for name in names}
    )


def _is_late(now: datetime) -> Q:
    """It is too late to begin; of a series only the newest date still counts."""
    # Without a join: a guarded UPDATE must compare the row itself, or two could win.
    superseded = Slot.objects.filter(
        pk=OuterRef("slot_id"),
        due_at=OuterRef("due_at"),  # whoever gave it another time wants it all the same
        series__slots__local_date__gt=F("local_date"),
        series__slots__due_at__lte=now,
    )
    return Q(start_by__lte=now) | Q(expires_at__lte=now) | Q(Exists(superseded))


_COUNTED = {
    "accepted": TAKEN,
    "failed": {DeliveryState.FAILED},
    "skipped": {DeliveryState.SKIPPED},
    "unclear": {DeliveryState.IN_DOUBT, DeliveryState.UNKNOWN},
}


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    """Moves, and what the tick looks for."""

    def move(self, to: BroadcastState, **changes: Any) -> int:
        """Move these broadcasts to a state where that is allowed; return how many moved.

        0 is a normal answer: somebody else was faster.
        """
        changes.setdefault("pause_reason", "")
        if to in HALTED:
            gate.close()
        return self.filter(state__in=BROADCAST_SOURCES[to]).update(state=to, **changes)

    def due(self, now: datetime) -> "BroadcastQuerySet":
        """Scheduled broadcasts whose time has come, and that may still begin."""
        waiting = self.filter(state=S.SCHEDULED, due_at__lte=now)
        return waiting.exclude(held_until__gt=now).exclude(_is_late(now))

    def overdue(self, now: datetime) -> "BroadcastQuerySet":
        """Scheduled broadcasts that could not begin in time: for a human to decide."""
        return self.filter(_is_late(now), state=S.SCHEDULED)

    def unapproved(self, now: datetime) -> "BroadcastQuerySet":
        """Broadcasts whose time passed while they waited for approval."""
        return self.filter(Q(due_at__lte=now) | Q(not_after__lte=now), state=S.IN_REVIEW)

    def unasked(self) -> "BroadcastQuerySet":
        """Broadcasts whose approvers have not been told that they wait."""
        return self.filter(state=S.IN_REVIEW, approvers_asked_at__isnull=True)

    def running(self) -> "BroadcastQuerySet":
        """Broadcasts whose deliveries exist and which are not closed."""
        return self.filter(state__in=RUNNING)

    def saying(self, typed: str) -> Self:
        """The newest broadcasts whose message has all of these words, or words that begin so."""
        if not typed.strip():
            return self
        # Asked once, for list and count, and cut off, however common the words are.
        found = Message.objects.saying(typed).order_by("-created_at")
        return self.filter(message__in=list(found.values_list("pk", flat=True)[:MOST_FOUND]))

    def last_of(self, category: Category, *, now: datetime) -> "Broadcast | None":
        """What was last written in a category, unless that is months ago or was called off."""
        lately = self.filter(message__category=category, message__created_at__gt=now - LATELY)
        written = lately.exclude(state=S.CANCELLED).select_related("message")
        return written.order_by("-message__created_at", "-pk").first()

    def unclosed(self) -> Self:
        """Broadcasts that began and of which something may still be open or unclear."""
        return self.filter(started_at__isnull=False, closed_at__isnull=True)

    def unclosed_since(self, moment: datetime) -> Self:
        """Broadcasts that began and were not closed before a moment."""
        lately = Q(closed_at__isnull=True) | Q(closed_at__gt=moment)
        return self.filter(lately, started_at__isnull=False)

    def archived(self) -> Self:
        """Broadcasts that began and are closed."""
        return self.filter(started_at__isnull=False, closed_at__isnull=False)

    def with_counts(self) -> Self:
        """Add `accepted`, `failed`, `skipped` and `unclear` to each, in the same query. Exact."""
        sums = {
            name: Coalesce(Sum("tallies__n", filter=Q(tallies__state__in=states)), 0)
            for name, states in _COUNTED.items()
        }
        return self.annotate(**sums)

    def with_message(self) -> Self:
        """Fetch everything a page shows of them in the same query, without media bytes."""
        return self.select_related(
            "message__category__tier",
            "message__category__template",
            "message__category__reading_template",
            "message__template",
            "message__media",
            "message__created_by",
            "message__changed_by",
            "slot__series",
            "submitted_by",
            "approved_by",
        ).defer("message__media__content")


class Broadcast(models.Model):
    """One message going out to one audience at one time."""

    message = models.OneToOneField(Message, models.PROTECT, verbose_name=_("message"))
    state = models.CharField(
        _("state"), max_length=12, choices=BroadcastState.choices, default=BroadcastState.DRAFT
    )
    due_at = models.DateTimeField(
        _("to be sent at"), null=True, help_text=_("Empty: as soon as it is approved.")
    )
    not_after = models.DateTimeField(
        _("not later than"),
        null=True,
        help_text=_("The beginning of an event, for example. Empty: as its category says."),
    )
    # Both follow from the above when it is scheduled: until when it may begin by itself, and
    # when the rest of it is dropped.
    start_by = models.DateTimeField(_("may begin until"), null=True)
    expires_at = models.DateTimeField(_("useful until"), null=True)
    # Until then the decision to send at once can be undone, and nothing leaves.
    held_until = models.DateTimeField(_("can be undone until"), null=True)
    slot = models.ForeignKey(
        Slot,
        models.PROTECT,
        null=True,
        related_name="broadcasts",
        verbose_name=_("place in the plan"),
    )
    # A correction goes to those who got the original, whoever subscribes by now.
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", verbose_name=_("corrects")
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    approvers_asked_at = models.DateTimeField(null=True)  # by mail (asking.py)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    approved_hash = models.CharField(  # noqa: DJ001 - null together with approved_by
        _("hash of what was approved"), max_length=64, null=True
    )
    pause_reason = models.CharField(
        _("reason"), max_length=16, choices=PauseReason.choices, blank=True
    )
    planned = models.PositiveIntegerField(_("planned"), null=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    # Its deliveries say whom they went to; a week after it was closed no more (retention.py).
    leads_to_people = models.BooleanField(default=True, db_default=True)

    objects = BroadcastQuerySet.as_manager()
    personal_fields = frozenset({"submitted_by", "approved_by"})  # members of the desk

    class Meta:
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        constraints = [
            models.CheckConstraint(
                condition=_paired("approved_by", "approved_at", "approved_hash"),
                name="broadcast_approval_complete",
            ),
            models.CheckConstraint(
                condition=_paired("submitted_by", "submitted_at"),
                name="broadcast_submission_complete",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("submitted_by")),
                name="broadcast_four_eyes",
            ),
            # Nothing is planned, sent or closed that nobody approved.
            models.CheckConstraint(
                condition=Q(state__in=[S.DRAFT, S.IN_REVIEW, S.MISSED, S.CANCELLED])
                | Q(approved_by__isnull=False),
                name="broadcast_approved_before_scheduled",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.SCHEDULED, *sorted(RUNNING)])
                | Q(due_at__isnull=False, expires_at__isnull=False),
                name="broadcast_scheduled_with_times",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.PAUSING, S.PAUSED]) ^ Q(pause_reason=""),
                name="broadcast_paused_with_reason",
            ),
            # A place in the plan is filled once; after a cancellation, anew.
            models.UniqueConstraint(
                fields=["slot"], condition=~Q(state=S.CANCELLED), name="broadcast_fills_slot_once"
            ),
            # Nobody is corrected twice; what was wrong in a correction is corrected in turn.
            models.UniqueConstraint(
                fields=["corrects"],
                condition=~Q(state=S.CANCELLED),
                name="broadcast_corrected_once",
            ),
            models.CheckConstraint(
                condition=_paired("started_at", "planned"), name="broadcast_started_with_plan"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*sorted(RUNNING), S.DONE]) | Q(started_at__isnull=False),
                name="broadcast_running_was_started",
            ),
        ]
        indexes = [
            # For the tick: what waits for approval, what is due, running, and missed.
            models.Index(
                fields=["state", "due_at"],
                condition=Q(state__in=[S.IN_REVIEW, S.SCHEDULED, S.MISSED, *sorted(RUNNING)]),
                name="broadcast_awake",
            ),
            # For the plan: what is to leave, or left, on some days.
            models.Index(fields=["due_at"], name="broadcast_planned"),
            # For unclosed() and unclosed_since(): every tick asks, and health.py.
            models.Index(
                fields=["closed_at"],
                condition=Q(started_at__isnull=False),
                name="broadcast_closed",
            ),
            # For the archive: its order, and its periods.
            models.Index(
                fields=["-started_at", "-id"],
                condition=Q(started_at__isnull=False, closed_at__isnull=False),
                name="broadcast_archive",
            ),
        ]
        permissions = [
            ("submit_broadcast", _("Can submit a message for approval")),
            ("approve_broadcast", _("Can approve a message of somebody else")),
            ("schedule_broadcast", _("Can choose when an approved message is sent")),
            ("stop_broadcast", _("Can pause, resume and cancel a broadcast")),
        ]

    def __str__(self) -> str:
        return f"{self.message.category}: {self.message.headline}"

    @property
    def waits_for_approval(self) -> bool:
        """Tell whether somebody has to approve it, in time or not."""
        return self.state == S.IN_REVIEW or (self.state == S.MISSED and not self.approved_hash)


class BroadcastEvent(models.Model):
    """One line in the diary of a broadcast: who did what, when."""

    class What(models.TextChoices):
        """What happened."""

        WRITTEN = "written", _("written")
        CHANGED = "changed", _("changed")
        SUBMITTED = "submitted", _("submitted for approval")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("sent back")
        SCHEDULED = "scheduled", _("scheduled")
        UNSCHEDULED = "unscheduled", _("taken off the schedule")
        UNDONE = "undone", _("undone before anything left")
        MOVED = "moved", _("moved with its place in the plan")
        STARTED = "started", _("started")
        PAUSED = "paused", _("paused")
        RESUMED = "resumed", _("resumed")
        # Not of this broadcast, but of all sending while it ran.
        STOPPED = "stopped", _("all sending was stopped")
        RELEASED = "released", _("sending was allowed again")
        CANCELLED = "cancelled", _("cancelled")
        MISSED = "missed", _("missed its time")
        UNAPPROVED = "unapproved", _("missed its time: nobody had approved it")
        EXPIRED = "expired", _("the rest was too late to be useful")
        WAVE = "wave", _("a part was let go")
        UNCLEAR = "unclear", _("some became unclear")
        SETTLED = "settled", _("nothing is unclear any more")
        RESENT = "resent", _("what was unclear is sent once more")
        GIVEN_UP = "given_up", _("what was unclear is closed as not delivered")
        CORRECTED = "corrected", _("corrected by another message")
        CLOSED = "closed", _("closed; everything adds up")

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="events", verbose_name=_("broadcast")
    )
    at = models.DateTimeField(_("when"))
    what = models.CharField(_("what"), max_length=12, choices=What.choices)
    actor = models.CharField(_("who"), max_length=150, blank=True)  # empty: the system
    note = models.CharField(_("note"), max_length=500, blank=True)
    # What its line says besides: `reason` of a pause or stop, `n` deliveries, `at` a time, `late`
    # minutes.
    facts = models.JSONField(default=dict, db_default={})

    personal_fields = frozenset({"actor"})  # a member of the desk

    class Meta:
        verbose_name = _("entry in the diary")
        verbose_name_plural = _("diary")
        indexes = [
            # For lookout.py: what happened during the last day.
            models.Index(fields=["what", "at"], name="diary_lately")
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id} {self.what}"
