"""The papers without which the first real broadcast does not leave."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Clearance(models.Model):
    """One confirmation of the data-protection officer that a paper is there.

    Never changed: whoever confirms a paper anew, or takes a confirmation back, ends the old row.
    """

    class Paper(models.TextChoices):
        """What has to be there before anybody is written to (Art. 13, 28, 35 GDPR, BetrVG)."""

        NOTICE = "notice", _("Privacy notice, with the controller and your contact in it")
        CONTRACTS = "contracts", _("Contracts with every processor (Art. 28 GDPR)")
        ASSESSMENT = "assessment", _("Data protection impact assessment (Art. 35 GDPR)")
        AGREEMENT = "agreement", _("Agreement with the works council")

    paper = models.CharField(_("paper"), max_length=12, choices=Paper.choices)
    dated_on = models.DateField(_("dated"))
    reference = models.CharField(_("reference"), max_length=120)
    confirmed_by = models.CharField(_("confirmed by"), max_length=150)
    confirmed_at = models.DateTimeField(_("confirmed at"))
    ended_at = models.DateTimeField(_("no longer counts since"), null=True)

    personal_fields = frozenset({"confirmed_by"})  # a member of the desk

    class Meta:
        verbose_name = _("paper before the start")
        verbose_name_plural = _("papers before the start")
        constraints = [
            models.UniqueConstraint(
                fields=["paper"], condition=Q(ended_at__isnull=True), name="clearance_once"
            )
        ]
        permissions = [("confirm_clearance", _("Can confirm the papers before the start"))]

    def __str__(self) -> str:
        return f"{self.paper} {self.dated_on}"
