"""Why a broadcast does not move: one answer, chosen among facts, asked of rows."""

from datetime import timedelta

import pytest

from campaigns import connections, standstill, stopping
from campaigns.models import (
    Batch,
    Broadcast,
    BroadcastEvent,
    Heartbeat,
    InboxEntry,
    Media,
    Message,
)
from campaigns.reasons import PauseReason, StopReason
from campaigns.spool import Waiting
from campaigns.standstill import Cause, Facts, House
from campaigns.states import BroadcastState
from tests.campaigns.pictures import medium
from tests.factories import NOW, AttemptFactory, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.usefixtures("english")

S = BroadcastState
LATER = NOW + timedelta(minutes=20)
EVERYBODY = Heartbeat.WORKERS


def facts(**changes):
    return Facts(**{"state": S.SENDING, "lane": "send_bulk", **changes})


def cause(house=None, **changes):
    found = standstill.why(facts(**changes), house or House())
    return found and found.cause


def test_what_moves_is_held_by_nothing():
    assert cause(moves=True) is None


STRONGEST_FIRST = [
    ({"stop_reason": "token"}, {}, Cause.STOPPED),
    ({}, {"is_quiet": True}, Cause.QUIET_HOURS),
    ({"is_spool_waiting": True}, {}, Cause.SPOOL),
    ({"silent": EVERYBODY}, {}, Cause.ENGINE),
    ({"silent": ("send_bulk",)}, {}, Cause.SENDER),
    ({}, {"lacks_file": True}, Cause.FILE),
    ({}, {"is_held": True}, Cause.LIMIT),
    ({}, {"rests": True}, Cause.ASKED_TO_WAIT),
    ({}, {"is_stuck": True}, Cause.STUCK),
]


@pytest.mark.parametrize("n", range(len(STRONGEST_FIRST)))
def test_of_several_causes_the_strongest_is_told(n):
    house, own = {}, {}
    for of_house, of_broadcast, _cause in STRONGEST_FIRST[n:]:
        house, own = of_house | house, of_broadcast | own

    assert cause(House(**house), **own) == STRONGEST_FIRST[n][2]


@pytest.mark.parametrize("state", [S.PAUSING, S.PAUSED])
def test_what_is_paused_says_itself_why_unless_all_sending_is_stopped(state):
    assert cause(House(silent=EVERYBODY), state=state, is_quiet=True) is None
    assert cause(House(stop_reason="token", silent=EVERYBODY), state=state) == Cause.STOPPED


def test_whoever_sends_in_another_lane_is_not_missed():
    assert cause(House(silent=("send_urgent",))) is None


def test_a_worker_that_is_too_busy_to_be_heard_is_not_called_silent():
    assert cause(House(silent=EVERYBODY), moves=True) is None


def test_what_has_left_needs_nobody_but_those_who_read():
    assert cause(House(stop_reason="token"), has_open=False) is None
    assert cause(House(silent=("inbound",)), has_open=False) == Cause.UNREAD
    assert cause(House(is_inbox_late=True), has_open=False) == Cause.UNREAD


@pytest.mark.parametrize(
    ("waiting", "holds", "says"),
    [
        (Waiting(), False, "Nothing to do"),
        (Waiting(bodies=3), True, "Nothing to do"),
        (Waiting(bodies=3, late=1), True, "Please tell IT."),
        (Waiting(unreadable=1), True, "Please tell IT."),
        (Waiting(is_readable=False), True, "Please tell IT."),
    ],
)
def test_reading_what_came_in_is_a_trouble_only_when_it_takes_long(waiting, holds, says):
    found = standstill.why(facts(), House(is_spool_waiting=True, is_spool_late=waiting.is_late))

    assert (waiting.holds, says in found.advice) == (holds, True)


@pytest.mark.parametrize("reason", sorted(StopReason))
def test_a_stop_says_its_reason_and_what_to_do(reason):
    found = standstill.why(facts(), House(stop_reason=reason))

    assert str(reason.label) in found.words
    assert found.advice == reason.advice


