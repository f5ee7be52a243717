"""What becomes of messages whose answer nobody heard.

Usually an echo settles them (campaigns/statuses.py). What no echo has settled is sent once
more by itself only if its category prefers twice to not at all, and only once it is proved
that an echo would have come; everything else is for a human, and becomes unknown in the end.
See docs/adr/0011-a-doubt-may-be-sent-once-more.md.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Min, Q, QuerySet

from campaigns import batches, echoes
from campaigns.models import Broadcast, BroadcastEvent, Category, Delivery, Doubt
from campaigns.states import RUNNING, BroadcastState, DeliveryState

NOT_REPEATED = Q(resends=0)  # a second attempt is the only one that we make by ourselves
UNCLEAR_FOR = timedelta(hours=24)  # after its time; then nobody expects an echo any more
# How long nobody is sent anything again at all, not by hand either: most echoes come within
# seconds, and a worker that was frozen has noticed by then.
SHORTEST = timedelta(minutes=3)
CALM = timedelta(seconds=60)  # the proof must hold as long: echoes overtake each other
SETTLE = {Category.Lane.URGENT: SHORTEST, Category.Lane.BULK: timedelta(minutes=15)}


def sweep(*, now: datetime) -> None:
    """Do all that is due; runs with every tick, and two at once do nothing twice."""
    look_up_times(now=now)
    send_again_where_proved(now=now)
    give_up_old(now=now)
    echoes.fold(today=now.date())


def settle_time(category: Category, *, now: datetime) -> timedelta:
    """How long an echo is waited for: the lane's time, or twice what echoes took lately."""
    usual = SETTLE[Category.Lane(category.lane)]
    return max(usual, 2 * echoes.slowest(today=now.date()))


def look_up_times(*, now: datetime) -> None:
    """Find when the doubtful attempts were armed; `now` for one whose attempt is not there."""
    fresh = Doubt.objects.filter(armed_at__isnull=True)
    ids = list(fresh.values_list("pk", flat=True))
    if not ids:
        return
    since = fresh.aggregate(at=Min("broadcast__started_at"))["at"] or now
    with connection.cursor() as cursor:
        # An attempt is found by its time (attempt_time): none is older than its broadcast.
        cursor.execute(
            """
            UPDATE campaigns_doubt AS doubt SET armed_at = coalesce(newest.armed_at, %(now)s)
              FROM unnest(%(ids)s) AS fresh (id)
              LEFT JOIN (SELECT delivery_id, max(armed_at) AS armed_at FROM campaigns_attempt
                          WHERE armed_at >= %(since)s AND delivery_id = ANY(%(ids)s)
                          GROUP BY delivery_id) AS newest ON newest.delivery_id = fresh.id
             WHERE doubt.delivery_id = fresh.id AND doubt.armed_at IS NULL
            """,
            {"now": now, "ids": ids, "since": since},
        )


def send_again_where_proved(*, now: datetime) -> None:
    """Plan one more attempt for doubts that may be repeated without a human."""
    eager = Broadcast.objects.filter(
        state=BroadcastState.SENDING,
        expires_at__gt=now,
        message__category__doubt=Category.Doubt.AT_LEAST_ONCE,
        pk__in=Doubt.objects.filter(NOT_REPEATED).values("broadcast"),
    )
    for broadcast in eager.select_related("message__category"):
        _note_proofs(broadcast.pk, now=now)
        settled_at = now - settle_time(broadcast.message.category, now=now)
        ready = of_broadcast(broadcast.pk).filter(
            NOT_REPEATED, armed_at__lte=settled_at, proved_at__lte=now - CALM
        )
        _plan(ready, {BroadcastState.SENDING}, now=now)


def send_again(broadcast_id: int, *, by: str, now: datetime) -> int:
    """Plan one more attempt for all doubts of a broadcast, because a human wants it.

    Not for those that are younger than SHORTEST. Returns how many; 0 also if the broadcast is
    closed or no longer useful. `by` is the name for its diary.
    """
    old_enough = of_broadcast(broadcast_id).filter(armed_at__lte=now - SHORTEST)
    return _plan(old_enough, RUNNING, by=by, now=now)


def give_up(broadcast_id: int) -> int:
    """Call unknown whatever is in doubt; return how many. An echo may still tell better."""
    with transaction.atomic():
        ids = Delivery.objects.lock(_ids(of_broadcast(broadcast_id)))
        return Delivery.objects.filter(pk__in=ids).move(DeliveryState.UNKNOWN)


def give_up_old(*, now: datetime) -> None:
    """Call unknown what nobody has cleared up in a day."""
    old = Broadcast.objects.filter(
        closed_at__isnull=True,
        expires_at__lte=now - UNCLEAR_FOR,
        pk__in=Doubt.objects.values("broadcast"),
    )
    for pk in old.values_list("pk", flat=True):
        give_up(pk)


def of_broadcast(broadcast_id: int) -> QuerySet[Doubt]:
    """The doubts of a broadcast that are still doubts."""
    return Doubt.objects.filter(broadcast=broadcast_id, delivery__state=DeliveryState.IN_DOUBT)


def _note_proofs(broadcast_id: int, *, now: datetime) -> None:
    """Note since when it is proved that an echo would be here if there were one."""
    waited = of_broadcast(broadcast_id).filter(armed_at__lte=now - echoes.LOOK_AHEAD)
    complete = waited.filter(NOT_REPEATED)
    armed = {row.pk: row.armed_at for row in complete if row.armed_at}
    proved = _proved(armed, now=now) if armed else []
    complete.exclude(pk__in=proved).update(proved_at=None)
    complete.filter(pk__in=proved, proved_at__isnull=True).update(proved_at=now)


def _proved(armed: Mapping[int, datetime], *, now: datetime) -> list[int]:
    if not echoes.inbox_was_healthy(since=min(armed.values()), now=now):
        return []
    proof = echoes.proof(armed.values())
    return [
        pk
        for pk, armed_at in armed.items()
        if proof.has_caught_up(armed_at) and proof.is_alive_after(armed_at)
    ]


@transaction.atomic
def _plan(
    doubts: QuerySet[Doubt],
    states: Collection[BroadcastState],
    *,
    by: str = "",
    now: datetime,
) -> int:
    """Queue these deliveries again, unless an echo or another sweep was faster.

    Deliveries are locked first, then the broadcast, like everywhere.
    """
    Delivery.objects.lock(_ids(doubts))
    still = doubts.filter(  # asked again, now that nobody can change the answer
        delivery__state=DeliveryState.IN_DOUBT,
        broadcast__state__in=states,
        broadcast__expires_at__gt=now,
    )
    found = dict(still.values_list("pk", "broadcast"))
    if not found:
        return 0
    (broadcast_id,) = set(found.values())
    Doubt.objects.filter(pk__in=found).update(resends=F("resends") + 1)
    moved = batches.queue_again(broadcast_id, found.keys(), not_before=now)
    BroadcastEvent.objects.create(
        broadcast_id=broadcast_id,
        at=now,
        what=BroadcastEvent.What.RESENT,
        actor=by,
        facts={"n": moved},
    )
    return moved


def _ids(doubts: QuerySet[Doubt]) -> list[int]:
    return list(doubts.values_list("pk", flat=True))
