"""The tables of moves: complete, without dead ends, and nothing moves past them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Broadcast, Delivery
from campaigns.states import (
    BROADCAST_SOURCES,
    CLOSED,
    DELIVERY_SOURCES,
    EDITABLE,
    OPEN,
    RUNNING,
    TAKEN,
    BroadcastState,
    DeliveryState,
)
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")

TABLES = [
    (BroadcastState.DRAFT, BROADCAST_SOURCES),
    (DeliveryState.QUEUED, DELIVERY_SOURCES),
]
NEEDS_A_REASON = {DeliveryState.FAILED, DeliveryState.SKIPPED}
# What a row must have before the database lets it be in any state.
COMPLETE = {"state": BroadcastState.PAUSED, "pause_reason": "operator"}


def targets(state, sources):
    return {target for target, allowed in sources.items() if state in allowed}


@pytest.mark.parametrize(("first", "sources"), TABLES)
def test_every_state_has_its_line_in_the_table(first, sources):
    assert set(sources) == set(type(first))


@pytest.mark.parametrize(("first", "sources"), TABLES)
def test_every_state_can_be_reached_from_the_first(first, sources):
    reached, fresh = set(), {first}
    while fresh:
        reached |= fresh
        fresh = {target for state in fresh for target in targets(state, sources)} - reached

    assert reached == set(sources)


@pytest.mark.parametrize(("first", "sources"), TABLES)
def test_no_state_follows_itself(first, sources):
    assert [state for state, allowed in sources.items() if state in allowed] == []


def test_exactly_the_closed_states_of_a_broadcast_are_never_left():
    never_left = {state for state in BroadcastState if not targets(state, BROADCAST_SOURCES)}

    assert never_left == CLOSED


def test_what_a_phone_has_received_is_never_unsaid():
    never_left = {state for state in DeliveryState if not targets(state, DELIVERY_SOURCES)}

    assert never_left == {DeliveryState.DELIVERED}


def test_words_that_may_change_can_always_return_to_the_draft():
    assert BROADCAST_SOURCES[BroadcastState.DRAFT] == EDITABLE - {BroadcastState.DRAFT}


def test_a_broadcast_that_is_being_sent_never_becomes_a_plan_again():
    planned = EDITABLE - {BroadcastState.MISSED}

    assert all(not targets(state, BROADCAST_SOURCES) & planned for state in RUNNING)


def test_nothing_that_left_the_house_is_work_again():
    assert all(not targets(state, DELIVERY_SOURCES) & OPEN for state in TAKEN)


def test_a_doubt_leads_to_a_second_send_only_through_the_queue():
    assert targets(DeliveryState.IN_DOUBT, DELIVERY_SOURCES) & OPEN == {DeliveryState.QUEUED}


def test_whatever_whatsapp_has_taken_stops_a_planned_second_send():
    assert targets(DeliveryState.QUEUED, DELIVERY_SOURCES) >= TAKEN


@pytest.mark.parametrize("to", BroadcastState)
def test_a_broadcast_moves_only_where_the_table_allows(to):
    broadcast = BroadcastFactory(**COMPLETE)
    reason = "operator" if to == BroadcastState.PAUSING else ""

    moved = Broadcast.objects.filter(pk=broadcast.pk).move(to, pause_reason=reason)

    broadcast.refresh_from_db()
    assert (moved, broadcast.state) == (
        (1, to) if BroadcastState.PAUSED in BROADCAST_SOURCES[to] else (0, "paused")
    )


def test_a_move_that_says_nothing_of_a_reason_ends_the_old_one():
    broadcast = BroadcastFactory(**COMPLETE)

    Broadcast.objects.filter(pk=broadcast.pk).move(BroadcastState.SENDING)

    broadcast.refresh_from_db()
    assert broadcast.pause_reason == ""


def test_a_refused_move_changes_nothing_else_either():
    broadcast = BroadcastFactory(state=BroadcastState.DONE, closed_at=NOW)

    Broadcast.objects.filter(pk=broadcast.pk).move(BroadcastState.SENDING, closed_at=None)

    broadcast.refresh_from_db()
    assert broadcast.closed_at == NOW


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wanted=st.lists(st.sampled_from(DeliveryState), min_size=1, max_size=12))
def test_no_sequence_of_moves_leads_a_delivery_past_the_table(wanted):
    delivery = DeliveryFactory()
    state = DeliveryState.QUEUED

    for to in wanted:
        reason = "other" if to in NEEDS_A_REASON else ""
        moved = Delivery.objects.filter(pk=delivery.pk).move(to, reason=reason)

        assert moved == (state in DELIVERY_SOURCES[to])
        state = to if moved else state
        delivery.refresh_from_db()
        assert delivery.state == state
