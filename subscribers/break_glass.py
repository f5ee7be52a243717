"""Who it is, in the two cases in which the law may ask: never by one person, never unseen.

There is no page for this. Somebody asks, at the console, for one record, with a reason and a
case number; within a few hours two of the three holders of envelopes bring their shares. Both
steps, and every failed one, are events of the ledger; the caller tells the data-protection
officer before anything is shown. The server could not do it alone: it has no private key.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from subscribers import consent, proofs, sealed_box
from subscribers.models import ConsentEvent, SealedProof
from subscribers.sealed_box import Share
from subscribers.vault import VaultError

VALID_FOR = timedelta(hours=4)
CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{2,39}")
Kind = ConsentEvent.Kind


class Reason(TextChoices):
    """What may justify it. Curiosity about a critic is not on the list."""

    COURT_ORDER = "court-order", _("order of a court or a prosecutor")
    DANGER_TO_LIFE = "danger-to-life", _("danger to somebody’s life")


class Refused(Exception):
    """It is not opened; the words say why, to the people at the console."""


def ask(receipt_code: str, *, reason: Reason, case: str, by: str, now: datetime) -> ConsentEvent:
    """Ask for the person behind a receipt code, as `by`; returns the event. Raises Refused."""
    if not CASE.fullmatch(case):
        raise Refused("The case number has 3 to 40 letters, digits and marks.")
    event = ConsentEvent.objects.filter(receipt_code=receipt_code).first()
    if event is None or event.subscriber_id is None:
        raise Refused("There is no record with this receipt code.")
    if not SealedProof.objects.filter(ref=event.subscriber_id).exists():
        raise Refused("Nothing is kept of this person; there is nothing to open.")
    details = {"reason": reason.value, "case": case, "by": by}
    return consent.record(
        Kind.BREAK_GLASS_ASKED, subscriber_id=event.subscriber_id, details=details, now=now
    )


def check(asked_id: int, *, holders: Collection[str], now: datetime) -> ConsentEvent:
    """Return the event of asking, if it may be opened now by these two. Raises Refused."""
    asked = ConsentEvent.objects.filter(pk=asked_id, kind=Kind.BREAK_GLASS_ASKED).first()
    if asked is None:
        raise Refused("Nobody has asked for this.")
    if now > asked.recorded_at + VALID_FOR:
        raise Refused("It was asked for too long ago. Ask again.")
    if ConsentEvent.objects.filter(kind=Kind.BREAK_GLASS_OPENED, details__asked=asked_id).exists():
        raise Refused("It has been opened before. Ask again.")
    if len(set(holders)) != 2 or asked.details["by"] in holders:
        raise Refused("It takes two different holders, and neither is who asked.")
    return asked


def open_record(
    asked: ConsentEvent, shares: Collection[Share], *, holders: Collection[str], now: datetime
) -> dict[str, str]:
    """Open the boxes of one person and return what is in them, by kind. Raises Refused.

    An attempt that fails is an event, too.
    """
    assert asked.subscriber_id is not None
    facts: dict[str, object] = {"asked": asked.pk, "case": asked.details["case"]}
    facts["holders"] = sorted(holders)
    try:
        opened = proofs.open_all(asked.subscriber_id, key=sealed_box.join(shares))
    except VaultError as wrong:
        consent.record(
            Kind.BREAK_GLASS_REFUSED, subscriber_id=asked.subscriber_id, details=facts, now=now
        )
        raise Refused(str(wrong)) from None
    with transaction.atomic():
        ConsentEvent.objects.select_for_update(of=("self",)).get(pk=asked.pk)
        check(asked.pk, holders=holders, now=now)  # two consoles at once: one opens
        consent.record(
            Kind.BREAK_GLASS_OPENED, subscriber_id=asked.subscriber_id, details=facts, now=now
        )
    return opened
