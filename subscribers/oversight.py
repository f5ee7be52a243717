"""What the data-protection officer asks of the register: how quickly, how many, which words.

Counts are exact here, for the data-protection officer alone; nobody is named.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min

from subscribers.differences import Piece, between
from subscribers.models import SUBSCRIBED, ConsentEvent, Notice, Subscriber
from subscribers.register import Record
from subscribers.verification import CHOICES, fold

Act, Kind = ConsentEvent.Act, ConsentEvent.Kind


@dataclass(frozen=True, slots=True)
class Latency:
    """How long it took from the act of a person, by Meta's clock, to its record."""

    n: int
    median: timedelta | None
    p95: timedelta | None
    longest: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """What people asked for: their data, or their erasure."""

    access: int
    copies: int
    erasures: int
    open: int
    oldest_open_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the notice, and how many subscribers agreed after seeing it."""

    notice: Notice
    subscribers: int
    percent: float
    changes: list[Piece]  # against the version before


def withdrawal_latency(*, since: datetime) -> Latency:
    """Measure the withdrawals recorded since a moment. Meta's clock knows whole seconds only."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*),
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY lag),
                   percentile_disc(0.95) WITHIN GROUP (ORDER BY lag),
                   max(lag)
              FROM (SELECT greatest(recorded_at - happened_at, interval '0') AS lag
                      FROM subscribers_consentevent
                     WHERE kind = %s AND act <> ALL(%s) AND recorded_at >= %s) AS withdrawals
            """,
            [Kind.WITHDRAWN, [str(Act.SYSTEM), str(Act.LETTER)], since],
        )
        return Latency(*cursor.fetchone())


def standing_now() -> dict[str, int]:
    """Return how many subscribe to which tier at present; reads no events, however many they are.

    That both agree is what the verification of every night looks at.
    """
    subscribed = Subscriber.objects.filter(state__in=SUBSCRIBED).order_by()
    return dict(subscribed.values_list("tier").annotate(n=Count("pk")))


def standing_at(moment: datetime) -> dict[str, int]:
    """Return how many subscribed to which tier at a moment, by the events recorded by then.

    Who rests still subscribes. Events that have been erased, three years after a consent ended,
    no longer count.
    """
    begins = [str(kind) for kind in CHOICES]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tier, count(*)
              FROM (SELECT DISTINCT ON (subscriber_id) tier, kind
                      FROM subscribers_consentevent
                     WHERE kind = ANY(%s) AND recorded_at <= %s
                     ORDER BY subscriber_id, id DESC) AS newest
             WHERE kind = ANY(%s)
             GROUP BY tier
            """,
            [[*begins, str(Kind.WITHDRAWN)], moment, begins],
        )
        return dict(cursor.fetchall())


def tier_at(record: Record, moment: datetime) -> str:
    """Return the tier of one consent at a moment, by what was recorded then; "" for none."""
    acts = [
        (event.subscriber_id, event.kind, event.tier)
        for event in sorted(record.events, key=lambda event: event.pk)
        if event.recorded_at <= moment
    ]
    tier, _rests = next(iter(fold(acts).values()), ("", False))
    return tier


def versions() -> list[Version]:
    """Return every version of the notice, the newest first, with its share of the subscribers."""
    active = Subscriber.objects.filter(state__in=SUBSCRIBED).order_by()
    counts = dict(active.values_list("notice").annotate(n=Count("pk")))
    total = sum(counts.values())
    newest: dict[str, Notice] = {}
    found = []
    for notice in Notice.objects.order_by("version", "language"):
        n = counts.get(notice.pk, 0)
        percent = 100 * n / total if total else 0.0
        before = newest.get(notice.language)
        found.append(
            Version(notice, n, percent, between(_words(before), _words(notice)) if before else [])
        )
        newest[notice.language] = notice
    return found[::-1]


def cases(*, since: datetime) -> Cases:
    """Count the wishes under Art. 15 and 17 GDPR since a moment.

    Both are granted by the system itself; an erasure is open as long as there is a subscriber.
    """
    wishes = ConsentEvent.objects.filter(recorded_at__gte=since)
    erasures = wishes.filter(kind=Kind.ERASURE_ASKED)
    still_here = erasures.filter(subscriber__in=Subscriber.objects.values("pk"))
    return Cases(
        access=wishes.filter(kind=Kind.ACCESS_ASKED).count(),
        copies=wishes.filter(kind=Kind.ACCESS_GIVEN).count(),
        erasures=erasures.count(),
        open=still_here.count(),
        oldest_open_at=still_here.aggregate(at=Min("recorded_at"))["at"],
    )


def _words(notice: Notice) -> str:
    return "\n".join([notice.notice, notice.question, *notice.buttons])
