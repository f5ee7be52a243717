"""What the webhook channel has proved: how late echoes are, whether they come, up to when.

Everything here is read from rows. An attempt that Meta took is *heard* once a status has moved
its delivery on, and *unheard* as long as it is merely accepted.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import QuerySet, Sum

from campaigns.models import EchoDelay, Heartbeat, InboxEntry

LOOK_BACK = timedelta(minutes=10)  # before a doubt; what is older and unheard is lost, not late
LOOK_AHEAD = timedelta(seconds=60)
ENOUGH_HEARD = 0.995  # of at least ENOUGH: Meta itself loses one or the other status
ENOUGH = 200
INBOX_LAG = timedelta(seconds=5)
SPOOL_LAG = timedelta(seconds=60)  # after a look into the spool that found something
DELAYS_OF = timedelta(days=7)
STRAYS_OF = timedelta(days=2)
REFUSED = "webhook refused"  # the heartbeat that says when we last told Meta to come again
SPOOLED = "webhook spooled"  # and this, when we last found one that had waited on disk
LISTENING = "web listens"  # when one of our web processes last did
DEAF = "web was deaf"  # until when none of them did, the last time
DEAF_AFTER = timedelta(
    seconds=10
)  # without a sign of them; what is shorter, Meta's repetition bridges


@dataclass(frozen=True, slots=True)
class Second:
    """How many attempts that were armed within a second are heard and unheard by now."""

    at: datetime
    heard: int
    unheard: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about the attempts around some doubtful ones."""

    seconds: tuple[Second, ...]

    def has_caught_up(self, armed_at: datetime) -> bool:
        """Tell whether the news of everything sent until a minute after this moment is in."""
        near = [
            second
            for second in self.seconds
            if armed_at - LOOK_BACK <= second.at <= armed_at + LOOK_AHEAD
        ]
        heard, unheard = sum(one.heard for one in near), sum(one.unheard for one in near)
        total = heard + unheard
        return not unheard or (total >= ENOUGH and heard >= ENOUGH_HEARD * total)

    def is_alive_after(self, armed_at: datetime) -> bool:
        """Tell whether something that was armed later has been heard of."""
        return any(second.heard and second.at > armed_at for second in self.seconds)


def proof(armed: Collection[datetime]) -> Proof:
    """Look at all attempts of our number around these moments, and at all later ones.

    One whose delivery was sent again after a doubt counts for nothing: what is heard of it may
    be the echo of its first attempt.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT date_trunc('second', attempt.armed_at),
                   count(*) FILTER (WHERE delivery.state IN ('sent', 'delivered')
                       OR (delivery.state = 'failed' AND attempt.message_hash IS NOT NULL)),
                   count(*) FILTER (WHERE delivery.state = 'accepted')
              FROM campaigns_attempt AS attempt
              JOIN campaigns_delivery AS delivery
                ON delivery.id = attempt.delivery_id AND delivery.attempts = attempt.number
             WHERE attempt.armed_at >= %s
               AND NOT EXISTS (SELECT FROM campaigns_doubt AS doubt
                                WHERE doubt.delivery_id = delivery.id AND doubt.resends > 0)
             GROUP BY 1
            """,
            [min(armed) - LOOK_BACK],
        )
        return Proof(tuple(Second(*row) for row in cursor.fetchall()))


def inbox_was_healthy(*, since: datetime, now: datetime) -> bool:
    """Tell whether no webhook of ours can still hold an echo of what was sent since then."""
    places = unheard(since=since, now=now).values()
    return _is_listening(now=now) and not any(place.exists() for place in places)


