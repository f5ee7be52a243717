"""What nobody heard the answer to, and how long echoes usually take."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast
from campaigns.models.deliveries import Delivery


class Doubt(models.Model):
    """A delivery that is in doubt, or has been.

    A trigger writes the row whenever a delivery becomes doubtful, whoever moved it (migration
    0003): the state of a delivery is in no index, and without this every look for the few
    doubtful ones among a million would read them all.
    """

    # No constraint: nothing deletes a delivery, and the trigger has just seen it.
    delivery = models.OneToOneField(
        Delivery, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="doubt"
    )
    broadcast = models.ForeignKey(
        Broadcast, models.DO_NOTHING, related_name="doubts", db_constraint=False
    )
    # When the newest attempt was armed; null until the next tick has looked it up.
    armed_at = models.DateTimeField(null=True)
    # Since when it has been proved that an echo would be here; null while it is not.
    proved_at = models.DateTimeField(null=True)
    resends = models.PositiveSmallIntegerField(default=0)  # because of a doubt, by whomever

    personal_fields = frozenset({"delivery", "armed_at", "proved_at", "resends"})

    class Meta:
        verbose_name = _("doubt")
        verbose_name_plural = _("doubts")


class EchoDelay(models.Model):
    """How many messages of a day were first reported as sent within so many seconds.

    The sum of `n` over the rows: every application of statuses adds its own, so that no two
    workers wait for each other; the tick folds them together.
    """

    day = models.DateField()
    seconds = models.PositiveIntegerField()  # a power of two: the upper end of the interval
    n = models.BigIntegerField()

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("delay of echoes")
        verbose_name_plural = _("delays of echoes")
