"""What the desk writes: categories, the templates they use, and messages."""

import hashlib
import json
import textwrap
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings  # noqa: TID251 - only to name the user model
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.hours import SendingHours
from campaigns.models.media import HeaderKind, Media
from campaigns.models.words import WORDS, asked_for
from subscribers.models import Tier

HEADLINE_MAX = 80  # characters, in lists


def check_hours(text: str) -> None:
    """Refuse hours that nobody could read. Raises ValidationError."""
    try:
        SendingHours.parse(text, zone=ZoneInfo("UTC"))
    except ValueError:
        raise ValidationError(
            _("Please write days and times like this: mon-fri 06:00-18:00")
        ) from None


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    """Which templates are needed."""

    def in_use(self) -> "MessageTemplateQuerySet":
        """What the categories in use send by: their templates with all variants, and those with
        a full text."""
        categories = Category.objects.filter(is_archived=False)
        reading = categories.exclude(reading_template=None).values("reading_template")
        base = categories.values("template")
        return self.filter(Q(pk__in=base) | Q(variant_of__in=base) | Q(pk__in=reading))

    def not_approved(self) -> "MessageTemplateQuerySet":
        """What WhatsApp does not let us send."""
        return self.exclude(status=MessageTemplate.Status.APPROVED)


class MessageTemplate(models.Model):
    """A text that WhatsApp has to approve; our side of it, and what Meta says about it."""

    class Status(models.TextChoices):
        """Meta's word on it. Every status that we do not know counts as not sendable."""

        LOCAL = "LOCAL", _("not submitted")
        PENDING = "PENDING", _("being reviewed by WhatsApp")
        APPROVED = "APPROVED", _("approved by WhatsApp")
        REJECTED = "REJECTED", _("rejected by WhatsApp")
        PAUSED = "PAUSED", _("paused by WhatsApp")
        DISABLED = "DISABLED", _("disabled by WhatsApp")
        DELETED = "DELETED", _("deleted at WhatsApp")

    class Purpose(models.TextChoices):
        """Meta's category; it decides the price."""

        MARKETING = "MARKETING", _("marketing")
        UTILITY = "UTILITY", _("utility")

    name = models.CharField(_("name"), max_length=512)
    language = models.CharField(_("language"), max_length=10)
    purpose = models.CharField(_("WhatsApp category"), max_length=16, choices=Purpose.choices)
    header = models.CharField(_("header"), max_length=8, choices=HeaderKind.choices, blank=True)
    body = models.TextField(_("text"))  # with {{named}} placeholders
    footer = models.CharField(_("footer"), max_length=60, blank=True)
    # [{"name": "datum", "label_de": ..., "label_en": ..., "example": ...}], in the order of the
    # form. Every placeholder of the body has one.
    values = models.JSONField(_("values"), default=list)
    # [[id, label], ...]: quick replies; the id comes back when one is tapped.
    buttons = models.JSONField(_("buttons"), default=list, db_default=[])
    # A press review has one template for each number of lines: WhatsApp wants every value filled
    # and allows no line break in one. They are variants of the template of the category.
    variant_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="variants",
        verbose_name=_("variant of"),
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.LOCAL
    )
    meta_id = models.CharField(_("id at Meta"), max_length=40, blank=True)
    quality = models.CharField(_("quality"), max_length=10, blank=True)
    rejected_reason = models.CharField(_("reason of rejection"), max_length=60, blank=True)
    synced_at = models.DateTimeField(_("last compared with WhatsApp"), null=True)
    # Somebody has changed the words at Meta: what is approved here is not what would be sent.
    has_other_words = models.BooleanField(
        _("other text at WhatsApp"), default=False, db_default=False
    )
    # For which category it was written; it takes the place of the old one by a button.
    meant_for = models.ForeignKey(
        "Category",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for the category"),
    )

    objects = MessageTemplateQuerySet.as_manager()
    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="template_once")]
        permissions = [("sync_messagetemplate", _("Can submit and synchronise templates"))]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def value_names(self) -> list[str]:
        """The placeholders in the order of the form."""
        return [value["name"] for value in self.values]


