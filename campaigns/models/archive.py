"""The archive: broadcasts that were sent and are closed."""

from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast


class ArchivedBroadcast(Broadcast):
    """A broadcast as the archive shows it; `objects.archived()` are those that it shows."""

    class Meta:
        proxy = True
        verbose_name = _("archived broadcast")
        verbose_name_plural = _("archive")
        default_permissions = ("view", "export")
