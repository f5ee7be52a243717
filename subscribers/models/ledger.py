"""What happened to every consent, one row an act, and the leaves that vouch for it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from subscribers.ledger import entries
from subscribers.models.notices import Notice
from subscribers.models.people import Subscriber


class ConsentEvent(models.Model):
    """One act in the history of one consent. Rows are added, never changed (trigger).

    There is no foreign key in the database to the subscriber: the history stays when
    everything else about a person has been erased, and then leads to nobody. The database adds
    the event's `LedgerLeaf` in the same transaction, and lets a row be deleted only when an
    event of the kind ERASED names its leaf (consent.erase_events).
    """

    class Kind(models.TextChoices):
        """What happened."""

        REQUESTED = "requested", _("wrote to us")
        NOTICE_SENT = "notice_sent", _("notice sent")
        GIVEN = "given", _("consent given")
        TIER_CHANGED = "tier_changed", _("tier changed")
        REFUSED = "refused", _("consent refused")
        WITHDRAWN = "withdrawn", _("consent withdrawn")
        PAUSED = "paused", _("paused")
        HELD = "held", _("put on hold")
        RESUMED = "resumed", _("resumed")
        RECONFIRM_ASKED = "reconfirm_asked", _("asked whether still with us")
        RECONFIRMED = "reconfirmed", _("confirmed once more")
        ACCESS_ASKED = "access_requested", _("asked for own data")
        ACCESS_GIVEN = "access_answered", _("took a copy of own data")
        ERASURE_ASKED = "erasure_requested", _("asked for erasure")
        ERASED = "erasure_executed", _("events erased")
        DELETIONS = "deletions_reported", _("deletions reported")
        BREAK_GLASS_ASKED = "break_glass_asked", _("disclosure asked for")
        BREAK_GLASS_REFUSED = "break_glass_refused", _("disclosure refused")
        BREAK_GLASS_OPENED = "break_glass_opened", _("disclosed to two key holders")

    class Act(models.TextChoices):
        """By which act the subscriber, or nobody, brought it about."""

        BUTTON = "button", _("button tapped")
        WORD = "word", _("word written")
        META = "meta", _("stopped in WhatsApp’s settings")
        LETTER = "letter", _("asked for in writing")
        SYSTEM = "system", _("by the system")

    subscriber = models.ForeignKey(
        Subscriber,
        models.DO_NOTHING,
        null=True,  # some events are about nobody in particular
        db_constraint=False,
        related_name="consent_events",
        verbose_name=_("subscriber"),
    )
    kind = models.CharField(_("event"), max_length=24, choices=Kind.choices)
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
    # What a kind needs besides: texts, whole numbers, lists of them. Nothing that identifies.
    details = models.JSONField(_("details"), default=dict)
    salt = models.BinaryField(max_length=entries.SALT_BYTES)
    commitment = models.BinaryField(max_length=32)  # entries.commitment of body() under the salt

    personal_fields = frozenset({"subscriber", "kind", "act", "tier", "happened_at"}) | {
        "recorded_at",
        "message_hash",
        "receipt_code",
        "details",
        "salt",
        "commitment",
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
            models.CheckConstraint(
                condition=Exact(Length("salt"), entries.SALT_BYTES)
                & Exact(Length("commitment"), 32),
                name="consent_event_sealed",
            ),
        ]
        indexes = [
            # For the register: its order, and its periods.
            models.Index(fields=["-happened_at", "-id"], name="consent_event_newest"),
            # For oversight.withdrawal_latency() and cases(): the few of the last months.
            models.Index(
                fields=["kind", "recorded_at"],
                condition=Q(
                    kind__in=[
                        "withdrawn",
                        "access_requested",
                        "access_answered",
                        "erasure_requested",
                    ]
                ),
                name="consent_event_wishes",
            ),
        ]
        permissions = [("view_record", _("Can see one consent record with the words shown"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.receipt_code or self.pk}"

    def body(self) -> dict[str, object]:
        """Return what the ledger commits to: all of this event but salt and commitment."""
        return entries.body(
            kind=self.kind,
            act=self.act,
            subject=self.subscriber_id,
            tier=self.tier,
            notice=f"{self.notice.language}/{self.notice.version}" if self.notice else None,
            notice_sha256=self.notice_sha256,
            happened_at=self.happened_at,
            recorded_at=self.recorded_at,
            message_hash=self.message_hash,
            receipt_code=self.receipt_code,
            details=self.details,
        )

    def commit(self, *, salt: bytes) -> None:
        """Bind the event to its present content; to be called once, before it is stored."""
        self.salt = salt
        self.commitment = entries.commitment(self.body(), salt=salt)


class LedgerLeaf(models.Model):
    """What stays of an event for ever: a commitment, and the hashes that bind it to its place.

    Written by the database itself at the end of the transaction that adds the event (migration
    0003), one after the other and without gaps; never changed, never deleted (trigger).
    """

    seq = models.BigIntegerField(_("number"), primary_key=True)  # from 0
    # An erased event leaves its number behind, which then leads nowhere.
    event = models.OneToOneField(
        ConsentEvent, models.DO_NOTHING, db_constraint=False, related_name="leaf"
    )
    version = models.PositiveSmallIntegerField(default=entries.VERSION)
    commitment = models.BinaryField(max_length=32)
    leaf_hash = models.BinaryField(max_length=32)
    link = models.BinaryField(max_length=32)
    appended_at = models.DateTimeField(_("appended at"))

    personal_fields = frozenset({"event", "appended_at"})

    class Meta:
        verbose_name = _("leaf of the ledger")
        verbose_name_plural = _("leaves of the ledger")

    def __str__(self) -> str:
        return str(self.seq)


class Checkpoint(models.Model):
    """The signed root of the ledger at one moment (ledger.notes). Never changed (trigger)."""

    size = models.BigIntegerField(_("number of leaves"))
    frontier = models.BinaryField()  # tree.Frontier.stored(), from which the next one goes on
    note = models.TextField(_("signed note"))
    taken_at = models.DateTimeField(_("taken at"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")

    def __str__(self) -> str:
        return f"{self.size}, {self.taken_at:%Y-%m-%d %H:%M}"


class Anchor(models.Model):
    """That a checkpoint was sent to a place out of our own reach, or that this failed."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="anchors")
    place = models.CharField(_("place"), max_length=20)  # mail 1, mail 2, folder
    tried_at = models.DateTimeField(_("tried at"))
    is_sent = models.BooleanField(_("sent"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")

    def __str__(self) -> str:
        return f"{self.place} {self.tried_at:%Y-%m-%d %H:%M}"


class LedgerCheck(models.Model):
    """What one verification of the whole ledger found."""

    checked_at = models.DateTimeField(_("checked at"), db_index=True)  # for the newest one
    size = models.BigIntegerField(_("number of leaves"))
    erased = models.BigIntegerField(_("lawfully erased"))
    checkpoints = models.PositiveIntegerField(_("checkpoints"))
    # The first findings, each with a word for what is wrong and where: leaf or checkpoint.
    findings = models.JSONField(_("findings"), default=list)

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("verification of the ledger")
        verbose_name_plural = _("verifications of the ledger")

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}"
