"""The full text of a message: after a tap or by itself, once, and never after a STOP."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns import composing, connections, reading, replies, stopping
from campaigns.inbox import hearing
from campaigns.models import Broadcast, Category, MessageTemplate, Reply
from campaigns.reasons import StopReason
from campaigns.states import DeliveryState
from subscribers import consent, limits
from subscribers.consent import Act
from subscribers.models import ConsentEvent
from subscribers.wording import Say
from tests.campaigns.webhooks import body, message
from tests.factories import (
    NOW,
    BroadcastFactory,
    DeliveryFactory,
    MessageFactory,
    SubscriberFactory,
)
from whatsapp.events import parse

pytestmark = pytest.mark.django_db(databases="__all__")
PHONE = "+4915155500007"
TEXT = "*Linie 3*\n- ab Montag\n- alle 10 Minuten\nhttps://stadtwerke.example/linie3"
SOON = NOW + timedelta(seconds=30)


@pytest.fixture
def person(simulator):
    """A subscriber to Mini whose phone is switched on."""
    simulator.add_person("Kim", PHONE)
    simulator.say(PHONE, "START")
    return SubscriberFactory(phone=PHONE)


@pytest.fixture
def news(db):
    """A press review with a full text, being sent since NOW."""
    return sent_with(TEXT)


def sent_with(full_text, *, slug="presseschau", state="sending"):
    category = Category.objects.get(slug=slug)
    template = category.template_for(full_text=full_text)
    words = MessageFactory(slug=slug, template=template, full_text=full_text)
    return BroadcastFactory(message=words, state=state)


def got(broadcast, person, state="delivered"):
    return DeliveryFactory(broadcast=broadcast, subscriber=person, state=state)


def tap(broadcast_id, *, phone=PHONE, now=NOW):
    """Tap “Jetzt lesen” on the phone of somebody; return what is said, by purpose and text."""
    before = set(Reply.objects.values_list("pk", flat=True))
    button = {"payload": f"read:{broadcast_id}", "text": "Jetzt lesen"}
    said = message(phone, at=now, type="button")
    said["messages"][0]["button"] = button
    raw = body(said)
    assert not hearing.hear(parse(raw).events, desk=connections.desk(), now=now).failed
    return list(Reply.objects.exclude(pk__in=before).values_list("purpose", "text"))


def withdraw(person, *, now):
    act = Act(by=ConsentEvent.Act.WORD, at=now)
    consent.withdraw(person.pk, act=act, now=now)


def send(sender):
    return replies.send_due(sender=sender, until=SOON)


def received(simulator):
    return [entry["text"] for entry in simulator.ledger()]


def test_a_tap_brings_the_full_text(person, news, sender, simulator):
    got(news, person)

    assert tap(news.pk) == [("full_text", TEXT)]

    assert send(sender) == 1
    assert received(simulator) == [TEXT]


def test_whoever_taps_again_gets_it_once(person, news):
    got(news, person)
    tap(news.pk)

    assert tap(news.pk) == []


def test_what_never_came_may_be_asked_for_again(person, news):
    got(news, person)
    tap(news.pk)
    Reply.objects.update(state=DeliveryState.FAILED)

    assert tap(news.pk) == [("full_text", TEXT)]
    assert Reply.objects.count() == 1


def test_a_reader_of_the_tier_may_tap_what_was_passed_on(person, news):
    assert tap(news.pk) == [("full_text", TEXT)]


def test_a_recipient_may_tap_after_leaving(person, news):
    got(news, person)
    withdraw(person, now=NOW - timedelta(minutes=1))

    assert tap(news.pk) == [("full_text", TEXT)]


@pytest.mark.parametrize(
    "facts", [{"slug": "neues"}, {"state": "scheduled"}, {"state": "cancelled"}], ids=str
)
def test_what_is_not_for_them_or_not_yet_or_no_longer_sent_is_gone(person, facts):
    hidden = sent_with(TEXT, **facts)

    [(purpose, text)] = tap(hidden.pk)

    assert purpose == "full_text_gone"
    assert TEXT not in text


@pytest.mark.parametrize("number", ["4711", "", "-1", "1;2", "²", "9" * 30])
def test_a_tap_on_nothing_is_answered_like_any_other(person, number):
    assert [purpose for purpose, _text in tap(number)] in (["full_text_gone"], ["help"])


def test_too_many_taps_are_not_answered(person, news):
    for _ in range(limits.A_PERSON):
        limits.note(person, now=NOW)

    assert tap(news.pk) == []


def test_who_wrote_to_us_lately_gets_it_without_a_tap(person, news):
    limits.note(person, now=NOW - timedelta(hours=20))
    got(news, person)

    assert reading.follow(now=NOW) == 1
    assert reading.follow(now=NOW + timedelta(seconds=15)) == 0
    assert Reply.objects.get().text == TEXT


@pytest.mark.parametrize("hours", [25, -2], ids=["the day before", "after it had begun"])
def test_everybody_else_has_the_button(person, news, hours):
    limits.note(person, now=NOW - timedelta(hours=hours))
    got(news, person)

    assert reading.follow(now=NOW + timedelta(hours=2)) == 0


@pytest.mark.parametrize("state", ["queued", "in_doubt", "skipped", "failed"])
def test_nothing_follows_what_whatsapp_has_not_taken(person, news, state):
    limits.note(person, now=NOW)
    reason = {"skipped": "withdrawn", "failed": "other"}.get(state, "")
    DeliveryFactory(broadcast=news, subscriber=person, state=state, reason=reason)

    assert reading.follow(now=NOW) == 0


def test_nothing_follows_a_message_without_a_full_text(person):
    limits.note(person, now=NOW)
    got(sent_with(""), person)

    assert reading.follow(now=NOW) == 0


def test_the_last_of_a_broadcast_get_it_just_after_its_end(person, news):
    limits.note(person, now=NOW)
    got(news, person)
    Broadcast.objects.update(state="done", closed_at=NOW)

    assert reading.follow(now=NOW + timedelta(hours=1)) == 0
    assert reading.follow(now=NOW + timedelta(minutes=1)) == 1


def test_no_full_text_follows_a_withdrawal(person, news, sender, simulator):
    got(news, person)
    tap(news.pk)

    withdraw(person, now=NOW)

    assert send(sender) == 0
    assert Reply.objects.get(purpose="full_text").state == DeliveryState.SKIPPED


def test_the_kill_switch_holds_full_texts_back_and_no_answer(person, news, sender, simulator):
    got(news, person)
    tap(news.pk)
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)
    replies.queue(person, [Say("withdrawn", "Du bist abgemeldet.")], now=NOW)

    send(sender)

    assert received(simulator) == ["Du bist abgemeldet."]


@pytest.mark.parametrize("state", ["pausing", "paused"])
def test_a_pause_holds_full_texts_back(person, news, sender, state):
    got(news, person)
    tap(news.pk)
    Broadcast.objects.filter(pk=news.pk).update(state=state, pause_reason="operator")

    assert send(sender) == 0


def test_a_cancelled_broadcast_drops_what_was_asked_for(person, news):
    got(news, person)
    tap(news.pk)
    Broadcast.objects.filter(pk=news.pk).update(state="cancelled")

    replies.sweep(now=NOW)

    assert Reply.objects.get().state == DeliveryState.SKIPPED


def test_answers_overtake_full_texts(person, news, sender, simulator):
    got(news, person)
    tap(news.pk)
    replies.queue(person, [Say("help", "Hilfe")], now=NOW + timedelta(seconds=5))

    later = replace(sender, clock=lambda: NOW + timedelta(seconds=5))
    replies.send_due(sender=later, until=SOON)

    assert received(simulator) == ["Hilfe", TEXT]


def test_the_template_carries_the_button_with_the_broadcast(news):
    content = composing.content(news.message, media_id="")

    assert content.name == "presseschau_lesen"
    assert content.payloads == {0: f"read:{news.pk}"}


def test_without_a_full_text_there_is_no_button(db):
    content = composing.content(sent_with("").message, media_id="")

    assert (content.name, content.payloads) == ("presseschau", {})


def test_both_templates_of_a_category_ask_for_the_same(db):
    pairs = [
        (one.template.values, one.reading_template.values)
        for one in Category.objects.filter(reading_template__isnull=False)
    ]

    assert len(pairs) == 4
    assert all(short == long for short, long in pairs)
    assert MessageTemplate.objects.get(name="neues_lesen").buttons == [["read", "Jetzt lesen"]]
