"""What became of our templates at WhatsApp, one line for each change, and what else is there."""

from django.conf import settings  # noqa: TID251 - only to name the user model
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.editorial import MessageTemplate


class TemplateEvent(models.Model):
    """Something about a template changed: what, when, who said so, and what it was before."""

    class What(models.TextChoices):
        """What changed. The first three are columns of the template."""

        STATUS = "status", _("status")
        PURPOSE = "purpose", _("WhatsApp category")
        QUALITY = "quality", _("quality")
        COMING = "coming", _("WhatsApp category from tomorrow")  # an advance notice
        WORDS = "words", _("text at WhatsApp")
        WRITTEN = "written", _("written")
        SUBMITTED = "submitted", _("submitted to WhatsApp")
        IN_USE = "in_use", _("in use")

    class Source(models.TextChoices):
        """How we know."""

        WEBHOOK = "webhook", _("WhatsApp told us")
        SYNC = "sync", _("found when comparing")
        SENDING = "sending", _("WhatsApp’s answer when sending")
        DESK = "desk", _("at the desk")

    template = models.ForeignKey(MessageTemplate, models.CASCADE, related_name="events")
    at = models.DateTimeField(_("when"))
    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    before = models.CharField(_("before"), max_length=20, blank=True)  # Meta's words
    after = models.CharField(_("after"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )

    personal_fields = frozenset({"by"})  # a member of the desk

    class Meta:
        verbose_name = _("change of a template")
        verbose_name_plural = _("changes of templates")

    def __str__(self) -> str:
        return f"{self.template_id} {self.what}: {self.after}"


class ForeignTemplate(models.Model):
    """A template that WhatsApp has for our account and we did not write, as last compared."""

    name = models.CharField(_("name"), max_length=512)
    language = models.CharField(_("language"), max_length=10)
    status = models.CharField(_("status"), max_length=20)  # Meta's words, all three
    purpose = models.CharField(_("WhatsApp category"), max_length=16)
    seen_at = models.DateTimeField(_("found at"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("template of somebody else")
        verbose_name_plural = _("templates of somebody else")

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
