"""What we answer for (Art. 5(2) GDPR), counted: nothing after STOP, nothing kept too long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Sum

from subscribers.models import ConsentEvent, Deleted
from subscribers.retention import Rule

Kind = ConsentEvent.Kind
SHOWN = timedelta(days=30)
# From the moment when a STOP comes in, which is the one we record, to our 200 to WhatsApp. What is
# armed in between may be lawful: it held the lock first.
ACKNOWLEDGED_WITHIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Deletion:
    """One class of data: what is deleted of it, and whether its promise holds at this moment."""

    rule: Rule
    deleted: int  # rows, in the last 30 days
    due: int  # rows that the next sweep takes
    overdue: int  # rows older than promised
    is_held: bool  # by an incident: nothing of it is deleted until it ends


def sends_after_withdrawal() -> int:
    """Count the attempts armed after a withdrawal was acknowledged, and before a new consent.

    It sees the attempts that are still there: seven days of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*)
              FROM subscribers_consentevent gone
              JOIN campaigns_delivery delivery ON delivery.subscriber_id = gone.subscriber_id
              JOIN campaigns_attempt attempt ON attempt.delivery_id = delivery.id
             WHERE gone.kind = %s
               AND attempt.armed_at > gone.recorded_at + make_interval(secs => %s)
               AND NOT EXISTS (SELECT 1 FROM subscribers_consentevent later
                                WHERE later.subscriber_id = gone.subscriber_id
                                  AND later.kind = %s
                                  AND later.id > gone.id
                                  AND later.recorded_at <= attempt.armed_at)
            """,
            [Kind.WITHDRAWN, ACKNOWLEDGED_WITHIN.total_seconds(), Kind.GIVEN],
        )
        (n,) = cursor.fetchone()
    return int(n)


def deletions(rules: Iterable[Rule], *, now: datetime) -> list[Deletion]:
    """Look at every promise at this moment; with what its rule deleted in the last 30 days."""
    recent = Deleted.objects.filter(day__gte=(now - SHOWN).date()).order_by()
    deleted = dict(recent.values_list("rule").annotate(n=Sum("rows")))
    return [_deletion(rule, deleted.get(rule.name, 0), now=now) for rule in rules]


def _deletion(rule: Rule, deleted: int, *, now: datetime) -> Deletion:
    is_held = rule.is_held()
    due = 0 if is_held else rule.old(rule.cut_off(now)).count()
    # Where nothing is due, nothing is overdue: some rules read all of a large table to know.
    overdue = rule.overdue(now=now) if due else 0
    return Deletion(rule, deleted, due, overdue, is_held)
