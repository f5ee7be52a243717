"""Which words somebody was asked with, and whether their yes still covers what we do.

A yes covers one notice. Where a newer one changes materially what is done with the data, it
covers nothing any more: no news is sent under it, whatever the state says, until they agree
again. The same holds for a yes that came from an address with a new owner.
"""

from datetime import timedelta

from subscribers.models import SUBSCRIBED, ConsentEvent, Notice, Rest, Subscriber, SubscriberState

Kind = ConsentEvent.Kind
# Subscribers who rest for one of these stay what they are, and get nothing, until they answer.
ASKED_ANEW = (Rest.NEW_NUMBER, Rest.NEW_NOTICE)
ANSWER_WITHIN = timedelta(days=30)  # as the letter says; then the subscription ends


def must_agree_anew(subscriber: Subscriber) -> bool:
    """Tell whether somebody subscribes whose consent counts for nothing until a new yes."""
    if subscriber.state not in SUBSCRIBED:
        return False
    return subscriber.rest in ASKED_ANEW or is_outdated(subscriber)


def is_outdated(subscriber: Subscriber) -> bool:
    """Tell whether a newer notice has changed materially what a subscriber agreed to."""
    assert subscriber.notice_id is not None  # nobody subscribes without
    return Notice.objects.outdated().filter(pk=subscriber.notice_id).exists()


def asked_about(subscriber: Subscriber) -> Notice | None:
    """Return the notice that WhatsApp took for somebody and that a yes would be to.

    None if there is no question to be answered, or if the notice never left. What was shown
    before a hold answers nothing that the hold is about.
    """
    sent = ConsentEvent.objects.filter(subscriber=subscriber, kind=Kind.NOTICE_SENT)
    if subscriber.state == SubscriberState.REQUESTED:
        return subscriber.notice if sent.filter(notice=subscriber.notice).exists() else None
    if subscriber.rest not in ASKED_ANEW:
        return None
    held_or_shown = ConsentEvent.objects.filter(
        subscriber=subscriber, kind__in=(Kind.HELD, Kind.NOTICE_SENT)
    ).exclude(notice__in=Notice.objects.outdated())
    last = held_or_shown.select_related("notice").order_by("-pk").first()
    return last.notice if last else None
