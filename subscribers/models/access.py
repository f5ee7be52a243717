"""Who at the desk has looked at what is about people."""

from django.conf import settings  # noqa: TID251 - the name of the user model, as Django has it
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessEvent(models.Model):
    """One look at something that needs a reason to be looked at: written before it is shown.

    The data-protection officer's own looks are among them. Kept for 12 months, never changed.
    """

    class What(models.TextChoices):
        """What was opened or taken away."""

        REGISTER = "register", _("consent register")
        RECORD = "record", _("consent record")
        THREADS = "threads", _("list of conversations")
        THREAD = "thread", _("conversation")
        EXPORT = "export", _("export")
        FIGURES = "figures", _("monthly figures")
        LOG = "log", _("access log")

    at = models.DateTimeField(_("when"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,  # somebody at the console, whom only the machine's own log knows
        related_name="+",
        verbose_name=_("who"),
    )
    role = models.CharField(_("group"), max_length=100, blank=True)  # as it was at that moment
    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    # An opaque number, an alias or a format; nothing that leads to a person by itself.
    ref = models.CharField(_("of which"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    personal_fields = frozenset({"at", "user", "role", "what", "ref", "reason"})

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        indexes = [
            # The page of the log in its order, its periods, and the retention rule.
            models.Index(fields=["-at", "-id"], name="access_newest_first")
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"
