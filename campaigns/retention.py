"""How long campaigns keeps what: its part of the table in subscribers/retention.py.

What a broadcast achieved stays, as counts. Whom it went to is forgotten a week after it was
closed: the link to the subscriber is cut, and the attempts with the hashes of Meta's message
ids go.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

from campaigns import audiences
from campaigns.models import (
    Attempt,
    Broadcast,
    Delivery,
    InboxEntry,
    Media,
    PhoneTest,
    Reply,
    SeenMessage,
    Unsaved,
)
from campaigns.states import OPEN
from subscribers.retention import AT_ONCE, DAY, HOUR, PORTIONS, Rule


def _closed(moment: datetime) -> "QuerySet[Broadcast]":
    return Broadcast.objects.filter(closed_at__lt=moment, leads_to_people=True)


def _cut_links(broadcasts: "QuerySet[Any]", _now: datetime) -> int:
    """Make deliveries lead to nobody, in portions. All states and counts stay."""
    cut = 0
    for broadcast in broadcasts.order_by("closed_at")[:PORTIONS]:
        linked = Delivery.objects.filter(broadcast=broadcast, subscriber__isnull=False)
        for _ in range(PORTIONS):
            ids = list(linked.values_list("pk", flat=True)[:AT_ONCE])
            cut += Delivery.objects.filter(pk__in=ids).update(subscriber=None)
            if len(ids) < AT_ONCE:
                Broadcast.objects.filter(pk=broadcast.pk).update(leads_to_people=False)
                break
        if cut >= PORTIONS * AT_ONCE:
            break
    return cut


def _unused(moment: datetime) -> "QuerySet[Media]":
    """Return files that stand above no message, nor stood above an older version of one; of
    what was cut, the whole picture stays, and so does what goes with a text that is not saved."""
    # As text: it is what a browser posted, and no number for certain.
    chosen = Unsaved.objects.annotate(kept=KeyTextTransform("kept", "fields"))
    return Media.objects.filter(
        ~Exists(chosen.filter(kept=Cast(OuterRef("pk"), TextField()))),
        created_at__lt=moment,
        message__isnull=True,
        versions__isnull=True,
        cuts__isnull=True,
    )


def _drop(files: "QuerySet[Any]", _now: datetime) -> int:
    """Delete files without reading their bytes."""
    ids = list(files.values_list("pk", flat=True)[:AT_ONCE])
    deleted, _by_model = Media.objects.without_content().filter(pk__in=ids).delete()
    return deleted


def _done_with(moment: datetime) -> "QuerySet[InboxEntry]":
    """Return what was put aside and still has its body, and what fails for as long.

    What has not been tried is kept: a STOP may be in it.
    """
    State = InboxEntry.State
    kept = Q(state=State.QUARANTINED, body__isnull=False)
    return InboxEntry.objects.filter(kept | Q(state=State.FAILING), received_at__lt=moment)


def _empty(entries: "QuerySet[Any]", _now: datetime) -> int:
    """Erase bodies; that they were put aside, or are now, is still to be seen."""
    return entries.update(body=None, state=InboxEntry.State.QUARANTINED)


RULES: tuple[Rule, ...] = (
    Rule(
        name=gettext_noop("who got which broadcast"),
        of=(Delivery,),
        promise=audiences.KNOWN_FOR,
        margin=audiences.FORGOTTEN_EARLIER,
        why=gettext_noop("retries are over; Art. 5(1)(c) GDPR"),
        old=_closed,
        is_evidence=True,
        erase=_cut_links,
    ),
    Rule(
        name=gettext_noop("attempts and hashes of message ids"),
        of=(Attempt,),
        promise=7 * DAY,
        margin=HOUR,
        why=gettext_noop("WhatsApp repeats a status for 7 days at most"),
        old=lambda moment: Attempt.objects.filter(armed_at__lt=moment),
        is_evidence=True,
    ),
    Rule(
        name=gettext_noop("our replies"),
        of=(Reply,),
        promise=3 * DAY,
        margin=DAY,
        why=gettext_noop("statuses come within minutes"),
        old=lambda moment: Reply.objects.filter(created_at__lt=moment).exclude(state__in=OPEN),
        is_evidence=True,
    ),
    Rule(
        name=gettext_noop("tests to phones of the desk"),
        of=(PhoneTest,),
        promise=3 * DAY,
        margin=DAY,
        why=gettext_noop("statuses come within minutes"),
        old=lambda moment: PhoneTest.objects.filter(created_at__lt=moment),
    ),
    Rule(
        name=gettext_noop("webhook bodies put aside"),
        of=(InboxEntry,),
        promise=timedelta(hours=24),
        margin=HOUR,
        why=gettext_noop("Art. 5(1)(c) GDPR"),
        old=_done_with,
        erase=_empty,
        is_evidence=True,
    ),
    Rule(
        name=gettext_noop("webhooks"),
        of=(InboxEntry,),
        promise=30 * DAY,
        margin=DAY,
        why=gettext_noop("WhatsApp repeats a webhook for 7 days at most"),
        old=lambda moment: InboxEntry.objects.filter(received_at__lt=moment),
        is_evidence=True,
    ),
    Rule(
        name=gettext_noop("files of messages that were never saved"),
        of=(Media,),
        promise=DAY + HOUR,
        margin=HOUR,
        why=gettext_noop("nobody works on a message for longer; Art. 5(1)(c) GDPR"),
        old=_unused,
        erase=_drop,
    ),
    Rule(
        name=gettext_noop("hashes of messages to us"),
        of=(SeenMessage,),
        promise=30 * DAY,
        margin=DAY,
        why=gettext_noop("WhatsApp repeats a webhook for 7 days at most"),
        old=lambda moment: SeenMessage.objects.filter(seen_at__lt=moment),
        is_evidence=True,
    ),
    Rule(
        name=gettext_noop("texts that editors typed and never saved"),
        of=(Unsaved,),
        promise=14 * DAY,
        margin=DAY,
        why=gettext_noop("nobody restores them any more"),
        old=lambda moment: Unsaved.objects.filter(typed_at__lt=moment),
    ),
)
