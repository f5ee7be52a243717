"""Who agreed, to what, since when, and how we can prove it."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.wording import LANGUAGES, Words


class TierQuerySet(models.QuerySet["Tier"]):
    """Which tiers get what."""

    def including(self, tier: "Tier") -> "TierQuerySet":
        """Return the tiers that get what `tier` gets: itself and every higher one."""
        return self.filter(level__gte=tier.level).order_by("level")


class Tier(models.Model):
    """How much somebody wants. A tier includes every tier with a lower level."""

    slug = models.SlugField(_("short name"), primary_key=True, max_length=20)
    name = models.CharField(_("name"), max_length=40)
    level = models.PositiveSmallIntegerField(_("level"), unique=True)

    objects = TierQuerySet.as_manager()
    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")

    def __str__(self) -> str:
        return self.name


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Which words are in force."""

    def current(self, language: str) -> "Notice":
        """Return the newest notice in a language; raises Notice.DoesNotExist."""
        return self.filter(language=language).latest("version")


class Notice(models.Model):
    """The words somebody sees before agreeing. Written once, never changed (trigger)."""

    language = models.CharField(_("language"), max_length=5, choices=[(c, c) for c in LANGUAGES])
    version = models.PositiveIntegerField(_("version"))
    notice = models.TextField(_("notice"))
    question = models.TextField(_("question"))
    buttons = models.JSONField(_("buttons"), help_text=_("Labels of the three buttons, in order."))
    sha256 = models.CharField(_("SHA-256 of the words"), max_length=64)
    valid_from = models.DateTimeField(_("valid from"))

    objects = NoticeQuerySet.as_manager()
    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("privacy notice")
        verbose_name_plural = _("privacy notices")
        constraints = [
            models.UniqueConstraint(fields=["language", "version"], name="notice_once_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.version}"

    @property
    def words(self) -> Words:
        """The stored words, in the form that is hashed and sent."""
        mini, maxi, no = self.buttons
        return Words(self.language, self.notice, self.question, (mini, maxi, no))


class SubscriberState(models.TextChoices):
    """Where somebody stands. Only ACTIVE is ever sent news."""

    REQUESTED = "requested", _("asked, not decided")  # wrote to us, has been asked
    ACTIVE = "active", _("subscribed")  # agreed
    REFUSED = "refused", _("said no")
    WITHDRAWN = "withdrawn", _("left")  # said STOP


class Subscriber(models.Model):
    """Somebody who wrote to our number. A random id; who it is lies sealed in Identity."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=SubscriberState.choices)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, verbose_name=_("tier"))
    language = models.CharField(_("language"), max_length=5, default=LANGUAGES[0])
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, verbose_name=_("notice last shown")
    )
    # Meta's clock, of the act that led to the present state. An older act that arrives late,
    # or is replayed, must not undo a newer one.
    decided_at = models.DateTimeField(_("decided at"))
    state_since = models.DateTimeField(_("in this state since"))

    personal_fields = frozenset({"id", "state", "tier", "language", "notice"}) | {
        "decided_at",
        "state_since",
    }

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=SubscriberState.ACTIVE, tier__isnull=False)
                | (~Q(state=SubscriberState.ACTIVE) & Q(tier__isnull=True)),
                name="subscriber_has_tier_only_while_active",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubscriberState.ACTIVE) | Q(notice__isnull=False),
                name="subscriber_active_only_after_notice",
            ),
        ]
        indexes = [
            # For audience.of(): everybody active in a tier.
            models.Index(
                fields=["tier", "id"],
                condition=Q(state=SubscriberState.ACTIVE),
                name="subscriber_active",
            ),
            # For erasure.sweep(): whoever is to be forgotten, oldest first.
            models.Index(
                fields=["state_since"],
                condition=~Q(state=SubscriberState.ACTIVE),
                name="subscriber_to_forget",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Identity(models.Model):
    """A sealed address of a subscriber: a phone number or a business-scoped user id."""

    class Kind(models.TextChoices):
        """What was sealed."""

        PHONE = "phone", _("phone number")
        USER_ID = "user_id", _("WhatsApp user id")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    sealed = models.BinaryField()  # vault.seal under the subscriber's data key
    blind_index = models.BinaryField(max_length=32)  # vault.blind_index

    personal_fields = frozenset({"subscriber", "kind", "sealed", "blind_index"})

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            # One address leads to one subscriber, whatever arrives at the same moment.
            models.UniqueConstraint(fields=["kind", "blind_index"], name="identity_unique"),
            models.UniqueConstraint(fields=["subscriber", "kind"], name="identity_one_per_kind"),
        ]


class SubjectKey(models.Model):
    """The wrapped data key of a subscriber. Lives in the database `keys` (routers.py).

    Deleting this row makes the subscriber's sealed values unreadable, in old dumps too.
    """

    subscriber_id = models.UUIDField(primary_key=True)
    key_id = models.CharField(max_length=40)  # which key-encryption key wraps it
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    personal_fields = frozenset({"subscriber_id", "key_id", "wrapped", "created_at"})

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")


class ConsentEvent(models.Model):
    """One act in the history of one consent. Rows are added, never changed (trigger).

    There is no foreign key in the database to the subscriber: the history stays when
    everything else about a person has been erased, and then leads to nobody.
    """

    class Kind(models.TextChoices):
        """What happened."""

        REQUESTED = "requested", _("wrote to us")
        NOTICE_SENT = "notice_sent", _("notice sent")
        GIVEN = "given", _("consent given")
        TIER_CHANGED = "tier_changed", _("tier changed")
        REFUSED = "refused", _("consent refused")
        WITHDRAWN = "withdrawn", _("consent withdrawn")

    class Act(models.TextChoices):
        """By which act the subscriber, or nobody, brought it about."""

        BUTTON = "button", _("button tapped")
        WORD = "word", _("word written")
        META = "meta", _("stopped in WhatsApp’s settings")
        SYSTEM = "system", _("by the system")

    subscriber = models.ForeignKey(
        Subscriber,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="consent_events",
        verbose_name=_("subscriber"),
    )
    kind = models.CharField(_("event"), max_length=14, choices=Kind.choices)
    act = models.CharField(_("act"), max_length=8, choices=Act.choices)
    tier = models.CharField(_("tier"), max_length=20, blank=True)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, verbose_name=_("notice"))
    notice_sha256 = models.CharField(_("SHA-256 of the words shown"), max_length=64, blank=True)
    happened_at = models.DateTimeField(_("happened at"))  # Meta's clock for acts, ours else
    recorded_at = models.DateTimeField(_("recorded at"))
    # vault.message_hash of the message that was the act; a replay of it changes nothing.
    message_hash = models.BinaryField(max_length=32, null=True)
    receipt_code = models.CharField(  # noqa: DJ001 - unique, and most events have none
        _("receipt code"), max_length=9, null=True, unique=True
    )

    personal_fields = frozenset({"subscriber", "kind", "act", "tier", "happened_at"}) | {
        "recorded_at",
        "message_hash",
        "receipt_code",
    }

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent register")
        constraints = [
            models.UniqueConstraint(fields=["message_hash", "kind"], name="consent_event_once"),
            models.CheckConstraint(
                condition=Q(notice__isnull=True, notice_sha256="")
                | (Q(notice__isnull=False) & ~Q(notice_sha256="")),
                name="consent_event_notice_with_hash",
            ),
            models.CheckConstraint(
                condition=~Q(kind="given") | Q(notice__isnull=False),
                name="consent_given_only_with_notice",
            ),
        ]
        permissions = [("view_record", _("Can see one consent record with the words shown"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.receipt_code or self.pk}"


class MonthlyFigure(models.Model):
    """How many people had a tier at the end of a month, as published: frozen, rounded.

    The exact number is not stored. `shown` is null where fewer than 20 are hidden.
    """

    month = models.DateField(_("month"))  # its first day
    tier = models.ForeignKey(Tier, models.PROTECT, verbose_name=_("tier"))
    shown = models.PositiveIntegerField(_("subscribers"), null=True)
    taken_at = models.DateTimeField(_("counted at"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("monthly figure")
        verbose_name_plural = _("monthly figures")
        constraints = [
            models.UniqueConstraint(fields=["month", "tier"], name="figure_once_per_month")
        ]
        permissions = [("export_monthlyfigure", _("Can export monthly figures"))]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.tier_id}"
