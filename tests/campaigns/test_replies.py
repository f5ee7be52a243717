"""Our side of the conversation: in order, once, also when everything else stands still."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns import answering, connections, pace, replies, stopping
from campaigns.models import MessageTemplate, Reply
from campaigns.reasons import StopReason
from campaigns.states import DeliveryState
from subscribers import consent, threads
from subscribers.models import ConsentEvent, Identity, SubscriberState, ThreadMessage, Tier
from subscribers.wording import Say
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.letters import write
from tests.subscribers.people import act

pytestmark = pytest.mark.django_db(databases="__all__")

SOON = NOW + timedelta(seconds=30)
BUTTONS = (("consent:mini", "MINI"), ("consent:no", "NEIN"))
NOTICE, QUESTION = Say("notice", "Hinweis"), Say("question", "Was möchtest du?", BUTTONS)


@pytest.fixture
def person(simulator):
    """Somebody who has just written to us, so that we may answer."""
    subscriber = SubscriberFactory(phone="+4915155500007", tier=None)
    simulator.add_person("Kim", "+4915155500007")
    simulator.say("+4915155500007", "START")
    return subscriber


def ask(person):
    replies.queue(person, [NOTICE, QUESTION], now=NOW)


def send(sender):
    return replies.send_due(sender=sender, until=SOON)


def join(person):
    person.tier = Tier.objects.get(slug="mini")
    person.state = SubscriberState.ACTIVE
    person.save(update_fields=["tier", "state"])


def letter(person):
    join(person)
    template = MessageTemplate.objects.get(name="abo_noch_dabei", language="de")
    values = {"datum": "1.1.2027"}
    replies.queue_template(person.pk, template, values=values, purpose="letter", now=NOW)


@pytest.fixture
def answered(person, vault):
    """The desk has answered what a person wrote, in a town with enough others."""
    SubscriberFactory.create_batch(20)
    join(person)
    write(person, vault=vault)
    heard = ThreadMessage.objects.latest("pk")
    answering.answer(heard.thread_id, "Morgen wieder.", seen=heard.pk, now=NOW)


def states(purpose):
    return list(Reply.objects.filter(purpose=purpose).values_list("state", flat=True))


def received(simulator):
    return [entry["text"] for entry in simulator.ledger()]


def test_the_question_follows_the_notice(person, sender, simulator):
    ask(person)

    assert send(sender) == 2
    assert received(simulator) == ["Hinweis", "Was möchtest du?"]


def test_the_question_waits_while_the_notice_is_tried_again(person, sender, simulator):
    simulator.add_fault("refuse", code=131000, http=400, next=1)
    ask(person)

    assert send(sender) == 1
    assert received(simulator) == []


def test_a_notice_that_whatsapp_took_is_in_the_ledger(person, sender):
    before = ConsentEvent.objects.filter(kind="notice_sent").count()
    ask(person)

    send(sender)

    assert ConsentEvent.objects.filter(kind="notice_sent").count() == before + 1


def test_a_notice_in_doubt_counts_as_shown_once_whatsapp_echoes_it(person, sender, simulator):
    simulator.add_fault("reset", accept=True, next=1)
    before = ConsentEvent.objects.filter(kind="notice_sent").count()
    replies.queue(person, [NOTICE], now=NOW)
    send(sender)
    reply = Reply.objects.get()
    assert reply.state == DeliveryState.IN_DOUBT

    for state in (DeliveryState.SENT, DeliveryState.DELIVERED):
        replies.settle({reply.token: state}, now=NOW)

    assert ConsentEvent.objects.filter(kind="notice_sent").count() == before + 1


def test_the_kill_switch_does_not_silence_us(person, sender, simulator):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)
    replies.queue(person, [Say("withdrawn", "Du bist abgemeldet.")], now=NOW)

    send(sender)

    assert received(simulator) == ["Du bist abgemeldet."]


def test_a_letter_waits_while_all_is_stopped_and_holds_back_no_confirmation(
    person, sender, simulator
):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)
    letter(person)
    replies.queue(person, [Say("help", "Hilfe")], now=NOW)

    send(sender)
    assert received(simulator) == ["Hilfe"]
    replies.sweep(now=NOW + timedelta(days=3))  # a letter is of use for longer than an answer
    stopping.release_channel(now=NOW)

    assert send(sender) == 1


def test_what_the_desk_answers_waits_while_all_is_stopped(answered, sender, simulator):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    send(sender)
    assert states("answer") == ["queued"]
    stopping.release_channel(now=NOW)
    send(sender)

    assert received(simulator) == ["Morgen wieder."]


def test_an_answer_whose_window_has_closed_meanwhile_is_told_as_not_arrived(answered):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)
    Reply.objects.update(created_at=NOW + threads.WINDOW)  # it was written in the last minute

    replies.sweep(now=NOW + threads.WINDOW)

    said = ThreadMessage.objects.latest("pk")
    assert answering.lost(said.thread) == {said.pk}


def test_whoever_has_left_while_all_was_stopped_gets_no_letter(person, sender, simulator):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)
    letter(person)
    consent.withdraw(person.pk, act=act(), now=NOW)
    stopping.release_channel(now=NOW)

    send(sender)

    assert (states("letter"), received(simulator)) == (["skipped"], [])


def test_an_erasure_does_not_wait_for_what_is_held(person):
    letter(person)
    assert replies.is_waiting_for(person.pk)

    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    assert not replies.is_waiting_for(person.pk)


def test_nobody_is_answered_twice(person, sender, simulator):
    ask(person)

    send(sender)
    send(sender)

    assert len(received(simulator)) == 2


def test_a_lost_worker_leaves_doubt(person):
    replies.queue(person, [NOTICE], now=NOW)
    Reply.objects.all().move(DeliveryState.ARMED, armed_at=NOW)

    replies.sweep(now=NOW + replies.ANSWERED_BY + timedelta(seconds=1))

    assert Reply.objects.get().state == DeliveryState.IN_DOUBT


def test_after_a_day_an_answer_is_no_answer(person, sender, simulator):
    ask(person)

    replies.sweep(now=NOW + replies.USEFUL_FOR + timedelta(seconds=1))

    assert send(sender) == 0
    assert set(Reply.objects.values_list("state", flat=True)) == {DeliveryState.SKIPPED}


def test_whoever_is_erased_is_not_answered(person, sender, simulator):
    ask(person)
    Identity.objects.all().delete()

    assert send(sender) == 0
    assert received(simulator) == []


def test_after_six_attempts_we_give_up(person, sender, simulator):
    simulator.add_fault("refuse", code=131000, http=400)
    replies.queue(person, [NOTICE], now=NOW)

    for attempt in range(replies.MAX_ATTEMPTS):
        at = NOW + timedelta(minutes=10 * attempt)
        replies.send_due(sender=replace(sender, clock=lambda at=at: at), until=at + timedelta(1))

    assert Reply.objects.get().state == DeliveryState.FAILED


def test_what_never_leaves_us_is_tried_until_it_is_no_answer_any_more(person, sender, simulator):
    ask(person)
    Reply.objects.update(attempts=20 * replies.MAX_ATTEMPTS)
    simulator.add_fault("refuse", code=130429, http=400, next=1)

    send(sender)
    notice = Reply.objects.earliest("pk")

    assert notice.state == DeliveryState.QUEUED
    assert notice.not_before == NOW + replies.LONGEST_WAIT


def test_the_question_is_not_asked_behind_a_notice_that_nobody_saw(person, sender, simulator):
    simulator.add_fault("refuse", code=131026, http=400, next=1)
    ask(person)
    replies.queue(person, [Say("help", "Schreib STOP, um dich abzumelden.")], now=NOW)

    send(sender)

    assert [reply.state for reply in Reply.objects.order_by("pk")[:2]] == ["failed", "skipped"]
    assert received(simulator) == ["Schreib STOP, um dich abzumelden."]


@pytest.mark.usefixtures("somebody_urgent_waits")
def test_an_answer_does_not_wait_behind_news(person, sender):
    ask(person)

    assert send(sender) == 2


def test_too_fast_halves_the_pace_and_the_answer_follows(person, sender, simulator):
    simulator.add_fault("refuse", code=130429, http=400, next=1)
    ask(person)

    send(sender)

    assert float(connections.broker().hget(pace.KEY, "share")) == 0.5
    assert Reply.objects.earliest("pk").state == DeliveryState.QUEUED
