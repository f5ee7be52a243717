"""How far a broadcast was at a moment, for the chart of its rate."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast


class Sample(models.Model):
    """What WhatsApp had accepted of a running broadcast when the tick looked.

    Gone as soon as it is closed: from then on its figures are rounded, and these are exact.
    """

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="samples", db_index=False)
    at = models.DateTimeField()
    accepted = models.PositiveIntegerField()

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("sample of progress")
        verbose_name_plural = _("samples of progress")
        constraints = [
            # Two ticks at once read it once. Also for of(), in the order of time.
            models.UniqueConstraint(fields=["broadcast", "at"], name="sample_once"),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id} {self.at:%H:%M:%S}"
