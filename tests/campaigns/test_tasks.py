"""The bells: what a tick finds, and that ringing twice, or into the void, changes nothing."""

import json
from datetime import timedelta
from functools import wraps
from uuid import uuid4

import pytest
from celery import Celery
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from campaigns import (
    alarms,
    allowance,
    asking,
    connections,
    doubt,
    golive,
    lookout,
    restore,
    sending,
    tasks,
    waves,
)
from campaigns.models import Alarm, Broadcast, Heartbeat, Reply
from campaigns.states import BroadcastState
from subscribers.models import Checkpoint, ConsentEvent, EnvironmentValue, LedgerCheck, Subscriber
from subscribers.wording import Say
from tests.campaigns.webhooks import body, post, status
from tests.factories import BroadcastFactory, DeliveryFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def queues():
    """The broker, empty; returns the messages that lie in a queue."""
    broker = connections.broker()
    broker.flushdb()

    def waiting(queue):
        return [json.loads(message) for message in broker.lrange(queue, 0, -1)]

    yield waiting
    broker.flushdb()


@pytest.fixture
def due(approved_templates, settings):
    settings.QUIET_HOURS = "off"  # these tests run at any hour
    connections.forget()
    SubscriberFactory()
    at = timezone.now() - timedelta(seconds=1)
    return BroadcastFactory(state=BroadcastState.SCHEDULED, due_at=at)


def test_a_tick_starts_what_is_due_and_rings_its_pump(due, queues):
    tasks.tick()

    due.refresh_from_db()
    (message,) = [one for one in queues("send_bulk") if "pump" in one["headers"]["task"]]
    assert due.state == BroadcastState.SENDING
    assert message["headers"]["kwargsrepr"] == f"{{'broadcast_id': {due.pk}}}"


def test_an_urgent_broadcast_has_a_lane_of_its_own(approved_templates, queues):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING, slug="eilmeldung")
    DeliveryFactory(broadcast=broadcast)

    tasks.ring_pumps()

    assert [one["headers"]["task"] for one in queues("send_urgent")] == ["campaigns.tasks.pump"]


def test_a_tick_shares_out_the_daily_limit_before_it_rings(due, queues):
    SubscriberFactory()
    allowance.note(1, now=timezone.now())

    tasks.tick()

    assert waves.held(due.pk).people == 1
    assert [one for one in queues("send_bulk") if "pump" in one["headers"]["task"]]


def test_two_ticks_do_no_more_than_one(due):
    tasks.tick()
    tasks.tick()

    assert due.deliveries.count() == 1
    assert due.events.count() == 1


def test_every_message_expires_before_the_next_tick_has_gone_by(due, queues):
    tasks.tick()

    waiting = [one for queue in tasks.QUEUES for one in queues(queue)]
    assert len(waiting) >= 5
    assert all(one["headers"]["expires"] for one in waiting)
    assert not any(one["headers"]["eta"] for one in waiting)


def broken():
    rows = Alarm.objects.filter(kind=Alarm.Kind.BROKEN, cleared_at__isnull=True)
    return list(rows.values_list("subject", flat=True))


