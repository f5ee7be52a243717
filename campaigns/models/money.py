"""What WhatsApp charges: the rate card, what was charged, and how much it may be."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast


class Purpose(models.TextChoices):
    """Meta's category of a message, which decides its price."""

    MARKETING = "MARKETING", _("marketing")
    UTILITY = "UTILITY", _("utility")
    SERVICE = "SERVICE", _("answers and full texts")


class Rate(models.Model):
    """What one delivered message costs from a day on, until a later rate takes over."""

    purpose = models.CharField(_("WhatsApp category"), max_length=16, choices=Purpose.choices)
    valid_from = models.DateField(_("valid from"))
    euros = models.DecimalField(_("euros a message"), max_digits=8, decimal_places=5)
    source = models.CharField(
        _("source"), max_length=120, help_text=_("Where the price is published, and of when.")
    )

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        constraints = [
            models.UniqueConstraint(fields=["purpose", "valid_from"], name="rate_once_a_day"),
            models.CheckConstraint(condition=Q(euros__gte=0), name="rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.valid_from:%d.%m.%Y}"


class Charge(models.Model):
    """How many messages of a kind WhatsApp charged for. Counted, never a person's.

    `kind` is Meta's word for whether it costs anything: regular, free_customer_service,
    free_entry_point; empty if Meta did not say.
    """

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, null=True, verbose_name=_("broadcast")
    )  # null: our answers, and tests
    month = models.DateField(_("month"))  # its first day
    purpose = models.CharField(_("WhatsApp category"), max_length=32)
    kind = models.CharField(_("kind"), max_length=32, blank=True)
    # To phones of the desk (phone_tests.py); they are part of no broadcast, and cost all the same.
    is_test = models.BooleanField(default=False, db_default=False)
    n = models.PositiveIntegerField(_("messages"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("costs")
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast", "month", "purpose", "kind", "is_test"],
                nulls_distinct=False,
                name="charge_one_row_each",
            )
        ]
        indexes = [
            # For cost.month(): everything of one month.
            models.Index(fields=["month"], name="charge_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.purpose}"


class Budget(models.Model):
    """How much a month may cost, from a month on, until a later budget takes over."""

    valid_from = models.DateField(
        _("from the month of"), unique=True, help_text=_("Any day of the first month.")
    )
    warn_at = models.DecimalField(
        _("warn at (euros)"),
        max_digits=9,
        decimal_places=2,
        help_text=_("From here on the desk warns."),
    )
    stop_at = models.DecimalField(
        _("stop at (euros)"),
        max_digits=9,
        decimal_places=2,
        help_text=_("What would cost more is not sent in this month. Urgent notices always are."),
    )

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("monthly budget")
        verbose_name_plural = _("monthly budgets")
        constraints = [
            models.CheckConstraint(
                condition=Q(warn_at__gte=0, stop_at__gte=models.F("warn_at")),
                name="budget_warns_before_it_stops",
                violation_error_message=_("The warning must not come after the stop."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m}"
