"""The words somebody is shown before agreeing."""

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from subscribers.wording import LANGUAGES, Words


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Which words are in force."""

    def current(self, language: str) -> "Notice":
        """Return the newest notice in a language; raises Notice.DoesNotExist."""
        return self.filter(language=language).latest("version")

    def outdated(self) -> "NoticeQuerySet":
        """Return the notices that a newer one has changed materially."""
        newer = Notice.objects.filter(
            language=OuterRef("language"), version__gt=OuterRef("version"), is_material=True
        )
        return self.filter(Exists(newer))


class Notice(models.Model):
    """The words somebody sees before agreeing. Written once, never changed (trigger)."""

    language = models.CharField(_("language"), max_length=5, choices=[(c, c) for c in LANGUAGES])
    version = models.PositiveIntegerField(_("version"))
    notice = models.TextField(_("notice"))
    question = models.TextField(_("question"))
    buttons = models.JSONField(_("buttons"), help_text=_("Labels of the three buttons, in order."))
    sha256 = models.CharField(_("SHA-256 of the words"), max_length=64)
    is_material = models.BooleanField(
        _("needs everybody’s consent anew"), default=False, db_default=False
    )
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
