"""What HR and the desk may know about numbers of people."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from subscribers.models.people import Tier


class MonthlyFigure(models.Model):
    """How many people had a tier at the end of a month, as published: frozen, rounded.

    The exact number is not stored. `shown` is null where fewer than 20 are hidden.
    """

    month = models.DateField(_("month"))  # its first day
    tier = models.ForeignKey(Tier, models.PROTECT, verbose_name=_("tier"))
    shown = models.PositiveIntegerField(_("subscribers"), null=True)
    taken_at = models.DateTimeField(_("counted at"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("monthly figure")
        verbose_name_plural = _("monthly figures")
        constraints = [
            models.UniqueConstraint(fields=["month", "tier"], name="figure_once_per_month")
        ]
        permissions = [("export_monthlyfigure", _("Can export monthly figures"))]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.tier_id}"


class SignedFigures(models.Model):
    """All figures of a month as one text, signed with the key of the consent ledger."""

    month = models.DateField(_("month"), unique=True)  # its first day
    note = models.TextField(_("signed note"))  # c2sp.org/signed-note
    signed_at = models.DateTimeField(_("signed at"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("signed figures")
        verbose_name_plural = _("signed figures")

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