def unheard(*, since: datetime, now: datetime) -> dict[str, "QuerySet[Any]"]:
    """Return where an echo of what was sent since then may still be, by what keeps it there."""
    State, entries, notes = InboxEntry.State, InboxEntry.objects, Heartbeat.objects
    return {
        "waits": entries.filter(state=State.RECEIVED, tries=0, received_at__lt=now - INBOX_LAG),
        "fails": entries.filter(state=State.FAILING),
        "lies aside": entries.filter(state=State.QUARANTINED, received_at__gte=since),
        "was refused": notes.filter(name=REFUSED, at__gte=since),  # Meta comes with it again
        "found nobody": notes.filter(name=DEAF, at__gte=since),
        "is on disk": notes.filter(name=SPOOLED, at__gte=now - SPOOL_LAG),
    }


def _is_listening(*, now: datetime) -> bool:
    return Heartbeat.objects.filter(name=LISTENING, at__gte=now - DEAF_AFTER).exists()


def note_refusal(*, now: datetime) -> None:
    """Remember that Meta was told to send a webhook again; if even that fails, never mind:
    then the statuses in it stay unheard, which holds every automatic re-send back as well."""
    with suppress(Error), transaction.atomic():
        Heartbeat.objects.update_or_create(name=REFUSED, defaults={"at": now})


def note_listening(*, now: datetime) -> None:
    """Note that a web process takes in webhooks; if for a while none did, that as well.

    Whatever was sent until then may have been reported while we could not hear it: Meta tries
    again, but for days, and less and less often. Raises Error.
    """
    sign = Heartbeat.objects.filter(name=LISTENING)
    if sign.filter(at__gte=now - DEAF_AFTER).update(at=now):
        return
    with transaction.atomic():  # nobody sees us listening and does not see that we were deaf
        Heartbeat.objects.update_or_create(name=DEAF, defaults={"at": now})
        Heartbeat.objects.update_or_create(name=LISTENING, defaults={"at": now})


def strays(*, now: datetime) -> int:
    """How many messages WhatsApp has sent for us, by what came in during two days, and we do not
    know: somebody else uses our number, or rows are lost.

    What cannot be found is looked for during the first of these days (inbox.apply_pending).
    """
    lately = InboxEntry.objects.filter(unmatched__gt=0, received_at__gt=now - STRAYS_OF)
    return lately.aggregate(n=Sum("unmatched"))["n"] or 0


def note_spooled(*, now: datetime) -> None:
    """Remember that what came while the database was away is only now being read."""
    Heartbeat.objects.update_or_create(name=SPOOLED, defaults={"at": now})


def note_delays(delays: Iterable[timedelta], *, today: date) -> None:
    """Count how long after arming the first news came."""
    counted = Counter(_interval(delay) for delay in delays)
    EchoDelay.objects.bulk_create(
        [EchoDelay(day=today, seconds=seconds, n=n) for seconds, n in sorted(counted.items())]
    )


def slowest(*, today: date) -> timedelta:
    """Within this time 99.9 % of the echoes of the last seven days came; zero for none."""
    recent = EchoDelay.objects.filter(day__gte=today - DELAYS_OF)
    counts = recent.values_list("seconds").annotate(total=Sum("n")).order_by("seconds")
    rows = list(counts)
    left = 0.999 * sum(total for _seconds, total in rows)
    for seconds, total in rows:
        left -= total
        if left <= 0:
            return timedelta(seconds=seconds)
    return timedelta()


def fold(*, today: date) -> None:
    """Forget delays of former weeks, and replace the rows of each interval by their sum."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH old AS (
                DELETE FROM campaigns_echodelay WHERE id IN (
                    SELECT id FROM campaigns_echodelay FOR UPDATE SKIP LOCKED
                ) RETURNING day, seconds, n
            )
            INSERT INTO campaigns_echodelay (day, seconds, n)
            SELECT day, seconds, sum(n) FROM old WHERE day >= %s GROUP BY day, seconds
            """,
            [today - DELAYS_OF],
        )


def _interval(delay: timedelta) -> int:
    """Round up to a power of two, in seconds."""
    whole = max(1, -(-delay // timedelta(seconds=1)))
    return 1 << (whole - 1).bit_length()
