"""Meta's daily limit: how many different people we may write to first in any 24 hours.

It counts people, not messages, and only those whose 24-hour window is closed: whoever wrote
to us may be answered freely (Meta, messaging limits page, 2026-09). Nothing is stored for
this: whom we wrote to stands in the attempts, who wrote to us in the replies that it caused.
What cannot be told for sure counts, so we may stay below the limit, never above.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from campaigns.models import Category, Channel
from whatsapp.client import CloudClient
from whatsapp.errors import WhatsAppError

DAY = timedelta(hours=24, minutes=5)  # Meta counts from when it accepts, a little later
WINDOW = timedelta(hours=23)  # of Meta's 24 hours: we note a message some time after it came
ASK_EVERY = timedelta(hours=1)
KEPT_BACK_PERCENT = 10  # of the limit, rounded down; for urgent notices alone
NO_LIMIT = 1_000_000  # people a day; Meta's highest limit below “unlimited” is 100,000

# Who counts: reached in the last 24 hours, or released and not reached yet. Parameters: now.
# `reached_at` is null for the latter.
COUNTED = """
counted AS (
    SELECT delivery.subscriber_id, max(attempt.armed_at) AS reached_at
      FROM campaigns_attempt AS attempt
      JOIN campaigns_delivery AS delivery ON delivery.id = attempt.delivery_id
     WHERE attempt.armed_at > %(now)s - %(day)s
       AND NOT EXISTS (
           SELECT 1 FROM campaigns_reply AS reply
            WHERE reply.subscriber_id = delivery.subscriber_id
              AND reply.created_at BETWEEN attempt.armed_at - %(window)s AND attempt.armed_at
       )
     GROUP BY delivery.subscriber_id
     UNION
    SELECT delivery.subscriber_id, NULL
      FROM campaigns_broadcast AS broadcast
      JOIN campaigns_batch AS batch
        ON batch.broadcast_id = broadcast.id AND NOT batch.is_held AND NOT batch.is_finished
      JOIN campaigns_delivery AS delivery
        ON delivery.id BETWEEN batch.first_id AND batch.last_id
       AND delivery.broadcast_id = broadcast.id AND delivery.batch_number = batch.number
     WHERE broadcast.state IN ('sending', 'pausing', 'paused') AND delivery.state = 'queued'
)
"""
# Whether one more message to `person.id` costs nothing of the limit. Needs COUNTED.
IS_FREE = """
(
    person.id IN (SELECT subscriber_id FROM counted)
    OR EXISTS (
        SELECT 1 FROM campaigns_reply AS reply
         WHERE reply.subscriber_id = person.id AND reply.created_at > %(now)s - %(window)s
    )
)
"""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of the limit is used, and when it will be less; None if nothing is."""

    people: int
    less_at: datetime | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many people a message would reach, and how many of them at once."""

    people: int
    today: int


def limit() -> int | None:
    """Return the limit in people, or None while none is in force or known."""
    found = Channel.objects.values_list("daily_limit", flat=True).get(pk=Channel.ONLY)
    return None if found is None or found >= NO_LIMIT else found


def note(people: int | None, *, now: datetime) -> None:
    """Keep what Meta said about our limit; None: nothing, then what we know stays."""
    if people is not None:
        rows = Channel.objects.filter(pk=Channel.ONLY)
        rows.update(daily_limit=people, daily_limit_at=now)


def refresh(*, client: CloudClient, now: datetime) -> None:
    """Ask Meta for our limit, once an hour. The page of the number says when that was."""
    asked_at = Channel.objects.values_list("daily_limit_at", flat=True).get(pk=Channel.ONLY)
    if asked_at and asked_at > now - ASK_EVERY:
        return
    try:
        health = client.phone_number_health()
    except WhatsAppError:  # what we know stays, with its time; the next tick asks again
        return
    Channel.objects.filter(pk=Channel.ONLY).update(daily_limit_at=now)
    note(health.daily_limit, now=now)


def use(*, now: datetime) -> Use:
    """Count the people whom we have written to first, or are about to."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {COUNTED}, people AS (
                SELECT subscriber_id, max(reached_at) AS reached_at
                  FROM counted GROUP BY subscriber_id
            )
            SELECT count(*), min(reached_at) FROM people
            """,  # noqa: S608 - put together from constants
            parameters(now),
        )
        people, earliest = cursor.fetchone()
    return Use(people=people, less_at=earliest + DAY if earliest else None)


def limit_of(category: Category) -> int | None:
    """Return what of the limit a category may use; None while none is in force or known.

    Whoever is not urgent leaves a part of it to those who are.
    """
    people = limit()
    if people is None or category.lane == Category.Lane.URGENT:
        return people
    return people - people * KEPT_BACK_PERCENT // 100


def forecast(category: Category, *, people: int) -> Forecast | None:
    """Tell how a message of this category to so many would be split; None if all of it may leave.

    Whom we have written to today gets it first, because they cost nothing more. Who wrote to us
    is not counted for a page, so a few more may get it at once.
    """
    allowed = limit_of(category)
    return None if allowed is None or people <= allowed else Forecast(people, allowed)


def parameters(now: datetime) -> dict[str, Any]:
    """Return what COUNTED and IS_FREE need to know."""
    return {"now": now, "day": DAY, "window": WINDOW}
