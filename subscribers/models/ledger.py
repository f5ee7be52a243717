"""What happened to every consent, one row an act."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.models.notices import Notice
from subscribers.models.people import Subscriber


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
