"""How our account at Meta is set where that concerns data protection."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountCheck(models.Model):
    """What Meta answered on one day when we asked; the words are Meta's, "" where it said none."""

    checked_at = models.DateTimeField(_("asked at"))
    storage = models.CharField(_("storage of messages"), max_length=40, blank=True)
    region = models.CharField(_("region"), max_length=10, blank=True)
    has_insights = models.BooleanField(_("insights into templates"), null=True)
    marketing = models.CharField(_("API for marketing messages"), max_length=40, blank=True)
    # Why Meta did not answer, in one word; what is empty above is then not known.
    trouble = models.CharField(_("no answer"), max_length=60, blank=True)

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("setting of the account")
        verbose_name_plural = _("settings of the account")
        # For the newest one: asked for by the sweep, the health page and the officer's page.
        indexes = [models.Index(fields=["-checked_at"], name="account_check_newest")]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d}"
