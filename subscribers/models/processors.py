"""Who else handles our data, under which contract, and when somebody last looked at it."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProcessorQuerySet(models.QuerySet["Processor"]):
    """Which of them count."""

    def current(self, *, on: date) -> "ProcessorQuerySet":
        """Return those whose contract has not ended by a day."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))

    def overdue(self, *, on: date) -> "ProcessorQuerySet":
        """Return those whose review should have happened before a day."""
        return self.current(on=on).filter(review_on__lt=on)


class Processor(models.Model):
    """A company that handles our data. A contract that is over is ended, not deleted."""

    class Role(models.TextChoices):
        """On whose behalf."""

        PROCESSOR = "processor", _("processor, on our instructions (Art. 28 GDPR)")
        CONTROLLER = "controller", _("controller of its own")

    class Transfer(models.TextChoices):
        """What allows data to leave the EU (chapter V of the GDPR)."""

        NONE = "none", _("no transfer outside the EU and EEA")
        ADEQUACY = "adequacy", _("adequacy decision, Art. 45 GDPR")
        CLAUSES = "clauses", _("standard contractual clauses, Art. 46 GDPR")

    name = models.CharField(_("name"), max_length=120, unique=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    duty = models.CharField(_("does what for us"), max_length=160)
    country = models.CharField(_("country"), max_length=60)
    transfer = models.CharField(
        _("basis of a transfer"), max_length=10, choices=Transfer.choices, blank=True
    )
    contract_on = models.DateField(_("contract of"), null=True, blank=True)
    checked_on = models.DateField(
        _("checked on"),
        null=True,
        blank=True,
        help_text=_("When somebody last looked at contract and basis of the transfer."),
    )
    review_on = models.DateField(
        _("next review"),
        null=True,
        blank=True,
        help_text=_("From the day after, an alarm reminds IT and you."),
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    terms = models.BinaryField(null=True)  # the contract as it was signed, a PDF
    terms_name = models.CharField(_("archived contract"), max_length=120, blank=True)

    objects = ProcessorQuerySet.as_manager()
    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("processor")
        verbose_name_plural = _("processors")
        constraints = [
            models.CheckConstraint(
                condition=Q(terms__isnull=True, terms_name="")
                | (Q(terms__isnull=False) & ~Q(terms_name="")),
                name="processor_terms_with_name",
            )
        ]

    def __str__(self) -> str:
        return self.name
