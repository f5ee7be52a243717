"""What the conversation has to remember for a while: how much, with which code, which link."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.models.people import Subscriber


class Turn(models.Model):
    """How many messages somebody sent within one hour. Forgotten after a day.

    So it also tells to whom WhatsApp takes a free-form message (campaigns/reading.py).
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="+")
    hour = models.DateTimeField()  # its beginning
    messages = models.PositiveIntegerField()
    wrong_codes = models.PositiveSmallIntegerField(default=0)

    personal_fields = frozenset({"subscriber", "hour", "messages", "wrong_codes"})

    class Meta:
        verbose_name = _("hour of a conversation")
        verbose_name_plural = _("hours of conversations")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "hour"], name="turn_once_an_hour")
        ]
        indexes = [
            # For limits: the sum of an hour, and what is to be forgotten.
            models.Index(fields=["hour"], include=["messages"], name="turn_hour"),
        ]


class JoinCode(models.Model):
    """The word of the month that staff find on the intranet; one row. Never personal."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    is_required = models.BooleanField(_("asked for"), default=False)
    code = models.CharField(_("code"), max_length=8)
    previous = models.CharField(_("code before"), max_length=8, blank=True)
    rotated_at = models.DateTimeField(_("valid since"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("join code")
        verbose_name_plural = _("join code")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="join_code_only_one")]

    def __str__(self) -> str:
        return str(_("join code"))


class AccessLink(models.Model):
    """A way to the copy of one's own data, sent to one's own chat. Each format once."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)  # for access.purge()
    pdf_taken_at = models.DateTimeField(null=True)
    json_taken_at = models.DateTimeField(null=True)

    personal_fields = frozenset({"token_sha256", "subscriber", "expires_at"}) | {
        "pdf_taken_at",
        "json_taken_at",
    }

    class Meta:
        verbose_name = _("link to a copy")
        verbose_name_plural = _("links to copies")


class Unreached(models.Model):
    """Somebody whom nothing has reached of late. Nobody can look at it; see lifecycle.py."""

    subscriber = models.OneToOneField(
        Subscriber, models.CASCADE, related_name="+", primary_key=True
    )
    failures = models.PositiveIntegerField()  # broadcasts in a row
    since = models.DateTimeField()  # the first of them

    personal_fields = frozenset({"subscriber", "failures", "since"})

    class Meta:
        verbose_name = _("unreached subscriber")
        verbose_name_plural = _("unreached subscribers")
