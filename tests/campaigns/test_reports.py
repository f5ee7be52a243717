"""What became of a broadcast: every number once, and all of them together the plan."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from campaigns import reports
from campaigns.models import Broadcast, Delivery, Tally
from campaigns.reasons import FailureReason, SkipReason
from campaigns.reports import Balance
from campaigns.sending.sweep import fold_tallies
from campaigns.states import BroadcastState, DeliveryState
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")

D = DeliveryState
REASONS = {D.FAILED: FailureReason.values, D.SKIPPED: SkipReason.values}
FATES = [(state, reason) for state in D for reason in REASONS.get(state, [""])]
COUNTS = st.dictionaries(st.sampled_from(FATES), st.integers(1, 1_000_000))


@pytest.fixture
def broadcast():
    return BroadcastFactory(state="sending")


def deliveries(broadcast, *states):
    """One delivery in each of these states."""
    return [
        DeliveryFactory(
            broadcast=broadcast, state=state, reason="other" if state == "failed" else ""
        )
        for state in states
    ]


def counted(broadcast):
    """What the tally says, without asking the deliveries."""
    return {state: n for (state, _), n in reports.balance(broadcast.pk).counts.items()}


@given(counts=COUNTS)
def test_a_balance_adds_up_whatever_became_of_the_deliveries(counts):
    balance = Balance(planned=sum(counts.values()), counts=counts)

    assert balance.adds_up
    assert balance.planned == (
        balance.accepted
        + sum(balance.failed.values())
        + sum(balance.skipped.values())
        + balance.in_doubt
        + balance.unknown
        + balance.open
    )


@given(counts=COUNTS, off_by=st.integers(1, 9))
def test_a_balance_says_so_when_something_is_missing(counts, off_by):
    balance = Balance(planned=sum(counts.values()) + off_by, counts=counts)

    assert not balance.adds_up
    assert not balance.is_settled


@given(counts=COUNTS)
def test_what_was_delivered_is_a_part_of_what_was_accepted(counts):
    balance = Balance(planned=sum(counts.values()), counts=counts)

    assert 0 <= balance.delivered <= balance.accepted


@pytest.mark.parametrize(
    ("state", "is_settled"),
    [
        (D.QUEUED, False),
        (D.ARMED, False),
        (D.IN_DOUBT, False),
        (D.ACCEPTED, True),
        (D.DELIVERED, True),
        (D.FAILED, True),
        (D.SKIPPED, True),
        (D.UNKNOWN, True),
    ],
)
def test_a_broadcast_is_settled_when_nothing_is_left_to_do_or_to_find_out(state, is_settled):
    assert Balance(planned=1, counts={(state, ""): 1}).is_settled is is_settled


@pytest.mark.parametrize(
    ("planned", "waiting", "percent"), [(0, 0, 100), (3, 3, 0), (3, 2, 33), (3, 1, 66), (3, 0, 100)]
)
def test_progress_is_never_rounded_up(planned, waiting, percent):
    counts = {(D.QUEUED, ""): waiting, (D.SENT, ""): planned - waiting}

    assert Balance(planned=planned, counts=counts).percent_done == percent


def test_the_numbers_have_the_names_that_scripts_rely_on():
    counts = {(D.FAILED, "other"): 2, (D.SKIPPED, "withdrawn"): 1, (D.DELIVERED, ""): 3}

    assert Balance(planned=6, counts=counts).as_dict() == {
        "planned": 6,
        "accepted": 3,
        "delivered": 3,
        "failed": {"other": 2},
        "skipped": {"withdrawn": 1},
        "in_doubt": 0,
        "unknown": 0,
        "open": 0,
        "adds_up": True,
    }


def test_a_broadcast_that_has_not_begun_adds_up_to_nothing():
    balance = reports.balance(BroadcastFactory().pk)

    assert (balance.planned, balance.counts, balance.adds_up) == (0, {}, True)


def test_the_database_counts_deliveries_that_are_added(broadcast):
    deliveries(broadcast, D.QUEUED, D.QUEUED, D.FAILED)

    assert counted(broadcast) == {D.QUEUED: 2, D.FAILED: 1}


def test_the_database_counts_deliveries_that_move(broadcast):
    deliveries(broadcast, D.QUEUED, D.QUEUED, D.QUEUED)
    first = Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk)

    first.move(D.SKIPPED, reason=SkipReason.WITHDRAWN)

    assert counted(broadcast) == {D.QUEUED: 2, D.SKIPPED: 1}


def test_the_database_counts_deliveries_that_are_deleted(broadcast):
    deliveries(broadcast, D.QUEUED, D.SENT)

    Delivery.objects.filter(state=D.SENT).delete()

    assert counted(broadcast) == {D.QUEUED: 1}


def test_a_change_of_anything_else_costs_no_row(broadcast):
    deliveries(broadcast, D.QUEUED)
    before = Tally.objects.count()

    Delivery.objects.update(attempts=3)

    assert Tally.objects.count() == before


def test_a_statement_adds_one_row_a_state_however_many_deliveries_it_moves(broadcast):
    deliveries(broadcast, *[D.QUEUED] * 5)
    Tally.objects.all().delete()

    Delivery.objects.all().move(D.ARMED)

    rows = Tally.objects.order_by("state").values_list("state", "n")
    assert list(rows) == [(D.ARMED, 5), (D.QUEUED, -5)]


def test_folding_the_tally_changes_no_number(broadcast):
    deliveries(broadcast, D.QUEUED, D.QUEUED, D.FAILED)
    Delivery.objects.filter(state=D.QUEUED).move(D.ARMED)
    before = reports.balance(broadcast.pk)

    fold_tallies(now=NOW)

    assert reports.balance(broadcast.pk) == before
    assert Tally.objects.count() == 2


@pytest.mark.parametrize(("days", "rows"), [(7, 2), (8, 4)])
def test_the_tally_is_folded_as_long_as_statuses_come(broadcast, days, rows):
    deliveries(broadcast, D.SENT, D.FAILED)
    Delivery.objects.filter(state=D.SENT).move(D.DELIVERED)  # and one row takes the other back
    Broadcast.objects.filter(pk=broadcast.pk).update(state=BroadcastState.DONE, closed_at=NOW)

    fold_tallies(now=NOW + timedelta(days=days))

    assert Tally.objects.count() == rows


def test_broadcasts_are_counted_apart():
    one, other = BroadcastFactory(state="sending"), BroadcastFactory(state="sending")
    deliveries(one, D.QUEUED)
    deliveries(other, D.SENT, D.SENT)

    balances = reports.balances([one.pk, other.pk])

    assert (balances[one.pk].open, balances[one.pk].accepted) == (1, 0)
    assert (balances[other.pk].open, balances[other.pk].accepted) == (0, 2)


def test_many_balances_cost_two_queries(django_assert_num_queries):
    ids = [BroadcastFactory(state="sending").pk for _ in range(5)]

    with django_assert_num_queries(2):
        reports.balances(ids)


def test_the_tally_is_right_as_long_as_nobody_goes_around_the_trigger(broadcast):
    deliveries(broadcast, D.QUEUED, D.SENT)
    assert reports.tally_is_right(broadcast.pk)

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_delivery DISABLE TRIGGER USER")
        cursor.execute("UPDATE campaigns_delivery SET state = 'sent'")

    assert not reports.tally_is_right(broadcast.pk)


@pytest.mark.parametrize("surplus", [-1, 1])
def test_a_tally_that_has_lost_or_invented_a_row_is_noticed(broadcast, surplus):
    deliveries(broadcast, D.QUEUED)
    Tally.objects.create(broadcast=broadcast, state=D.QUEUED, reason="", n=surplus)

    assert not reports.tally_is_right(broadcast.pk)
