"""How much one person, and all together, may make us say within an hour.

Limits hold back answers, never a withdrawal: STOP and LÖSCHEN are acted on however many
messages came before (conversation.py).
"""

from datetime import datetime

from django.db import connection
from django.db.models import Sum

from subscribers.models import Subscriber, Turn

A_PERSON = 30  # messages an hour that are answered; a long dialogue takes twelve
A_PERSON_LEAVING = 60  # that many, if they are about leaving
EVERYBODY = 10_000  # messages an hour; 1,600 people who all join at once write 5,000
WRONG_CODES = 5  # an hour


def note(subscriber: Subscriber, *, now: datetime) -> int:
    """Count a message; return how many this person sent within this hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO subscribers_turn (subscriber_id, hour, messages, wrong_codes)
            VALUES (%s, %s, 1, 0)
            ON CONFLICT (subscriber_id, hour)
            DO UPDATE SET messages = subscribers_turn.messages + 1
            RETURNING messages
            """,
            [subscriber.pk, _hour(now)],
        )
        [messages] = cursor.fetchone()
    return int(messages)


def is_too_much_for_us(*, now: datetime) -> bool:
    """Tell whether all people together wrote more within this hour than we want to answer."""
    total = Turn.objects.filter(hour=_hour(now)).aggregate(total=Sum("messages"))["total"]
    return (total or 0) > EVERYBODY


def note_wrong_code(subscriber: Subscriber, *, now: datetime) -> bool:
    """Count a wrong join code; False if there were too many within this hour."""
    turn, _new = Turn.objects.get_or_create(
        subscriber=subscriber, hour=_hour(now), defaults={"messages": 1}
    )
    turn.wrong_codes += 1
    turn.save(update_fields=["wrong_codes"])
    return turn.wrong_codes <= WRONG_CODES


def may_try_code(subscriber: Subscriber, *, now: datetime) -> bool:
    """Tell whether a join code of this person is still looked at within this hour."""
    tried = Turn.objects.filter(
        subscriber=subscriber, hour=_hour(now), wrong_codes__gte=WRONG_CODES
    )
    return not tried.exists()


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