class Category(models.Model):
    """A kind of content: decides who gets it, by which template, and how it is treated."""

    class Lane(models.TextChoices):
        """Which workers send it."""

        BULK = "send_bulk", _("normal")
        URGENT = "send_urgent", _("overtakes everything else")

    class Doubt(models.TextChoices):
        """What a doubtful attempt leads to; see product principle 1."""

        AT_MOST_ONCE = "at_most_once", _("rather miss one than send it twice")
        AT_LEAST_ONCE = "at_least_once", _("rather send it twice than miss one")

    slug = models.SlugField(_("short name"), primary_key=True, max_length=20)
    name_de = models.CharField(_("name (German)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    about_de = models.CharField(_("what it is for (German)"), max_length=160, blank=True)
    about_en = models.CharField(_("what it is for (English)"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), unique=True)
    tier = models.ForeignKey(
        Tier,
        models.PROTECT,
        verbose_name=_("least tier"),
        help_text=_("This tier gets it, and every tier that includes it."),
    )
    template = models.ForeignKey(MessageTemplate, models.PROTECT, verbose_name=_("template"))
    # Asks for the same values, and has the button that brings the full text. None: the messages
    # of this category have none.
    reading_template = models.ForeignKey(
        MessageTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("template with a full text"),
    )
    lane = models.CharField(_("lane"), max_length=12, choices=Lane.choices, default=Lane.BULK)
    doubt = models.CharField(
        _("when an attempt stays unclear"),
        max_length=14,
        choices=Doubt.choices,
        default=Doubt.AT_MOST_ONCE,
    )
    ignores_quiet_hours = models.BooleanField(_("also in quiet hours"), default=False)
    sending_hours = models.CharField(
        _("sending hours of its own"),
        max_length=30,
        blank=True,
        db_default="",
        validators=[check_hours],
        help_text=_(
            "For example “mon-fri 06:00-18:00”, so that something may leave before others. "
            "Empty: the usual hours."
        ),
    )
    late_for = models.DurationField(
        _("may begin late by"),
        default=timedelta(hours=24),
        db_default=timedelta(hours=24),
        help_text=_(
            "Whatever could not begin by then, for example after a power cut, is not sent by "
            "itself: somebody decides."
        ),
    )
    useful_for = models.DurationField(
        _("useful for"),
        default=timedelta(hours=12),
        help_text=_("Whatever has not left so long after its time is no longer sent."),
    )
    stands_elsewhere = models.BooleanField(
        _("must also stand elsewhere"),
        default=False,
        db_default=False,
        help_text=_(
            "For what concerns everybody: nobody shall need WhatsApp to learn of it. Whoever "
            "writes such a message says where it also stands."
        ),
    )
    is_press_review = models.BooleanField(
        _("is written as a press review"),
        default=False,
        db_default=False,
        help_text=_("Lines that are collected and put in order; needs numbered values."),
    )
    is_archived = models.BooleanField(_("no longer used"), default=False)

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name_de if (get_language() or "de").startswith("de") else self.name_en

    @property
    def about(self) -> str:
        """What it is for, in the reader's language."""
        return self.about_de if (get_language() or "de").startswith("de") else self.about_en

    @property
    def has_full_text(self) -> bool:
        """Whether its messages may have a full text besides the template."""
        return self.reading_template_id is not None

    def template_for(self, *, full_text: str) -> MessageTemplate:
        """Return the template that announces such a message: only with a full text has it a
        button."""
        return self.reading_template if full_text and self.reading_template else self.template

    @property
    def is_urgent(self) -> bool:
        """Whether it overtakes everything else."""
        return self.lane == self.Lane.URGENT

    def hours(self, usual: SendingHours) -> SendingHours:
        """When it may leave: at any time, in hours of its own, or in the usual ones.

        What is urgent is not held back: two people have just decided that it cannot wait.
        """
        hold = timedelta(0) if self.is_urgent else usual.hold
        if self.ignores_quiet_hours:
            return SendingHours(zone=usual.zone, hold=hold)
        if self.sending_hours and not usual.are_off:
            return SendingHours.parse(self.sending_hours, zone=usual.zone, hold=hold)
        return replace(usual, hold=hold)


class MessageQuerySet(models.QuerySet["Message"]):
    """Which messages say something."""

    def saying(self, typed: str) -> "MessageQuerySet":
        """Messages with all of these words, or words that begin so; all for no words."""
        query = asked_for(typed)
        return self.annotate(words=WORDS).filter(words=query) if query else self


class Message(models.Model):
    """What an editor writes: a category, one text per value of its template, maybe a medium and
    a full text, which is sent by itself (campaigns/reading.py)."""

    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"))
    template = models.ForeignKey(MessageTemplate, models.PROTECT, verbose_name=_("template"))
    values = models.JSONField(_("values"), default=dict)
    full_text = models.TextField(_("full text"), blank=True, default="", db_default="")
    media = models.ForeignKey(Media, models.PROTECT, null=True, verbose_name=_("header"))
    also_at = models.CharField(
        _("also published"),
        max_length=120,
        blank=True,
        db_default="",
        help_text=_("For example: intranet, notice board of the depot."),
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("written at"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed at"))

    objects = MessageQuerySet.as_manager()
    personal_fields = frozenset({"created_by", "changed_by"})  # members of the desk

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            # For saying(), in the lists of broadcasts and in the archive.
            GinIndex(WORDS, name="message_words"),
            # For the list of broadcasts: its order and its periods.
            models.Index(fields=["created_at"], name="message_period"),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """The first words of the message, for lists."""
        texts = [self.values.get(name, "").strip() for name in self.template.value_names]
        whole = " · ".join(text for text in texts if text)
        return textwrap.shorten(whole, width=HEADLINE_MAX, placeholder=" …")

    def content_hash(self) -> str:
        """Return the hash that an approval is bound to: everything that readers will see."""
        content = {
            "category": self.category_id,
            "tier": self.category.tier_id,
            "template": [self.template.name, self.template.language, self.template.body],
            "footer": self.template.footer,
            "values": self.values,
            "media": self.media.sha256 if self.media else None,
        }
        if self.full_text:  # without one the hash is what it was before there were any
            content |= {"full_text": self.full_text, "buttons": self.template.buttons}
        if self.also_at:  # likewise
            content["also_at"] = self.also_at
        exact = json.dumps(content, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(exact.encode()).hexdigest()
