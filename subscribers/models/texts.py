"""The words that the desk may change: proposed by one person, approved by another."""

from django.conf import settings  # noqa: TID251 - only to name the user model
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from subscribers.wording import LANGUAGES


class TextVersionQuerySet(models.QuerySet["TextVersion"]):
    """Which version counts."""

    def in_force(self, *, language: str, name: str) -> "TextVersion | None":
        """Return the newest approved version of a text; None while the shipped one counts."""
        approved = self.filter(language=language, name=name, approved_at__isnull=False)
        return approved.order_by("-version").first()

    def all_in_force(self) -> "TextVersionQuerySet":
        """Return the newest approved version of each text that has one."""
        approved = self.filter(approved_at__isnull=False)
        return approved.order_by("language", "name", "-version").distinct("language", "name")

    def approvable(self, *, by: User) -> "TextVersionQuerySet":
        """Return what somebody may put in force: proposed by others, and not yet outdated."""
        newer = TextVersion.objects.filter(
            language=OuterRef("language"),
            name=OuterRef("name"),
            version__gt=OuterRef("version"),
            approved_at__isnull=False,
        )
        return self.filter(~Exists(newer), approved_at__isnull=True).exclude(proposed_by=by)


class TextVersion(models.Model):
    """One wording of one text that subscribers get. Its words are never changed (trigger)."""

    language = models.CharField(_("language"), max_length=5, choices=[(c, c) for c in LANGUAGES])
    name = models.CharField(_("text"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    body = models.TextField(_("words"))
    sha256 = models.CharField(_("SHA-256 of the words"), max_length=64)
    # A new purpose or recipient: nobody is written to under it who has not agreed again.
    is_material = models.BooleanField(
        _("needs everybody’s consent anew"),
        default=False,
        help_text=_("For a new purpose or a new recipient; not for clearer words."),
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,  # a release that brings other words
        related_name="+",
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("valid from"), null=True)

    objects = TextVersionQuerySet.as_manager()
    personal_fields = frozenset({"proposed_by", "approved_by"})  # members of the desk

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts to subscribers")
        constraints = [
            models.UniqueConstraint(
                fields=["language", "name", "version"], name="text_once_per_version"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="text_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="text_approval_complete",
            ),
        ]
        permissions = [("approve_textversion", _("Can approve a text of somebody else"))]

    def __str__(self) -> str:
        return f"{self.name} {self.language} {self.version}"
