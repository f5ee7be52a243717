"""The hold time: between a decision to send and the sending lies a moment to undo it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns import scheduling, sending
from campaigns.models import Broadcast
from campaigns.refusals import NotPossible
from campaigns.states import BroadcastState as S
from tests.campaigns.desk import AFTERNOON, HOURS, TOMORROW, diary
from tests.factories import NOW, BroadcastFactory, SubscriberFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates", "english"),
]

HOLD = timedelta(minutes=5)
HELD = replace(HOURS, hold=HOLD)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _somebody_to_write_to():
    SubscriberFactory(tier="maxi")


@pytest.fixture
def approver():
    return UserFactory(group="Freigabe")


def approved(by, *, hours=HELD, now=NOW, **broadcast):
    """A broadcast that has just been approved."""
    made = BroadcastFactory(state=S.IN_REVIEW, **broadcast)
    seen = made.message.content_hash()
    scheduling.approve(made, seen_hash=seen, by=by, hours=hours, now=now)
    return made


def state(broadcast):
    return Broadcast.objects.get(pk=broadcast.pk).state


@pytest.mark.parametrize(("after", "reached"), [(HOLD - SECOND, S.SCHEDULED), (HOLD, S.SENDING)])
def test_what_is_approved_for_now_leaves_when_the_hold_time_is_over(approver, after, reached):
    broadcast = approved(approver)

    sending.start_due(hours=HELD, now=NOW + after)

    assert state(broadcast) == reached


def test_it_counts_as_punctual(approver):
    broadcast = approved(approver)

    sending.start_due(hours=HELD, now=NOW + HOLD)

    assert broadcast.events.get(what="started").facts == {}


def test_in_the_hold_time_it_is_undone_and_stays_approved(approver):
    broadcast = approved(approver)
    editor = UserFactory(group="Redaktion")

    scheduling.undo(broadcast, by=editor, now=NOW + HOLD - SECOND)
    sending.start_due(hours=HELD, now=NOW + HOLD)

    assert state(broadcast) == S.APPROVED
    assert (broadcast.due_at, broadcast.held_until) == (None, None)
    assert broadcast.approved_by == approver
    assert diary(broadcast)[-1] == ("undone", editor.username)


def test_what_has_begun_is_not_undone(approver):
    broadcast = approved(approver)
    sending.start_due(hours=HELD, now=NOW + HOLD)

    with pytest.raises(NotPossible, match="can be paused"):
        scheduling.undo(broadcast, by=approver, now=NOW + HOLD)

    assert state(broadcast) == S.SENDING


def test_whoever_may_not_schedule_may_not_undo(approver):
    broadcast = approved(approver)

    with pytest.raises(NotPossible, match="do not have the right"):
        scheduling.undo(broadcast, by=UserFactory(group="IT"), now=NOW)

    assert state(broadcast) == S.SCHEDULED


def test_a_plain_schedule_is_no_decision_to_undo(approver):
    broadcast = approved(approver, due_at=AFTERNOON)

    with pytest.raises(NotPossible):
        scheduling.undo(broadcast, by=approver, now=NOW)

    assert (broadcast.due_at, broadcast.held_until) == (AFTERNOON, None)


def test_a_time_nearer_than_the_hold_time_waits_for_its_end(approver):
    broadcast = approved(approver, due_at=NOW + SECOND)

    assert (broadcast.due_at, broadcast.held_until) == (NOW + HOLD, NOW + HOLD)


def test_what_the_hold_time_carries_into_quiet_hours_leaves_when_they_end(approver):
    shortly_before_six = NOW + timedelta(hours=7, minutes=58)

    broadcast = approved(approver, now=shortly_before_six)

    assert (broadcast.due_at, broadcast.held_until) == (TOMORROW, None)


def test_what_is_urgent_does_not_wait(approver):
    broadcast = approved(approver, slug="eilmeldung")

    sending.start_due(hours=HELD, now=NOW)

    assert state(broadcast) == S.SENDING


def test_without_a_hold_time_everything_leaves_at_once(approver):
    broadcast = approved(approver, hours=HOURS)

    sending.start_due(hours=HOURS, now=NOW)

    assert state(broadcast) == S.SENDING


def test_nothing_leaves_before_the_hold_time_even_if_its_time_is_moved(approver):
    broadcast = approved(approver)
    Broadcast.objects.filter(pk=broadcast.pk).update(due_at=NOW)

    assert not sending.start(broadcast.pk, now=NOW + HOLD - SECOND)


def test_a_message_that_is_changed_in_its_hold_time_is_a_draft_and_held_no_more(approver):
    broadcast = approved(approver)
    message = broadcast.message

    scheduling.change(
        broadcast,
        revision=message.revision,
        values=message.values,
        media=None,
        due_at=None,
        by=message.created_by,
        now=NOW,
    )

    assert (broadcast.state, broadcast.held_until) == (S.DRAFT, None)
