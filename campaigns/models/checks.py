"""What was looked at before a broadcast leaves, and how it was found."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast


class Light(models.TextChoices):
    """How something stands."""

    GREEN = "green", _("ready")
    AMBER = "amber", _("leaves, but please look at this")
    RED = "red", _("will not leave like this")


class About(models.TextChoices):
    """What is looked at."""

    APPROVAL = "approval", _("Approval")
    WORDS = "words", _("Words")
    MEDIA = "media", _("Picture or file")
    TEMPLATE = "template", _("Template")
    PEOPLE = "people", _("Recipients")
    NUMBER = "number", _("WhatsApp number")
    LIMIT = "limit", _("Daily limit")
    BUDGET = "budget", _("Budget")
    WORKERS = "workers", _("System")


class Fault(models.TextChoices):
    """What may be wrong, each with the sentence that somebody on duty reads."""

    UNAPPROVED = "unapproved", _("Nobody has approved it yet.")
    CHANGED = "changed", _("It has been changed since it was approved.")
    TOO_LATE = "too_late", _("The time in which it is of use has passed.")
    WORDS = "words", _("Its words are not complete, or WhatsApp would refuse them.")
    MEDIA = "media", _("Its picture or file is missing, or does not fit its template.")
    MEDIA_REFUSED = "media_refused", _("WhatsApp does not take its picture or file.")
    TEMPLATE = "template", _("WhatsApp has not approved its template, or no longer does.")
    DEARER = "dearer", _("WhatsApp counts its template otherwise than when it was approved.")
    NOBODY = "nobody", _("Nobody would get it.")
    TOO_FEW = "too_few", _("So few would get it that nobody is written to.")
    STOPPED = "stopped", _("All sending is stopped.")
    TOKEN = "token", _("WhatsApp does not accept our access token.")
    BLOCKED = "blocked", _("WhatsApp does not let our number send.")
    NO_ANSWER = "no_answer", _("WhatsApp does not answer at the moment.")
    LIMIT = "limit", _("WhatsApp’s daily limit does not let all of it leave at once.")
    BUDGET = "budget", _("The monthly budget does not cover it any more.")
    SILENT = "silent", _("A part of the system is silent.")

    @property
    def about(self) -> About:
        """What it is a fault of."""
        return _ABOUT.get(self) or About(self.value)

    @property
    def light(self) -> Light:
        """How bad it is."""
        mild = (self.DEARER, self.NO_ANSWER, self.LIMIT)
        return Light.AMBER if self in mild else Light.RED


_ABOUT: Mapping[Fault, About] = {
    Fault.UNAPPROVED: About.APPROVAL,
    Fault.CHANGED: About.APPROVAL,
    Fault.TOO_LATE: About.APPROVAL,
    Fault.MEDIA_REFUSED: About.MEDIA,
    Fault.DEARER: About.TEMPLATE,
    Fault.NOBODY: About.PEOPLE,
    Fault.TOO_FEW: About.PEOPLE,
    Fault.STOPPED: About.NUMBER,
    Fault.TOKEN: About.NUMBER,
    Fault.BLOCKED: About.NUMBER,
    Fault.NO_ANSWER: About.NUMBER,
    Fault.SILENT: About.WORKERS,
}


class Check(models.Model):
    """One thing that was looked at before a broadcast leaves. The newest look counts."""

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="checks", verbose_name=_("broadcast")
    )
    about = models.CharField(_("what"), max_length=12, choices=About.choices)
    light = models.CharField(_("how it stands"), max_length=6, choices=Light.choices)
    fault = models.CharField(_("what is wrong"), max_length=14, choices=Fault.choices, blank=True)
    at = models.DateTimeField(_("looked at"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("check before leaving")
        verbose_name_plural = _("checks before leaving")
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "about"], name="check_once"),
            models.CheckConstraint(
                condition=models.Q(light=Light.GREEN) ^ ~models.Q(fault=""),
                name="check_wrong_with_fault",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id} {self.about} {self.light}"

    @property
    def words(self) -> "str | Promise":
        """What was found, in the reader's language."""
        return Fault(self.fault).label if self.fault else Light.GREEN.label
