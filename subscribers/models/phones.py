"""The own phones of members of the desk: they are no subscribers, and get nothing but tests."""

from uuid import uuid4

from django.conf import settings  # noqa: TID251 - only to name the user model
from django.db import models
from django.utils.translation import gettext_lazy as _

from subscribers.models.people import Identity


class DeskPhone(models.Model):
    """The sealed address of the own phone of somebody at the desk; see subscribers/phones.py.

    Its data key is a SubjectKey under its random id, so that keys are rotated and destroyed as
    those of subscribers are. There is no blind index: nobody is ever looked up by it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Identity.Kind.choices)
    sealed = models.BinaryField()  # vault.seal under its data key
    connected_at = models.DateTimeField()
    used_at = models.DateTimeField(db_index=True)  # for the rule of retention.py

    personal_fields = frozenset({"id", "user", "kind", "sealed", "connected_at", "used_at"})

    class Meta:
        verbose_name = _("phone of the desk")
        verbose_name_plural = _("phones of the desk")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.id)


class PhoneCode(models.Model):
    """A code that somebody at the desk was shown, to be written to our number from their phone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    code_hash = models.BinaryField(max_length=32, unique=True)  # vault.code_hash
    drawn_at = models.DateTimeField(db_index=True)  # for the rule of retention.py
    expires_at = models.DateTimeField()  # earlier once it was used, or followed by another
    wrong = models.PositiveSmallIntegerField(default=0)  # codes that came meanwhile and were none

    personal_fields = frozenset({"user", "code_hash", "drawn_at", "expires_at"})

    class Meta:
        verbose_name = _("code for a phone")
        verbose_name_plural = _("codes for phones")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
