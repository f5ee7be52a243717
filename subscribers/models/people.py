"""Who wrote to us, where they stand, and under which sealed address."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.models.notices import Notice
from subscribers.wording import LANGUAGES


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


class SubscriberState(models.TextChoices):
    """Where somebody stands. Only ACTIVE is ever sent news."""

    REQUESTED = "requested", _("asked, not decided")  # wrote to us, has been asked
    ACTIVE = "active", _("subscribed")  # agreed
    PAUSED = "paused", _("pausing")  # agreed, and gets nothing until `until`
    HELD = "held", _("on hold")  # agreed, but something is to be cleared up first
    REFUSED = "refused", _("said no")
    WITHDRAWN = "withdrawn", _("left")  # said STOP
    ERASING = "erasing", _("to be erased")  # said LÖSCHEN; gone within minutes


# Who has a tier: they agreed, and have neither left nor been ended.
SUBSCRIBED = (SubscriberState.ACTIVE, SubscriberState.PAUSED, SubscriberState.HELD)
RESTING = (SubscriberState.PAUSED, SubscriberState.HELD)


class Rest(models.TextChoices):
    """Why a subscriber gets nothing for the time being."""

    OWN = "own", _("asked for a pause")
    SILENCE = "silence", _("did not answer the yearly question")
    FAILURES = "failures", _("was not reachable for a month")
    UNSURE = "unsure", _("may have wanted to leave, and was asked")
    NEW_NUMBER = "new_number", _("changed the number, and was asked again")
    NEW_NOTICE = "new_notice", _("has to agree to a new notice")


class Subscriber(models.Model):
    """Somebody who wrote to our number. A random id; who it is lies sealed in Identity."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=SubscriberState.choices)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, verbose_name=_("tier"))
    language = models.CharField(_("language"), max_length=5, default=LANGUAGES[0])
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, verbose_name=_("notice")
    )  # agreed to; of somebody who has not answered yet: being asked about
    # Meta's clock, of the act that led to the present state. An older act that arrives late,
    # or is replayed, must not undo a newer one.
    decided_at = models.DateTimeField(_("decided at"))
    state_since = models.DateTimeField(_("in this state since"))
    # While PAUSED or HELD: why, and when lifecycle.sweep() goes on with it.
    rest = models.CharField(
        _("why"), max_length=12, choices=Rest.choices, blank=True, db_default=""
    )
    until = models.DateTimeField(_("until"), null=True)
    # When they last said that they belong to the company and want the news.
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    # When the yearly question went out that is still open.
    reminded_at = models.DateTimeField(_("asked at"), null=True)

    personal_fields = frozenset({"id", "state", "tier", "language", "notice"}) | {
        "decided_at",
        "state_since",
        "rest",
        "until",
        "confirmed_at",
        "reminded_at",
    }

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SUBSCRIBED, tier__isnull=False)
                | (~Q(state__in=SUBSCRIBED) & Q(tier__isnull=True)),
                name="subscriber_has_tier_only_while_subscribed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=SUBSCRIBED) | Q(notice__isnull=False),
                name="subscriber_agreed_only_after_notice",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=RESTING, until__isnull=False) & ~Q(rest=""))
                | (~Q(state__in=RESTING) & Q(until__isnull=True, rest="")),
                name="subscriber_rests_with_reason_and_end",
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
            # For lifecycle.sweep(): rests that are over, and who is to be asked once a year.
            models.Index(
                fields=["until"], condition=Q(until__isnull=False), name="subscriber_rest_over"
            ),
            models.Index(
                fields=["confirmed_at"],
                condition=Q(state=SubscriberState.ACTIVE),
                name="subscriber_to_ask",
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
    # Which index key it was made with (vault.index_id); empty: before keys had ids.
    index_id = models.CharField(max_length=16, blank=True, default="", db_default="")

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
