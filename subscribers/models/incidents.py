"""A breach of data protection, and everything that was done about it."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

REPORT_WITHIN = timedelta(hours=72)  # to the authority, Art. 33(1) GDPR; from when we knew


class Incident(models.Model):
    """From the moment somebody declared it until somebody ended it; one at a time."""

    known_at = models.DateTimeField(_("known since"))
    what = models.TextField(_("what happened"), max_length=2000)
    began_at = models.DateTimeField(_("declared at"))
    began_by = models.CharField(_("declared by"), max_length=150)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.CharField(_("ended by"), max_length=150, blank=True)
    conclusion = models.TextField(_("why it ended"), max_length=2000, blank=True)

    personal_fields = frozenset({"what", "began_by", "ended_by", "conclusion"})

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            # Also for every page, sweep and release, which ask whether one is open.
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at__isnull=True), name="incident_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, conclusion="")
                | (Q(ended_at__isnull=False) & ~Q(conclusion="")),
                name="incident_ended_with_reason",
            ),
        ]
        permissions = [("declare_incident", _("Can declare and end an incident"))]

    def __str__(self) -> str:
        return f"incident {self.pk}"

    @property
    def report_by(self) -> datetime:
        """Until when the authority must have heard of it."""
        return self.known_at + REPORT_WITHIN


class IncidentStep(models.Model):
    """One thing that was done; written once, never changed."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="steps")
    at = models.DateTimeField(_("when"))
    by = models.CharField(_("who"), max_length=150)
    words = models.TextField(_("what was done"), max_length=2000)
    sha256 = models.CharField(max_length=64, blank=True)  # of a bundle that was handed out

    personal_fields = frozenset({"by", "words"})

    class Meta:
        verbose_name = _("step of an incident")
        verbose_name_plural = _("steps of an incident")

    def __str__(self) -> str:
        return f"step {self.pk}"
