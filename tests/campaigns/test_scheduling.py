"""The desk's verbs: who may do what, in which state and when, and what the diary says of it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import scheduling
from campaigns.models import Broadcast
from campaigns.reasons import PauseReason
from campaigns.refusals import NotPossible
from campaigns.states import CLOSED
from campaigns.states import BroadcastState as S
from tests.campaigns.desk import (
    AFTERNOON,
    TOMORROW,
    TONIGHT,
    approve,
    change,
    diary,
    plainly,
    reschedule,
    schedule,
    send_back,
    submit,
)
from tests.factories import NOW, BroadcastFactory, SubscriberFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates"),
]

PLANNERS, STOPPERS = {"Redaktion", "Freigabe"}, {"Redaktion", "Freigabe", "IT"}
# Each verb, the groups that have the right to it, and the states in which it is possible.
VERBS = {
    "change": (change, {"Redaktion"}, {S.DRAFT, S.IN_REVIEW, S.APPROVED, S.SCHEDULED, S.MISSED}),
    "submit": (submit, {"Redaktion"}, {S.DRAFT}),
    "approve": (approve, {"Freigabe"}, {S.IN_REVIEW, S.MISSED}),
    "send_back": (send_back, {"Freigabe"}, {S.IN_REVIEW, S.APPROVED}),
    "schedule": (schedule, PLANNERS, {S.APPROVED, S.MISSED}),
    "reschedule": (reschedule, PLANNERS, {S.SCHEDULED}),
    "unschedule": (plainly(scheduling.unschedule), PLANNERS, {S.SCHEDULED}),
    "pause": (plainly(scheduling.pause), STOPPERS, {S.SENDING}),
    "resume": (plainly(scheduling.resume), STOPPERS, {S.PAUSING, S.PAUSED}),
    "cancel": (plainly(scheduling.cancel), STOPPERS, set(S) - CLOSED),
}
CASES = [(name, state) for name, (_, _, states) in VERBS.items() for state in S]
IMPOSSIBLE = [(name, state) for name, state in CASES if state not in VERBS[name][2]]


@pytest.fixture(autouse=True)
def _english_desk_with_a_subscriber(english):
    SubscriberFactory()


@pytest.fixture
def approver():
    return UserFactory(group="Freigabe")


@pytest.mark.parametrize(("name", "state"), IMPOSSIBLE)
def test_a_verb_is_refused_in_any_other_state_than_its_own(name, state):
    verb, groups, _states = VERBS[name]
    broadcast = BroadcastFactory(state=state)

    with pytest.raises(NotPossible, match="not possible now"):
        verb(broadcast, UserFactory(group=min(groups)))

    assert Broadcast.objects.get(pk=broadcast.pk).state == state
    assert diary(broadcast) == []


@pytest.mark.parametrize("group", ["Redaktion", "Freigabe", "Datenschutz", "Personal", "IT", None])
@pytest.mark.parametrize("name", VERBS)
def test_whoever_lacks_the_right_to_a_verb_is_refused(name, group):
    verb, groups, states = VERBS[name]
    broadcast = BroadcastFactory(state=min(states))
    user = UserFactory(group=group)

    if group in groups:
        verb(broadcast, user)
    else:
        with pytest.raises(NotPossible, match="do not have the right"):
            verb(broadcast, user)

    assert bool(diary(broadcast)) is (group in groups)


def test_whoever_has_left_the_house_has_no_right_any_more():
    gone = UserFactory(group="Redaktion", is_active=False)

    with pytest.raises(NotPossible, match="do not have the right"):
        submit(BroadcastFactory(), gone)


def test_in_quiet_hours_at_once_means_in_the_morning(approver):
    broadcast = BroadcastFactory(state=S.APPROVED)

    schedule(broadcast, approver, now=TONIGHT)

    assert broadcast.due_at == TOMORROW


def test_urgent_news_leave_at_once_at_any_hour(approver):
    broadcast = BroadcastFactory(state=S.APPROVED, slug="eilmeldung")

    schedule(broadcast, approver, now=TONIGHT)

    assert broadcast.due_at == TONIGHT


@pytest.mark.parametrize(
    ("slug", "at", "words"),
    [
        ("presseschau", NOW - timedelta(seconds=1), "This time has passed"),
        ("presseschau", TONIGHT, "next possible time is 24.11.2026 07:00"),
        ("eilmeldung", NOW - timedelta(seconds=1), "This time has passed"),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused(approver, slug, at, words):
    broadcast = BroadcastFactory(state=S.APPROVED, slug=slug)

    with pytest.raises(NotPossible, match=words):
        schedule(broadcast, approver, at=at)


def test_the_diary_says_for_when_it_was_scheduled(approver):
    broadcast = BroadcastFactory(state=S.APPROVED)

    schedule(broadcast, approver, at=AFTERNOON)

    assert broadcast.events.get().facts == {"at": AFTERNOON.isoformat()}


def test_a_message_that_changed_after_its_approval_is_not_scheduled(approver):
    broadcast = BroadcastFactory(state=S.APPROVED, approved_hash="of other words")

    with pytest.raises(NotPossible, match="changed since it was approved"):
        schedule(broadcast, approver)


def test_what_nobody_approved_cannot_be_on_the_schedule_in_the_database_either():
    broadcast = BroadcastFactory(due_at=NOW, expires_at=AFTERNOON)

    with pytest.raises(IntegrityError, match="approved_before_scheduled"), transaction.atomic():
        Broadcast.objects.filter(pk=broadcast.pk).update(state=S.SCHEDULED)


def test_what_is_taken_off_the_schedule_stays_approved(approver):
    broadcast = BroadcastFactory(state=S.SCHEDULED)

    scheduling.unschedule(broadcast, by=approver, now=NOW)

    assert broadcast.state == S.APPROVED
    assert (broadcast.due_at, broadcast.expires_at) == (None, None)
    assert broadcast.approved_by is not None


def test_what_missed_its_time_may_get_another(approver):
    broadcast = BroadcastFactory(state=S.MISSED, due_at=NOW - timedelta(days=1))
    assert broadcast.expires_at < NOW

    schedule(broadcast, approver, at=AFTERNOON)

    assert (broadcast.state, broadcast.due_at) == (S.SCHEDULED, AFTERNOON)


@pytest.mark.parametrize(
    ("verb", "before", "after", "reason", "what"),
    [
        (scheduling.pause, S.SENDING, S.PAUSING, "operator", "paused"),
        (scheduling.resume, S.PAUSED, S.SENDING, "", "resumed"),
        (scheduling.resume, S.PAUSING, S.SENDING, "", "resumed"),
        (scheduling.cancel, S.SENDING, S.CANCELLED, "", "cancelled"),
        (scheduling.cancel, S.PAUSED, S.CANCELLED, "", "cancelled"),
        (scheduling.cancel, S.DRAFT, S.CANCELLED, "", "cancelled"),
    ],
)
def test_the_operator_at_the_console_may_stop_and_go_on(verb, before, after, reason, what):
    broadcast = BroadcastFactory(state=before)

    verb(broadcast, by=None, now=NOW)

    assert (broadcast.state, broadcast.pause_reason) == (after, reason)
    assert diary(broadcast) == [(what, "console")]


@pytest.mark.parametrize("state", [S.PAUSING, S.PAUSED])
@pytest.mark.parametrize("reason", PauseReason)
def test_what_rests_by_itself_is_paused_by_hand_and_nothing_else_that_stands_still(state, reason):
    broadcast = BroadcastFactory(state=state, pause_reason=reason)

    if reason.resumes_alone:
        scheduling.pause(broadcast, by=None, now=NOW)
    else:
        with pytest.raises(NotPossible):
            scheduling.pause(broadcast, by=None, now=NOW)

    broadcast.refresh_from_db()
    assert broadcast.state == state
    assert broadcast.pause_reason == (PauseReason.OPERATOR if reason.resumes_alone else reason)
    assert diary(broadcast) == ([("paused", "console")] if reason.resumes_alone else [])


def test_a_move_that_is_refused_leaves_the_old_time():
    broadcast = BroadcastFactory(state=S.SCHEDULED, due_at=AFTERNOON)

    with pytest.raises(NotPossible, match="quiet hours"):
        reschedule(broadcast, UserFactory(group="Redaktion"), at=TONIGHT)

    broadcast.refresh_from_db()
    assert (broadcast.state, broadcast.due_at) == (S.SCHEDULED, AFTERNOON)
