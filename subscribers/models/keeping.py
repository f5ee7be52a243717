"""What is remembered of people who are gone: random references, sealed proofs, and counts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from subscribers.models.people import Identity


class Erasure(models.Model):
    """Somebody whose rows have been erased. The reference is random and leads to nobody.

    Kept for longer than the oldest backup, so that whoever comes back with one is erased again.
    """

    ref = models.UUIDField(primary_key=True)  # what used to be Subscriber.id
    done_at = models.DateTimeField()
    # The key is destroyed and the reference stands on the list outside the database.
    is_listed = models.BooleanField(default=False)

    personal_fields = frozenset({"ref", "done_at"})

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes = [
            # For erasure.finish(): whose key is still to be destroyed, with every tick.
            models.Index(
                fields=["done_at"], condition=models.Q(is_listed=False), name="erasure_unfinished"
            ),
        ]


class SealedProof(models.Model):
    """Who agreed, encrypted to a key that lies in envelopes: we write it and cannot read it.

    No foreign key: it outlives the subscriber, whose random id is all that it refers to.
    """

    ref = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Identity.Kind.choices)
    box = models.BinaryField()  # sealed_box.seal
    sealed_at = models.DateTimeField()
    # Set when the subscription has ended: the last day of the third year after.
    keep_until = models.DateField(null=True)

    personal_fields = frozenset({"ref", "kind", "box", "sealed_at", "keep_until"})

    class Meta:
        verbose_name = _("sealed proof")
        verbose_name_plural = _("sealed proofs")
        constraints = [models.UniqueConstraint(fields=["ref", "kind"], name="proof_one_per_kind")]
        indexes = [
            # For retention.PROOFS: what has been kept for long enough.
            models.Index(
                fields=["keep_until"],
                condition=models.Q(keep_until__isnull=False),
                name="proof_to_erase",
            ),
        ]


class Deleted(models.Model):
    """How many rows a rule of retention has deleted on a day."""

    day = models.DateField()
    rule = models.CharField(max_length=40)
    rows = models.PositiveBigIntegerField()

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("deleted rows")
        verbose_name_plural = _("deleted rows")
        constraints = [models.UniqueConstraint(fields=["day", "rule"], name="deleted_once_per_day")]


class DeletionReport(models.Model):
    """That the deletions of a day were reported, and what was wrong; the report is an event."""

    day = models.DateField(_("day"), primary_key=True)
    written_at = models.DateTimeField(_("written at"))
    overdue = models.PositiveIntegerField(_("overdue"))  # rows older than promised
    found = models.PositiveIntegerField(_("found"), null=True)  # by the search; null: none made

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("report on deletions")
        verbose_name_plural = _("reports on deletions")


class MessageSecret(models.Model):
    """What the message hashes of half a month depend on. Lives in the database `keys`.

    Deleting this row makes those hashes mean nothing for ever (message_keys.py).
    """

    period = models.PositiveIntegerField(primary_key=True)
    secret = models.BinaryField(max_length=32)

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("secret of message hashes")
        verbose_name_plural = _("secrets of message hashes")
