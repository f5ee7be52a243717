"""The full text of a message: sent to whoever taps “Jetzt lesen”, and by itself to whoever has
written to us within a day.

WhatsApp takes no free-form message unless the person wrote within the last 24 hours (Meta,
customer service windows, 2026-09). A tap opens that window. Who wrote within a day is known from
the hours that limit a conversation, which are forgotten after a day; nothing more is noted. Nor
is who tapped: the reply that goes out is forgotten like every other.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from campaigns import replies
from campaigns.models import Broadcast, Delivery, Reply
from campaigns.states import TAKEN, BroadcastState, DeliveryState
from subscribers import audience, limits
from subscribers.conversation import Conversation
from subscribers.models import Subscriber, Turn

PURPOSE = "full_text"
GONE = "full_text_gone"  # a text in subscribers/texts
WINDOW = timedelta(hours=23, minutes=30)  # Meta's 24 hours, and time for the reply to leave
AFTERWARDS = timedelta(minutes=10)  # after the end of a broadcast; its last answers are in by then
AT_ONCE = 1000  # replies queued by one tick for one broadcast
LOST = (DeliveryState.FAILED, DeliveryState.SKIPPED)


def answer(
    subscriber: Subscriber, broadcast_id: int, *, conversation: Conversation, now: datetime
) -> None:
    """Send the full text that a tap asks for: once, and only to those whom it was meant for.

    Everybody else, and whoever taps when it has been called off, is told that it is gone.
    """
    if limits.note(subscriber, now=now) > limits.A_PERSON:
        return
    broadcast = Broadcast.objects.with_message().filter(pk=broadcast_id).first()
    if broadcast is None or not _may_read(broadcast, subscriber):
        replies.queue(subscriber, [conversation.say(subscriber, GONE)], now=now)
        return
    # What has not come at all may be asked for again.
    Reply.objects.filter(full_text_of=broadcast, subscriber=subscriber, state__in=LOST).delete()
    _queue(broadcast, [subscriber], now=now)


def follow(*, now: datetime) -> int:
    """Send full texts after their templates, to those who may get one without a tap.

    That is whoever wrote to us in the day before the broadcast began, up to the hour in which it
    did. Return how many were queued. Everybody else has the button.
    """
    lately = Broadcast.objects.unclosed_since(now - AFTERWARDS)
    sent = lately.filter(state__in=[BroadcastState.SENDING, BroadcastState.DONE]).with_message()
    return sum(_follow(one, now=now) for one in sent if one.message.full_text)


def _follow(broadcast: Broadcast, *, now: datetime) -> int:
    wrote = Turn.objects.filter(hour__gt=now - WINDOW, hour__lte=broadcast.started_at)
    got = Delivery.objects.filter(
        broadcast=broadcast, state__in=TAKEN, subscriber__in=wrote.values("subscriber")
    )
    queued = Reply.objects.filter(full_text_of=broadcast, subscriber=OuterRef("subscriber"))
    rows: QuerySet[Delivery] = got.exclude(Exists(queued)).select_related("subscriber")
    people = [row.subscriber for row in rows.order_by("pk")[:AT_ONCE] if row.subscriber]
    _queue(broadcast, people, now=now)
    return len(people)


def _may_read(broadcast: Broadcast, subscriber: Subscriber) -> bool:
    is_over = broadcast.state == BroadcastState.CANCELLED
    if not broadcast.started_at or is_over or not broadcast.message.full_text:
        return False
    got = Delivery.objects.filter(broadcast=broadcast, subscriber=subscriber, state__in=TAKEN)
    readers = audience.of(broadcast.message.category.tier).filter(pk=subscriber.pk)
    return got.exists() or readers.exists()


def _queue(broadcast: Broadcast, people: list[Subscriber], *, now: datetime) -> None:
    Reply.objects.bulk_create(
        (
            Reply(
                subscriber=subscriber,
                purpose=PURPOSE,
                text=broadcast.message.full_text,
                full_text_of=broadcast,
                not_before=now,
                created_at=now,
            )
            for subscriber in people
        ),
        ignore_conflicts=True,  # the tap and the tick at the same moment
    )
