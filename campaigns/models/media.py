"""Pictures, films and documents that stand above a message."""

from django.conf import settings  # noqa: TID251 - only to name the user model
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

ALT_MAX = 300  # characters; who listens to more has lost the thread


class HeaderKind(models.TextChoices):
    """What stands above the text of a template."""

    IMAGE = "image", _("image")
    VIDEO = "video", _("video")
    DOCUMENT = "document", _("document")


class MediaQuerySet(models.QuerySet["Media"]):
    """Media, usually without their bytes."""

    def without_content(self) -> "MediaQuerySet":
        """Leave the bytes (up to 16 MB each) in the database."""
        return self.defer("content")


class Media(models.Model):
    """A picture, video or document, as it is handed to WhatsApp. Kept in the database, so
    that every worker on every machine has it and a backup holds it."""

    class Remark(models.TextChoices):
        """What WhatsApp takes, and some phones do not show. Meta, supported media types."""

        B_FRAMES = "b_frames", _("some Android phones do not play H.264 “High” with B-frames")

    kind = models.CharField(_("kind"), max_length=8, choices=HeaderKind.choices)
    mime_type = models.CharField(_("type"), max_length=40)
    content = models.BinaryField()
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(_("width in pixels"), null=True)  # of pictures only
    height = models.PositiveIntegerField(_("height in pixels"), null=True)
    remark = models.CharField(
        _("remark"), max_length=10, choices=Remark.choices, blank=True, db_default=""
    )
    filename = models.CharField(_("file name"), max_length=100)
    # WhatsApp has no place for it: it is for colleagues at the desk, and for the archive.
    alt = models.CharField(_("description"), max_length=ALT_MAX, blank=True, db_default="")
    cut_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="cuts", verbose_name=_("part of")
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(_("added at"))
    meta_id = models.CharField(_("id at Meta"), max_length=40, blank=True)
    meta_id_at = models.DateTimeField(_("handed to WhatsApp at"), null=True)

    objects = MediaQuerySet.as_manager()
    personal_fields = frozenset({"uploaded_by"})  # a member of the desk, not a subscriber

    class Meta:
        verbose_name = _("medium")
        verbose_name_plural = _("media")
        constraints = [
            models.CheckConstraint(
                condition=Q(meta_id="", meta_id_at__isnull=True)
                | (~Q(meta_id="") & Q(meta_id_at__isnull=False)),
                name="media_meta_id_with_time",
            )
        ]
        indexes = [
            # For the list: its order, and its periods.
            models.Index(fields=["-created_at", "-id"], name="media_newest"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def wants_words(self) -> bool:
        """Tell whether nobody has said yet what there is to be seen."""
        return self.kind == HeaderKind.IMAGE and not self.alt
