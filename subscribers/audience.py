"""Who gets what right now.

That is whoever is active, and agreed under a notice that still says what we do: between the
approval of a materially newer one and the hold of each subscriber (lifecycle.py) nights and
weekends may pass, in which nothing is sent to them either.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from subscribers.models import Notice, Subscriber, SubscriberState, Tier


@dataclass(frozen=True, slots=True)
class Standing:
    """What a subscriber gets at this moment: the level of their tier, 0 for nothing."""

    level: int


NOTHING = Standing(level=0)


def of(tier: Tier) -> QuerySet[Subscriber]:
    """Return everybody who gets what `tier` gets: its own subscribers and those above it."""
    active = Subscriber.objects.filter(
        state=SubscriberState.ACTIVE, tier__in=Tier.objects.including(tier).order_by()
    )
    return active.exclude(notice__in=Notice.objects.outdated())


def sql(tier: Tier) -> tuple[str, dict[str, str]]:
    """Return a SELECT of the ids of everybody who gets what `tier` gets, and its parameters."""
    people, values = of(tier).order_by().values("pk").query.sql_with_params()
    named = {f"audience{number}": value for number, value in enumerate(values)}
    return people % tuple(f"%({name})s" for name in named), named


def lock_standing(subscriber_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Read where these subscribers stand and keep it so until the transaction ends.

    Takes the rows FOR SHARE: any number of senders at once, but a withdrawal (which takes the
    row FOR UPDATE, see consent) waits for us or we for it. In order of id, so that two
    callers never wait for each other. Somebody erased in the meantime is missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT subscriber.id,
                   CASE WHEN subscriber.state = 'active' AND subscriber.notice_id <> ALL (ARRAY(
                             SELECT shown.id
                               FROM subscribers_notice AS shown
                               JOIN subscribers_notice AS newer
                                 ON newer.language = shown.language
                                AND newer.version > shown.version
                                AND newer.is_material))
                        THEN tier.level ELSE 0 END
              FROM subscribers_subscriber AS subscriber
              LEFT JOIN subscribers_tier AS tier ON tier.slug = subscriber.tier_id
             WHERE subscriber.id = ANY(%s)
             ORDER BY subscriber.id
               FOR SHARE OF subscriber
            """,
            [list(subscriber_ids)],
        )
        return {subscriber_id: Standing(level) for subscriber_id, level in cursor.fetchall()}


def departed(ids: Iterable[UUID]) -> set[UUID]:
    """Return who of these has no tier: has left, or is about to be erased."""
    rows = Subscriber.objects.filter(pk__in=list(ids), tier=None)
    return set(rows.values_list("pk", flat=True))


def lock_leavers(since: Mapping[UUID, datetime]) -> set[UUID]:
    """Return who has stopped getting news, or was erased, after a moment: each has their own.

    Nobody leaves until the transaction ends; see lock_standing.
    """
    if not since:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT subscriber.id, subscriber.state, subscriber.state_since
              FROM subscribers_subscriber AS subscriber
             WHERE subscriber.id = ANY(%s)
             ORDER BY subscriber.id
               FOR SHARE OF subscriber
            """,
            [list(since)],
        )
        stayed = {
            subscriber_id
            for subscriber_id, state, state_since in cursor.fetchall()
            if state == SubscriberState.ACTIVE or state_since < since[subscriber_id]
        }
    return set(since) - stayed
