"""What the environment of the processes said, and since when."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EnvironmentValue(models.Model):
    """A setting that only IT changes, outside the desk: one row each time it was seen to differ.

    So a works council can read since when one counts, though nobody signs in to change it.
    """

    name = models.CharField(_("setting"), max_length=40)
    value = models.CharField(_("value"), max_length=200)
    since = models.DateTimeField(_("seen since"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("setting of the environment")
        verbose_name_plural = _("settings of the environment")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
