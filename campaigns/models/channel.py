"""Our WhatsApp number: what comes in, what we answer, and whether it may send at all."""

from datetime import datetime, timedelta

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast
from campaigns.models.editorial import Category, MessageTemplate
from campaigns.reasons import StopReason
from campaigns.states import DELIVERY_SOURCES, OPEN, BroadcastState, DeliveryState
from subscribers.models import Notice, Subscriber, ThreadMessage

# Nothing of such a broadcast is sent, its full text neither.
STANDING = (BroadcastState.PAUSING, BroadcastState.PAUSED, BroadcastState.CANCELLED)
# What we begin ourselves: news and letters, and what the desk answers. The kill switch holds it.
OURS = Q(full_text_of__isnull=False) | Q(template__isnull=False) | Q(answer__isnull=False)
# In which replies leave: the conversation before full texts, then by their time.
REPLY_ORDER = (F("full_text_of").asc(nulls_first=True), "not_before", "id")


class Channel(models.Model):
    """Our WhatsApp number, one row. While it is stopped, nothing is armed."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    stop_reason = models.CharField(
        _("why nothing is sent"), max_length=16, choices=StopReason.choices, blank=True
    )
    stopped_at = models.DateTimeField(_("since"), null=True)
    stopped_by = models.CharField(_("by"), max_length=150, blank=True)  # empty: the system
    # When WhatsApp was last asked whether it takes our token again (campaigns/probing.py).
    probed_at = models.DateTimeField(null=True)
    # How many people we may write to first in 24 hours, in Meta's words; null: not known.
    daily_limit = models.PositiveIntegerField(_("people a day"), null=True)
    daily_limit_at = models.DateTimeField(_("asked at"), null=True)

    # The history that this database belongs to; the journal's folder names the same one, unless
    # one of them has been put back (campaigns/restore.py).
    generation = models.UUIDField(null=True, editable=False)  # null: nothing sent yet

    # What kind of installation this is, noted by every tick (campaigns/golive.py).
    is_real = models.BooleanField(default=False, db_default=False)  # not a simulator's number
    smallest_audience = models.PositiveIntegerField(default=1, db_default=1)  # people
    # Since when real broadcasts may leave; null: the papers before the start are missing.
    live_at = models.DateTimeField(_("may send since"), null=True)

    personal_fields = frozenset({"stopped_by"})  # a member of the desk

    class Meta:
        verbose_name = _("WhatsApp number")
        verbose_name_plural = _("WhatsApp number")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="channel_only_one"),
            models.CheckConstraint(
                condition=Q(stop_reason="", stopped_at__isnull=True)
                | (~Q(stop_reason="") & Q(stopped_at__isnull=False)),
                name="channel_stopped_with_time",
            ),
        ]
        permissions = [("stop_channel", _("Can stop and release all sending"))]

    def __str__(self) -> str:
        return str(_("WhatsApp number"))


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """Who has not been heard."""

    def silent(self, *, now: datetime) -> tuple[str, ...]:
        """Workers that have not done anything for a minute, or never."""
        lately = self.filter(name__in=Heartbeat.WORKERS, at__gt=now - Heartbeat.SILENT_AFTER)
        heard = set(lately.values_list("name", flat=True))
        return tuple(name for name in Heartbeat.WORKERS if name not in heard)


class Heartbeat(models.Model):
    """When a part of the system last did its work (not: was alive)."""

    INBOUND = "inbound"  # reads what comes in
    ENGINE = "ops"  # ticks: starts, rings, repairs
    WORKERS = (INBOUND, Category.Lane.URGENT.value, Category.Lane.BULK.value, ENGINE)
    SILENT_AFTER = timedelta(seconds=60)  # four ticks; then a worker is not merely busy

    RETENTION = "retention"  # everything has been looked through (housekeeping.py)
    TEMPLATES = "templates"  # ours were compared with WhatsApp's (templates_sync.py)
    TEMPLATES_ASKED = "templates_asked"  # by itself, with or without an answer
    MEDIA = "media"  # what leaves soon was looked at (media.py)

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()
    personal_fields: frozenset[str] = frozenset()


class InboxEntry(models.Model):
    """One webhook body, stored once, sealed, until everything in it has been applied."""

    class State(models.TextChoices):
        """How far it has got."""

        RECEIVED = "received"
        FAILING = "failing"  # something in it raised; it is tried again
        APPLIED = "applied"
        QUARANTINED = "quarantined"  # could not be applied; a human must look

    body_hash = models.BinaryField(max_length=32, unique=True)  # vault.body_hash
    body = models.BinaryField(null=True)  # vault.seal_body; erased once applied
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    received_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    # “Sent” that it told of messages which were not found for a day: not ours, or forgotten.
    unmatched = models.SmallIntegerField(default=0, db_default=0)

    personal_fields = frozenset({"body", "body_hash"})

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [
            # For inbox.apply_pending(): what is still to be applied, oldest first.
            models.Index(
                fields=["not_before", "id"],
                condition=Q(state__in=["received", "failing"]),
                name="inbox_waiting",
            ),
            # For health.state() and echoes.inbox_was_healthy(): what was put aside, lately.
            models.Index(
                fields=["received_at"],
                condition=Q(state="quarantined"),
                name="inbox_put_aside",
            ),
            # For echoes.strays().
            models.Index(
                fields=["received_at"], condition=Q(unmatched__gt=0), name="inbox_unmatched"
            ),
            # For the rules of retention.py. Rows lie in this order, and a webhook waits for
            # every other index.
            BrinIndex(fields=["received_at"], name="inbox_age_range"),
        ]


class SeenMessage(models.Model):
    """An inbound message that has been acted on; when it comes again, nothing happens."""

    message_hash = models.BinaryField(max_length=32, primary_key=True)
    seen_at = models.DateTimeField(db_index=True)  # for retention.py

    personal_fields = frozenset({"message_hash", "seen_at"})


class ReplyQuerySet(models.QuerySet["Reply"]):
    """Moves, and what may be sent now."""

    def move(self, to: DeliveryState, **changes: object) -> int:
        """Move these replies to a state where that is allowed; return how many moved."""
        return self.filter(state__in=DELIVERY_SOURCES[to]).update(state=to, **changes)

    def due(self, *, now: datetime) -> "ReplyQuerySet":
        """Waiting replies whose time has come and that no earlier one to the same person
        holds back: the question follows the notice.

        What is ours stands still with the channel, and holds nobody back then. Full texts come
        last, never hold anybody back, and stand still with their broadcast as well.
        """
        is_stopped = Channel.objects.exclude(stop_reason="").exists()
        held = OURS if is_stopped else Q(full_text_of__state__in=STANDING)
        earlier = Reply.objects.filter(
            subscriber=OuterRef("subscriber"),
            pk__lt=OuterRef("pk"),
            state__in=OPEN,
            full_text_of=None,
        )
        if is_stopped:
            earlier = earlier.exclude(OURS)
        queued = self.filter(state=DeliveryState.QUEUED, not_before__lte=now)
        return queued.exclude(Exists(earlier)).exclude(held).order_by(*REPLY_ORDER)


class Reply(models.Model):
    """One message of the conversation to one person, sent at most once.

    Its text is ours, from subscribers/texts or from the desk, and names nobody.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20)
    text = models.TextField()
    buttons = models.JSONField(default=list)  # [[id, title], ...]
    notice = models.ForeignKey(Notice, models.PROTECT, null=True)  # if this message is one
    # Instead of a text, for what is said outside a conversation (letters.py), and its values.
    template = models.ForeignKey(MessageTemplate, models.PROTECT, null=True, related_name="+")
    values = models.JSONField(default=dict)
    # If the desk answers a thread; the text is then the desk's.
    answer = models.OneToOneField(ThreadMessage, models.CASCADE, null=True, related_name="+")
    # If it is the full text of a broadcast. Gone after days like every reply, so that nobody can
    # tell later who has read what.
    full_text_of = models.ForeignKey(
        Broadcast, models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(
        max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, unique=True)  # of the newest attempt
    armed_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = ReplyQuerySet.as_manager()
    personal_fields = frozenset({"subscriber", "purpose", "text", "state", "values"}) | {
        "answer",
        "full_text_of",
        "attempts",
        "token",
        "armed_at",
        "created_at",
    }

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints = [
            # However often somebody taps, and whether or not it followed by itself.
            models.UniqueConstraint(
                fields=["full_text_of", "subscriber"],
                condition=Q(full_text_of__isnull=False),
                name="reply_full_text_once",
            ),
        ]
        indexes = [
            # For due(): same order as its query.
            models.Index(*REPLY_ORDER, condition=Q(state="queued"), name="reply_due"),
        ]

    @property
    def is_ours(self) -> bool:
        """We begin it, or the desk says it: held by the kill switch, as OURS says in SQL."""
        return bool(self.full_text_of_id or self.template_id or self.answer_id)
