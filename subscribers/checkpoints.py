"""Signing the ledger as it grows, and sending the signed notes out of our own reach.

A checkpoint covers everything before it. Whoever cuts the ledger or writes it anew must change
the checkpoint as well, and cannot: it lies in the mailboxes of people who do not run the server.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.ledger.notes import Signer
from subscribers.ledger.tree import Frontier
from subscribers.models import Anchor, Checkpoint, LedgerLeaf

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
TRY_AGAIN_AFTER = timedelta(minutes=10)
LATE_AFTER = timedelta(hours=3)  # without an anchor; by then a mail server is not merely busy


class Place(Protocol):
    """Somewhere outside. `send` raises OSError if the note does not arrive there."""

    @property
    def name(self) -> str:
        """A short name that is nobody's address."""

    def send(self, checkpoint: Checkpoint) -> None:
        """Send the note."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox, of the data-protection officer or of the works council."""

    name: str
    address: str

    def send(self, checkpoint: Checkpoint) -> None:
        """Mail the note; smtplib's errors are OSErrors."""
        subject = _("Checkpoint of the consent ledger: %(n)s events") % {"n": checkpoint.size}
        words = _(
            "Please keep this mail. It proves later that nobody has changed the consent ledger: "
            "the verifier compares it with the ledger. You need not do anything else.\n\n"
            "Taken on %(at)s. The lines below are signed; they name nobody."
        ) % {"at": f"{timezone.localtime(checkpoint.taken_at):%d.%m.%Y %H:%M}"}
        EmailMessage(subject, f"{words}\n\n{checkpoint.note}", to=[self.address]).send()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is mounted from another machine, or copied there."""

    name: str
    path: Path

    def send(self, checkpoint: Checkpoint) -> None:
        """Write the note into a file of its own."""
        self.path.mkdir(parents=True, exist_ok=True)
        name = f"{timezone.localtime(checkpoint.taken_at):%Y-%m-%d-%H%M%S}-{checkpoint.size}.txt"
        (self.path / name).write_text(checkpoint.note, encoding="utf-8")


def take_if_due(*, signer: Signer, now: datetime) -> Checkpoint | None:
    """Sign what is new, at most once an hour, and once a new day; None if it is not time yet."""
    newest = _newest()
    if newest is not None:
        is_new_day = timezone.localtime(newest.taken_at).date() < timezone.localtime(now).date()
        has_grown = LedgerLeaf.objects.filter(seq__gte=newest.size).exists()
        if not (is_new_day or (has_grown and now >= newest.taken_at + EVERY)):
            return None
    elif not LedgerLeaf.objects.exists():
        return None
    return take(signer=signer, now=now)


@transaction.atomic
def take(*, signer: Signer, now: datetime) -> Checkpoint:
    """Sign the ledger as it is. Only leaves added since the last checkpoint are read."""
    with connection.cursor() as cursor:  # one at a time; the second one signs what is left
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('subscribers_checkpoint'))")
    newest = _newest()
    frontier = Frontier()
    if newest is not None:
        frontier = Frontier.restore(newest.size, bytes(newest.frontier))
    new = LedgerLeaf.objects.filter(seq__gte=frontier.size).order_by("seq")
    for leaf in new.values_list("leaf_hash", flat=True).iterator():
        frontier.append(bytes(leaf))
    note = signer.checkpoint(size=frontier.size, root=frontier.root())
    return Checkpoint.objects.create(
        size=frontier.size, frontier=frontier.stored(), note=note, taken_at=now
    )


def anchor(places: Collection[Place], *, now: datetime) -> None:
    """Send the newest checkpoint to every place that has not got it; older ones are in it."""
    newest = _newest()
    if newest is None:
        return
    done = newest.anchors.filter(is_sent=True) | newest.anchors.filter(
        tried_at__gt=now - TRY_AGAIN_AFTER
    )
    names = set(done.values_list("place", flat=True))
    for place in places:
        if place.name not in names:
            is_sent = _send(place, newest)
            Anchor.objects.create(
                checkpoint=newest, place=place.name, tried_at=now, is_sent=is_sent
            )


def late_places(*, now: datetime) -> list[str]:
    """Return the places to which nothing could be sent for hours."""
    later = Anchor.objects.filter(
        place=OuterRef("place"), is_sent=True, tried_at__gt=OuterRef("tried_at")
    )
    failed = Anchor.objects.filter(
        is_sent=False, tried_at__range=(now - timedelta(days=1), now - LATE_AFTER)
    )
    return sorted(set(failed.filter(~Exists(later)).values_list("place", flat=True)))


def _send(place: Place, checkpoint: Checkpoint) -> bool:
    try:
        place.send(checkpoint)
    except OSError as trouble:
        logger.warning(
            "a checkpoint could not be sent",
            extra={"place": place.name, "reason": type(trouble).__name__},
        )
        return False
    return True


def _newest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-pk").first()
