"""What somebody has to be told, by another way than WhatsApp."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Alarm(models.Model):
    """Something that a person must know: opened once, told once, closed when it is gone."""

    class Kind(models.TextChoices):
        """What is wrong."""

        STOPPED = "stopped", _("All sending is stopped.")
        STANDS_STILL = "stands_still", _("A broadcast stands still.")
        STUCK = "stuck", _("A broadcast does not move.")
        SILENT = "silent", _("A part of the system is silent, so messages may be late.")
        MISSED = "missed", _("A broadcast missed its time and has reached nobody.")
        EXPIRED = "expired", _("A broadcast was too late for some, who did not get it.")
        LATE = "late", _("An urgent broadcast left later than planned.")
        SLOT_EMPTY = "slot_empty", _("A place in the plan has no approved message yet.")
        SLOT_MISSED = "slot_missed", _("A place in the plan stayed empty.")
        NOT_READY = "not_ready", _("A broadcast that leaves soon is not ready.")
        DEARER = "dearer", _("WhatsApp counts a template as marketing now, which costs more.")
        BUDGET = "budget", _("This month has passed the warning line of its budget.")
        UNMATCHED = "unmatched", _("WhatsApp reports messages that we do not know.")
        REVIEW_DUE = "review_due", _("A contract with a processor of our data is to be reviewed.")

        BROKEN = "broken", _("A regular duty of the system fails. IT finds the cause in the log.")
        ACCOUNT_SET = "account_set", _("Our account at WhatsApp is not set as we promise.")

    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    # What it is about, as "broadcast 12"; empty where there is only one. Never a person.
    subject = models.CharField(_("about"), max_length=40, blank=True)
    raised_at = models.DateTimeField(_("since"))
    cleared_at = models.DateTimeField(_("gone at"), null=True)
    # Each way of telling is tried until it has worked once.
    mailed_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            # Also for every page, which shows those that are open.
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(cleared_at__isnull=True), name="alarm_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()
