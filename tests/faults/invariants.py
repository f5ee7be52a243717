"""What must be true after every accident, whatever happened: I1 to I10, in one place.

The simulator's ledger says who really got what; nothing of ours can change it.
"""

from collections import Counter

from django.db import connection

from campaigns import connections, reports, tasks
from campaigns.failpoints import Struck
from campaigns.models import Attempt, Broadcast, BroadcastEvent, Channel, Delivery
from campaigns.reasons import PauseReason
from campaigns.states import BROADCAST_SOURCES, DELIVERY_SOURCES, OPEN, TAKEN, BroadcastState

S = BroadcastState
What = BroadcastEvent.What
# Where a broadcast moves to, and the line in its diary that belongs to it. PAUSED has none: that
# a broadcast stands still was written when it began to stop.
NOTED = {
    S.SENDING: {What.STARTED, What.RESUMED},
    S.PAUSING: {What.PAUSED},
    S.CANCELLED: {What.CANCELLED},
    S.MISSED: {What.MISSED},
    S.DONE: {What.CLOSED},
}
BY_PEOPLE_ONLY = {What.SUBMITTED, What.APPROVED, What.RETURNED, What.CANCELLED, What.GIVEN_UP}
MAY_HAVE_REACHED = {*TAKEN, "armed", "failed", "in_doubt", "unknown"}
SOURCES = {"delivery": DELIVERY_SOURCES, "broadcast": BROADCAST_SOURCES}
WAITING_IN_BROKER = 50  # messages, besides one for each broadcast


class Broken(AssertionError):
    """An invariant does not hold; `name` says which."""

    def __init__(self, name, words):
        super().__init__(f"{name}: {words}")
        self.name = name


def check(town):
    """Hold everything against the ledger. Raises Broken for the first thing that is not so."""
    for promise in PROMISES:
        wrong = promise(town)
        if wrong:
            name, _, words = promise.__name__.partition("_")
            raise Broken(name.upper(), f"{words.replace('_', ' ')}: {wrong}")


def i1_nobody_gets_it_twice(town):
    got = Counter(entry["phone"] for entry in town.ledger())
    return {
        phone[-5:]: n for phone, n in got.items() if n > 1 + (phone in town.may_get_two)
    }  # two, where the category prefers that to none and WhatsApp itself has lost every report


def i2_everybody_is_somewhere(town):
    planned = Delivery.objects.filter(broadcast=town.broadcast)
    return town.audience ^ set(planned.values_list("subscriber", flat=True))


def i3_nothing_is_left_undone_unless_it_stands_still_for_a_reason(town):
    stands = Broadcast.objects.exclude(pause_reason="") | Broadcast.objects.filter(
        state__in=[S.CANCELLED, S.SCHEDULED], closed_at=None
    )
    if stands.filter(pk=town.broadcast.pk).exists() or Channel.objects.exclude(stop_reason=""):
        return None
    left = Delivery.objects.filter(broadcast=town.broadcast, state__in=OPEN)
    return Counter(left.values_list("state", flat=True))


def i4_a_stop_that_we_acknowledged_is_never_followed_by_a_send(town):
    attempts = Attempt.objects.filter(delivery__subscriber__in=town.stops)
    return [
        token
        for token, person in attempts.values_list("token", "delivery__subscriber")
        if token not in town.stops[person]
    ]


def i5_the_page_the_rows_and_the_ledger_agree(town):
    balance = reports.balance(town.broadcast.pk)
    rows = Attempt.objects.filter(delivery__broadcast=town.broadcast)
    ours = {str(token): state for token, state in rows.values_list("token", "delivery__state")}
    theirs = {entry["token"] for entry in town.ledger()}
    taken = Delivery.objects.filter(broadcast=town.broadcast, state__in=TAKEN)
    reached = {
        delivery
        for token, delivery in rows.values_list("token", "delivery")
        if str(token) in theirs
    }
    closed = Broadcast.objects.filter(pk=town.broadcast.pk, closed_at__isnull=False)
    still_open = Delivery.objects.filter(broadcast=town.broadcast, state__in=[*OPEN, "in_doubt"])
    findings = {
        "does not add up": not balance.adds_up,
        "tally differs": not reports.tally_is_right(town.broadcast.pk),
        "unknown to us": theirs - ours.keys(),
        "called unsent": {ours[t] for t in theirs & ours.keys()} - MAY_HAVE_REACHED,
        "called sent": set(taken.values_list("pk", flat=True)) - reached,
        "closed too early": closed.exists() and still_open.exists(),
    }
    return {name: found for name, found in findings.items() if found}


def i6_every_move_has_its_line_in_the_diary_with_an_actor(town):
    lines = BroadcastEvent.objects.filter(broadcast=town.broadcast)
    written = Counter(lines.values_list("what", flat=True))
    moves = _moves("broadcast", town.broadcast.pk)
    unwritten = {
        state: (moves[state], sum(written[what] for what in whats))
        for state, whats in NOTED.items()
        if moves[state] != sum(written[what] for what in whats)
        and not (state == S.DONE and moves[S.CANCELLED])  # closed, and stays cancelled
    }
    nobodys = lines.filter(what__in=BY_PEOPLE_ONLY, actor="")
    by_somebody = lines.filter(what=What.PAUSED).exclude(actor="").count()
    if _moves("broadcast", town.broadcast.pk, why=PauseReason.OPERATOR)[S.PAUSING] != by_somebody:
        return "paused by the desk, and nobody says by whom"
    return unwritten or list(nobodys.values_list("what", flat=True))


def _moves(table, pk, *, why=None):
    """How often a row came into each state, by what the database itself has noted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT new, why FROM fault_moves WHERE of = %s AND id = %s", [table, pk])
        return Counter(new for new, reason in cursor.fetchall() if why in (None, reason))


def i7_no_state_ever_falls_back(town):
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT of, old, new FROM fault_moves")
        moves = cursor.fetchall()
    return [move for move in moves if move[1] not in SOURCES[move[0]][move[2]]]


def i8_nobody_is_named_in_log_or_broker(town):
    broker = connections.broker()
    said = town.log.text.encode() + b"".join(
        key + (broker.dump(key) or b"") for key in town.broker_keys()
    )
    return sum(phone[1:].encode() in said for phone in town.phones)


def i9_nothing_is_raised_but_what_we_ordered(town):
    raised = [record.exc_info[1] for record in town.log.records if record.exc_info]
    return [error for error in raised if not isinstance(error, Struck)]


def i10_the_broker_does_not_fill_up(town):
    waiting = sum(connections.broker().llen(queue) for queue in tasks.QUEUES)
    return waiting if waiting > WAITING_IN_BROKER + Broadcast.objects.count() else None


PROMISES = (
    i1_nobody_gets_it_twice,
    i2_everybody_is_somewhere,
    i3_nothing_is_left_undone_unless_it_stands_still_for_a_reason,
    i4_a_stop_that_we_acknowledged_is_never_followed_by_a_send,
    i5_the_page_the_rows_and_the_ledger_agree,
    i6_every_move_has_its_line_in_the_diary_with_an_actor,
    i7_no_state_ever_falls_back,
    i8_nobody_is_named_in_log_or_broker,
    i9_nothing_is_raised_but_what_we_ordered,
    i10_the_broker_does_not_fill_up,
)
