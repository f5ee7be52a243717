"""Leaving and being erased by letter or mail, for people who do not use the chat any more.

The receipt code is what leads to somebody: whoever holds it has joined from that telephone, and
the register finds nobody by a name. The act is the person's; the ledger says that it came in
writing. They are told in the chat, so that a stolen code does not end anything unseen.
"""

from datetime import datetime

from django.db import transaction

from campaigns import replies
from campaigns.models import MessageTemplate
from subscribers import access_log, consent
from subscribers.consent import Act
from subscribers.models import (
    SUBSCRIBED,
    AccessEvent,
    ConsentEvent,
    Subscriber,
    SubscriberState,
)
from subscribers.speech import Speaker

CONFIRMATION = "abo_beendet"  # a template: they may not have written for long


class NothingToEnd(Exception):
    """Whoever holds this receipt has left or been erased before."""


def withdraw(
    receipt: ConsentEvent, *, reason: str, speaker: Speaker, now: datetime
) -> ConsentEvent:
    """End the subscription that a receipt belongs to. Raises NothingToEnd."""
    _note(receipt, reason=reason, now=now)
    with transaction.atomic():
        subscriber = _lock(receipt)
        if subscriber.state not in SUBSCRIBED:
            raise NothingToEnd
        event = consent.withdraw(subscriber.pk, act=_act(subscriber, now=now), now=now)
        assert event is not None  # they subscribe, and the row is locked
        _confirm(subscriber, "withdrawn", event, speaker=speaker, now=now)
    return event


def erase(receipt: ConsentEvent, *, reason: str, speaker: Speaker, now: datetime) -> ConsentEvent:
    """Have everything erased about whom a receipt belongs to. Raises NothingToEnd."""
    _note(receipt, reason=reason, now=now)
    with transaction.atomic():
        subscriber = _lock(receipt)
        if subscriber.state == SubscriberState.ERASING:
            raise NothingToEnd
        event = consent.request_erasure(subscriber.pk, act=_act(subscriber, now=now), now=now)
        _confirm(subscriber, "erased", event, speaker=speaker, now=now)
    return event


def _note(receipt: ConsentEvent, *, reason: str, now: datetime) -> None:
    """Note that a record is looked up, and why; the line stays if there is nothing to end."""
    record = AccessEvent.What.RECORD
    access_log.note(record, user=None, now=now, ref=str(receipt.pk), reason=reason)


def _lock(receipt: ConsentEvent) -> Subscriber:
    assert receipt.subscriber_id is not None  # every receipt is somebody's
    rows = Subscriber.objects.select_for_update()
    subscriber = rows.filter(pk=receipt.subscriber_id).first()
    if subscriber is None:
        raise NothingToEnd
    return subscriber


def _act(subscriber: Subscriber, *, now: datetime) -> Act:
    # Meta's clock, by which the decision in force was dated, may be ahead of ours.
    return Act(by=ConsentEvent.Act.LETTER, at=max(now, subscriber.decided_at))


def _confirm(
    subscriber: Subscriber, name: str, event: ConsentEvent, *, speaker: Speaker, now: datetime
) -> None:
    """Tell them: by the template, or in words, which arrive only if they wrote within a day."""
    template = MessageTemplate.objects.filter(
        name=CONFIRMATION,
        language=subscriber.language,
        status=MessageTemplate.Status.APPROVED,
    ).first()
    if template is None:
        say = speaker.say(subscriber, name, **speaker.receipt(event))
        replies.queue(subscriber, [say], now=now)
        return
    values = {"datum": speaker.day(event.happened_at)}
    replies.queue_template(subscriber.pk, template, values=values, purpose=name, now=now)
