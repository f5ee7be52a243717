"""Tests: a message as it will be, sent to the own phone of whoever writes or decides about it."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.editorial import Category, MessageTemplate
from campaigns.models.media import Media
from campaigns.models.money import Purpose
from campaigns.states import DELIVERY_SOURCES, DeliveryState
from subscribers.models import DeskPhone


class PhoneTestQuerySet(models.QuerySet["PhoneTest"]):
    """Moves, and what may be sent now."""

    def move(self, to: DeliveryState, **changes: object) -> int:
        """Move these tests to a state where that is allowed; return how many moved."""
        return self.filter(state__in=DELIVERY_SOURCES[to]).update(state=to, **changes)

    def waiting(self) -> "PhoneTestQuerySet":
        """What is still to be sent, the oldest first."""
        return self.filter(state=DeliveryState.QUEUED).order_by("created_at")


class PhoneTest(models.Model):
    """One message to one phone of the desk. Part of no broadcast, and of no balance."""

    # Random: it comes back from the phone when a button of the test is tapped.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    phone = models.ForeignKey(DeskPhone, models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    # Null: the full text of another test, after a tap on its button.
    template = models.ForeignKey(MessageTemplate, models.PROTECT, null=True, related_name="+")
    values = models.JSONField(default=dict)
    media = models.ForeignKey(Media, models.SET_NULL, null=True, related_name="+")
    full_text = models.TextField(blank=True)
    text_of = models.OneToOneField("self", models.CASCADE, null=True, related_name="+")
    state = models.CharField(
        max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    reason = models.CharField(max_length=16, blank=True)  # FailureReason or SkipReason
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, unique=True)
    armed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_index=True)  # for the rule of retention.py

    objects = PhoneTestQuerySet.as_manager()
    personal_fields = frozenset({"id", "phone", "text_of", "state", "reason", "attempts"}) | {
        "token",
        "armed_at",
        "created_at",
    }

    class Meta:
        verbose_name = _("test to a phone")
        verbose_name_plural = _("tests to a phone")
        default_permissions = ()
        permissions = [("send_phonetest", _("Can send a test to the own phone"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(template__isnull=True) ^ Q(text_of__isnull=True),
                name="phone_test_template_or_text",
            )
        ]
        indexes = [
            # For waiting(): same order as its query.
            models.Index(
                fields=["created_at"], condition=Q(state="queued"), name="phone_test_waiting"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def purpose(self) -> str:
        """What WhatsApp probably charges it as."""
        return self.template.purpose if self.template else Purpose.SERVICE