@pytest.mark.parametrize("error", [OperationalError, DatabaseError, KeyError, ValueError])
@pytest.mark.parametrize(
    "step", [(golive, "look"), (doubt, "sweep"), (sending, "sweep"), (lookout, "sweep")]
)
def test_a_step_that_fails_does_not_keep_the_others_from_running(
    due, queues, monkeypatch, step, error
):
    def fail(**_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(*step, fail)
        tasks.tick()

    due.refresh_from_db()
    assert due.state == BroadcastState.SENDING
    assert {"pump", "tell", "answer", "keep_house"} <= {
        message["headers"]["task"].rpartition(".")[2]
        for queue in tasks.QUEUES
        for message in queues(queue)
    }
    assert len(broken()) == (error is not OperationalError)  # which passes by itself


def test_somebody_is_told_of_a_step_that_fails_until_it_is_done_again(monkeypatch):
    @wraps(sending.sweep)
    def fail(**_):
        raise KeyError

    with monkeypatch.context() as patch:
        patch.setattr(sending, "sweep", fail)
        tasks.tick()
        tasks.tick()
    assert broken() == ["sending.sweep.sweep"]

    tasks.tick()

    assert broken() == []


def test_what_cannot_be_asked_of_the_journal_holds_sending_and_nothing_else(
    due, queues, monkeypatch
):
    def fail(*_, **__):
        raise KeyError

    monkeypatch.setattr(restore, "is_sound", fail)

    tasks.tick()

    due.refresh_from_db()
    assert due.state == BroadcastState.SCHEDULED
    assert broken()
    assert queues("inbound")


def test_an_approver_is_asked_although_nobody_on_duty_can_be_told(monkeypatch):
    asked = []

    @wraps(alarms.tell)
    def fail(*_, **__):
        raise KeyError

    monkeypatch.setattr(alarms, "tell", fail)
    monkeypatch.setattr(asking, "ask", lambda *_, **__: asked.append("approvers"))

    tasks.tell()

    assert (asked, broken()) == (["approvers"], ["alarms.tell"])


def test_a_bell_that_cannot_be_rung_stops_nobody():
    nowhere = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    nowhere.conf.broker_transport_options = tasks.tick.app.conf.broker_transport_options

    @nowhere.task
    def bell(): ...

    assert tasks.ring(bell, queue="ops") is None  # and the next tick rings again


def test_a_queue_whose_worker_is_gone_does_not_fill_up(queues):
    for _ in range(tasks.BELLS_ENOUGH + 10):
        tasks.ring(tasks.apply_inbox, queue="inbound")

    assert len(queues("inbound")) == tasks.BELLS_ENOUGH


def test_a_pump_is_sent_away_when_there_is_nothing_to_send(templates):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)

    tasks.pump(broadcast_id=broadcast.pk)
    tasks.pump(broadcast_id=broadcast.pk)

    assert Broadcast.objects.get().state == BroadcastState.SENDING


def test_answers_leave_and_the_second_bell_finds_none(templates, simulator):
    phone = "+4915155512345"
    simulator.add_person("Kim", phone)
    simulator.say(phone, "START")
    tasks.replies.queue(SubscriberFactory(phone=phone), [Say("help", "Hilfe")], now=timezone.now())

    tasks.answer()
    tasks.answer()

    assert Reply.objects.get().state == "accepted"
    assert simulator.ledger_counts()["messages"] == 1


def test_keeping_house_twice_does_no_harm(settings):
    SubscriberFactory(tier=None, joined_at=timezone.now() - timedelta(days=2))
    staying = SubscriberFactory()

    tasks.keep_house()
    tasks.keep_house()

    assert list(Subscriber.objects.all()) == [staying]
    assert EnvironmentValue.objects.get(name="QUIET_HOURS").value == settings.QUIET_HOURS


@pytest.mark.django_db(transaction=True, databases="__all__")  # a commit writes the leaves
def test_keeping_house_signs_the_ledger_sends_the_note_out_and_verifies_it(settings, mailoutbox):
    settings.LEDGER_ANCHOR_EMAILS = ["dpo@example.org", "council@example.org"]
    SubscriberFactory()

    tasks.keep_house()
    tasks.keep_house()

    assert [sent.to for sent in mailoutbox] == [["dpo@example.org"], ["council@example.org"]]
    assert Checkpoint.objects.get().size == ConsentEvent.objects.count()
    assert LedgerCheck.objects.get().findings == []


def test_a_worker_leaves_a_sign_of_life():
    tasks.beat(name="inbound")
    tasks.beat(name="inbound")

    assert Heartbeat.objects.get().name == "inbound"


def test_statuses_ring_once_until_a_worker_has_heard_it(queues):
    for _ in range(3):
        tasks._ring_unless_unheard()
    assert len(queues("inbound")) == 1

    tasks.apply_inbox()  # rings for replies, too
    tasks._ring_unless_unheard()

    rung = [one["headers"]["task"].rpartition(".")[2] for one in queues("inbound")]
    assert sorted(rung) == ["answer", "apply_inbox", "apply_inbox"]


@pytest.mark.parametrize(("bodies", "is_rung"), [(3, False), (5, True)])
def test_a_backlog_rings_for_itself_until_it_is_gone(bodies, is_rung, queues, monkeypatch):
    monkeypatch.setattr(tasks, "BODIES_A_SHIFT", 4)
    for _ in range(bodies):
        post(body(status("sent", token=uuid4())))
    connections.broker().flushdb()

    tasks.apply_inbox()

    rung = [one["headers"]["task"].rpartition(".")[2] for one in queues("inbound")]
    assert ("apply_inbox" in rung) is is_rung


def test_without_a_broker_statuses_wait_for_the_tick(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    connections.forget()

    assert tasks._ring_unless_unheard() is None
    assert tasks._note_heard() is None
