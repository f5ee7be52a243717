"""Standing still: a broadcast, or the whole number, and for which reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import stopping
from campaigns.models import Broadcast, BroadcastEvent, Channel
from campaigns.reasons import HOLDS, PauseReason, StopReason
from campaigns.states import RUNNING, BroadcastState
from subscribers import incidents
from tests.factories import NOW, BroadcastFactory

pytestmark = pytest.mark.django_db(databases="__all__")

LATER = NOW + timedelta(minutes=1)


def channel():
    row = Channel.objects.get()
    return row.stop_reason, row.stopped_at, row.stopped_by


def test_a_broadcast_that_is_refused_pauses_itself_and_says_why():
    broadcast = BroadcastFactory(state="sending")

    stopping.pause(broadcast.pk, PauseReason.TEMPLATE, now=NOW, code=132015)

    broadcast.refresh_from_db()
    assert (broadcast.state, broadcast.pause_reason) == ("pausing", PauseReason.TEMPLATE)
    event = broadcast.events.get()
    assert (event.what, event.actor, event.at) == ("paused", "", NOW)
    assert event.facts == {"reason": "template", "code": 132015}


@pytest.mark.parametrize("state", sorted(set(BroadcastState) - {BroadcastState.SENDING}))
def test_whatever_is_not_being_sent_is_not_paused(state):
    broadcast = BroadcastFactory(state=state)

    stopping.pause(broadcast.pk, PauseReason.MEDIA, now=NOW)

    assert Broadcast.objects.get(pk=broadcast.pk).state == state
    assert not broadcast.events.exists()


@pytest.mark.parametrize("reason", sorted(set(StopReason) - HOLDS))
def test_the_number_is_stopped_and_released(reason):
    stopping.stop_channel(reason, now=NOW, by="it")
    assert channel() == (reason, NOW, "it")

    stopping.release_channel(now=LATER)

    assert channel() == ("", None, "")


def test_what_a_restore_has_held_is_not_released_by_a_click():
    stopping.stop_channel(StopReason.RESTORE_HOLD, now=NOW)

    assert not stopping.release_channel(now=LATER)
    assert channel()[0] == StopReason.RESTORE_HOLD
    assert stopping.end_hold(now=LATER)
    assert channel() == ("", None, "")


def test_a_stop_in_force_keeps_its_time_and_reason():
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW, by="it")

    stopping.stop_channel(StopReason.ACCOUNT, now=LATER)

    assert channel() == (StopReason.KILL_SWITCH, NOW, "it")


def test_the_kill_switch_outranks_what_meta_says():
    stopping.stop_channel(StopReason.ACCOUNT, now=NOW)

    stopping.stop_channel(StopReason.KILL_SWITCH, now=LATER, by="it")

    assert channel() == (StopReason.KILL_SWITCH, LATER, "it")


def test_there_is_one_channel_and_no_second():
    with pytest.raises(IntegrityError, match="channel_only_one"), transaction.atomic():
        Channel.objects.create(pk=2)


def test_a_stop_without_its_time_is_no_stop():
    with pytest.raises(IntegrityError, match="stopped_with_time"), transaction.atomic():
        Channel.objects.update(stop_reason=StopReason.ACCOUNT)


def diaries():
    rows = BroadcastEvent.objects.order_by("at", "broadcast__state")
    return [(row.broadcast.state, row.what, row.actor, row.facts["reason"]) for row in rows]


def test_a_stop_and_its_end_stand_in_the_diary_of_everything_that_runs():
    for state in sorted(BroadcastState):
        BroadcastFactory(state=state)

    stopping.stop_channel(StopReason.TOKEN, now=NOW)
    stopping.release_channel(now=LATER, by="it")

    assert diaries() == [
        *((state, "stopped", "", "token") for state in sorted(RUNNING)),
        *((state, "released", "it", "token") for state in sorted(RUNNING)),
    ]


def test_a_stop_that_changes_nothing_leaves_no_line():
    BroadcastFactory(state="sending")
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW, by="it")

    stopping.stop_channel(StopReason.TOKEN, now=LATER)
    stopping.stop_channel(StopReason.KILL_SWITCH, now=LATER, by="another")
    stopping.release_channel(StopReason.TOKEN, now=LATER)

    assert diaries() == [("sending", "stopped", "it", "kill_switch")]
    assert channel() == (StopReason.KILL_SWITCH, NOW, "it")


def test_what_was_never_stopped_is_released_without_a_line():
    BroadcastFactory(state="sending")

    stopping.release_channel(now=NOW)

    assert diaries() == []


def test_a_hold_that_stood_behind_a_stop_gets_its_own_line():
    BroadcastFactory(state="sending")
    stopping.stop_channel(StopReason.TOKEN, now=NOW)
    incidents.declare("Ein Laptop fehlt.", known_at=NOW, by="it", now=NOW)

    stopping.release_channel(now=LATER)

    assert diaries() == [
        ("sending", "stopped", "", "token"),
        ("sending", "stopped", "", "incident"),
    ]


def test_writing_the_diaries_takes_the_same_few_queries_however_much_runs(
    django_assert_max_num_queries,
):
    BroadcastFactory.create_batch(5, state="sending")

    with django_assert_max_num_queries(5):  # with the gate and the savepoint
        stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    assert len(diaries()) == 5
