"""What is typed and not saved yet, and what was saved before."""

from datetime import datetime

from django.conf import settings  # noqa: TID251 - only to name the user model
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast
from campaigns.models.editorial import Category, Message, MessageTemplate
from campaigns.models.media import Media


class UnsavedQuerySet(models.QuerySet["Unsaved"]):
    """Where somebody is writing."""

    def at_place(self, category: Category, broadcast: Broadcast | None) -> "UnsavedQuerySet":
        """What is being typed for a new message of a category, or into a broadcast."""
        return self.filter(category=category, broadcast=broadcast)

    def since(self, moment: datetime) -> "UnsavedQuerySet":
        """What was typed after a moment."""
        return self.filter(typed_at__gt=moment)


class Unsaved(models.Model):
    """What one member of the desk has typed into one form and not saved; the last state of it.

    It is no version of the message: nothing is approved, sent or noted because of it.
    """

    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE)
    broadcast = models.ForeignKey(Broadcast, models.CASCADE, null=True)  # null: a new message
    fields = models.JSONField()  # of the form, by name
    typed_at = models.DateTimeField()

    objects = UnsavedQuerySet.as_manager()
    personal_fields = frozenset({"editor", "typed_at"})  # a member of the desk

    class Meta:
        verbose_name = _("unsaved text")
        verbose_name_plural = _("unsaved texts")
        constraints = [
            models.UniqueConstraint(
                fields=["editor", "category", "broadcast"],
                nulls_distinct=False,
                name="unsaved_once_for_each_form",
            )
        ]


class MessageVersion(models.Model):
    """A message as somebody saved it. Written once, never changed."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="versions")
    revision = models.PositiveIntegerField(_("revision"))
    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="+")
    values = models.JSONField(_("values"))
    full_text = models.TextField(_("full text"), blank=True)
    media = models.ForeignKey(Media, models.PROTECT, null=True, related_name="versions")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("saved by")
    )
    saved_at = models.DateTimeField(_("saved at"))

    personal_fields = frozenset({"saved_by"})  # a member of the desk

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["message", "revision"], name="version_once_a_revision")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.revision}"