@pytest.mark.django_db(databases="__all__")
class TestRows:
    """The same questions, asked of the database."""

    @pytest.fixture(autouse=True)
    def _all_at_work(self):
        Heartbeat.objects.bulk_create(Heartbeat(name=name, at=LATER) for name in EVERYBODY)

    def look(self, broadcast, *, now=LATER):
        found = standstill.look(
            [Broadcast.objects.with_message().get(pk=broadcast.pk)],
            standstill.look_at_house(spool=connections.spool(), now=now),
            hours=connections.sending_hours(),
            now=now,
        )
        return found[broadcast.pk].cause if found else None

    @pytest.fixture
    def sending(self):
        return DeliveryFactory().broadcast

    @pytest.mark.parametrize("reason", sorted(StopReason))
    def test_every_stop_of_all_sending(self, sending, reason):
        stopping.stop_channel(reason, now=NOW)

        assert self.look(sending) == Cause.STOPPED

    def test_quiet_hours(self, sending):
        assert self.look(sending, now=NOW.replace(hour=3)) == Cause.QUIET_HOURS

    def test_what_waits_on_the_disk(self, sending):
        connections.spool().add(b"sealed", body_hash=b"x" * 32, now=NOW)

        assert self.look(sending) == Cause.SPOOL

    @pytest.mark.parametrize(("name", "held"), [("ops", Cause.ENGINE), ("send_bulk", Cause.SENDER)])
    def test_a_dead_worker(self, sending, name, held):
        Heartbeat.objects.filter(name=name).update(at=LATER - timedelta(seconds=61))

        assert self.look(sending) == held

    def test_a_worker_that_has_never_been_there(self, sending):
        Heartbeat.objects.filter(name="send_bulk").delete()

        assert self.look(sending) == Cause.SENDER

    def test_a_file_that_whatsapp_does_not_have(self, sending):
        Message.objects.update(media=medium())
        assert self.look(sending) == Cause.FILE

        Media.objects.update(meta_id="1", meta_id_at=LATER)

        assert self.look(sending) == Cause.STUCK

    def test_the_daily_limit(self, sending):
        Batch.objects.update(is_held=True, not_before=LATER + timedelta(hours=1))

        assert self.look(sending) == Cause.LIMIT

    def test_a_wait_that_whatsapp_asked_for(self, sending):
        Batch.objects.update(not_before=LATER + timedelta(seconds=30))

        assert self.look(sending) == Cause.ASKED_TO_WAIT

    def test_no_reason_at_all(self, sending):
        assert self.look(sending) == Cause.STUCK

    def test_news_that_nobody_reads(self):
        broadcast = DeliveryFactory(state="accepted").broadcast
        assert self.look(broadcast) is None

        InboxEntry.objects.create(body_hash=b"x" * 32, received_at=NOW, not_before=NOW)

        assert self.look(broadcast) == Cause.UNREAD

    def test_what_is_due_and_does_not_start(self):
        broadcast = BroadcastFactory(state=S.SCHEDULED)
        assert self.look(broadcast) is None

        Heartbeat.objects.filter(name="ops").delete()

        assert self.look(broadcast) == Cause.ENGINE
        assert self.look(broadcast, now=NOW - timedelta(seconds=1)) is None

    def test_what_is_not_on_its_way_is_held_by_nothing(self):
        Heartbeat.objects.all().delete()

        for state in set(S) - {S.SENDING, S.SCHEDULED}:
            assert self.look(BroadcastFactory(state=state)) is None

    @pytest.mark.parametrize(
        ("arrange", "is_stuck"),
        [
            (lambda _broadcast: None, True),
            (lambda it: AttemptFactory(delivery__broadcast=it, armed_at=LATER), False),
            (lambda it: AttemptFactory(delivery__broadcast=it, armed_at=NOW), True),
            (lambda it: event(it, "resumed", at=LATER), False),
            (lambda it: event(it, "released", at=LATER), False),
            (lambda it: event(it, "resumed", at=NOW), True),
            (lambda _: Batch.objects.update(not_before=LATER), False),
            (lambda _: Batch.objects.update(is_held=True), False),
            (lambda _: Batch.objects.update(is_finished=True), False),
            (lambda it: stopping.pause(it.pk, PauseReason.MEDIA, now=NOW), False),
        ],
    )
    def test_a_broadcast_is_stuck_if_it_could_leave_and_nothing_of_it_was_tried(
        self, sending, arrange, is_stuck
    ):
        arrange(sending)

        assert standstill.stuck(now=LATER).exists() is is_stuck

    def test_one_that_has_just_begun_is_not_stuck(self, sending):
        assert not standstill.stuck(now=NOW + timedelta(minutes=4)).exists()


def event(broadcast, what, *, at):
    BroadcastEvent.objects.create(broadcast=broadcast, what=what, at=at)
