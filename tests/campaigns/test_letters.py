"""What subscribers are told without having written, and what becomes of their answer."""

from datetime import timedelta

import pytest

from campaigns import connections, letters, replies, shipped, stopping
from campaigns.models import MessageTemplate, Reply
from campaigns.reasons import StopReason
from subscribers import consent, retention
from subscribers.lifecycle import News
from subscribers.models import Identity, Rest, Subscriber
from subscribers.understanding import Intent, understand_button
from tests.campaigns.webhooks import body, message, post
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import act
from whatsapp.template_drafts import TemplateDraft

pytestmark = pytest.mark.django_db(databases="__all__")

PHONE = "+4915155500011"
DAY = timedelta(days=1)
NEXT_YEAR = NOW + 366 * DAY  # a Wednesday


@pytest.fixture
def subscriber():
    return SubscriberFactory(phone=PHONE, tier="maxi")


def write(at):
    return letters.write_due(hours=connections.sending_hours(), now=at)


def tap(button_id, *, at):
    """A tap on a quick reply of a template."""
    said = message(PHONE, at=at, text="")
    said["messages"][0] |= {"type": "button", "button": {"payload": button_id, "text": "egal"}}
    post(body(said))


@pytest.mark.usefixtures("approved_templates")
def test_the_yearly_question_is_a_template_with_two_buttons(subscriber):
    write(NEXT_YEAR)

    reply = Reply.objects.select_related("template").get()
    assert reply.purpose == News.STILL_WITH_US.value
    assert [button_id for button_id, _ in reply.template.buttons] == ["continue", "stop"]
    assert reply.values == {"datum": "24.12.2027"}


@pytest.mark.usefixtures("approved_templates")
@pytest.mark.parametrize(
    ("button_id", "purpose", "state"),
    [("continue", "reconfirmed", "active"), ("stop", "withdrawn", "withdrawn")],
)
def test_one_tap_answers_the_yearly_question(subscriber, button_id, purpose, state):
    write(NEXT_YEAR)

    tap(button_id, at=NEXT_YEAR + DAY)

    subscriber.refresh_from_db()
    assert Reply.objects.latest("pk").purpose == purpose
    assert subscriber.state == state


def test_nobody_is_asked_what_whatsapp_would_not_send(subscriber):
    write(NEXT_YEAR)

    subscriber.refresh_from_db()
    assert subscriber.reminded_at is None
    assert not Reply.objects.exists()


@pytest.mark.usefixtures("approved_templates")
def test_nobody_is_asked_while_all_sending_is_stopped_and_everybody_afterwards(subscriber):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NEXT_YEAR)
    assert write(NEXT_YEAR) == 0
    subscriber.refresh_from_db()
    assert subscriber.reminded_at is None  # silence would count as an answer

    stopping.release_channel(now=NEXT_YEAR)

    assert write(NEXT_YEAR) == 1


@pytest.mark.usefixtures("approved_templates")
def test_nobody_is_written_to_at_night(subscriber):
    assert write(NEXT_YEAR.replace(hour=2)) == 0
    assert not Reply.objects.exists()


@pytest.mark.usefixtures("approved_templates")
def test_the_end_of_a_pause_is_told_with_the_tier(subscriber):
    consent.pause(subscriber.pk, why=Rest.OWN, until=NOW + DAY, act=act(), now=NOW)

    write(NOW + DAY)

    assert Reply.objects.get().values == {"tarif": "MAXI"}


def test_a_letter_reaches_the_phone_with_its_buttons(subscriber, sender, simulator):
    simulator.add_person("Kim", PHONE)
    simulator.say(PHONE, "START")
    template = MessageTemplate.objects.get(name="abo_noch_dabei", language="de")
    values = {"datum": "1.1.2027"}
    replies.queue_template(subscriber.pk, template, values=values, purpose="x", now=NOW)

    sent = replies.send_due(sender=sender, until=NOW + timedelta(seconds=30))

    assert sent == 1


@pytest.mark.parametrize("news", News)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_letter_is_a_template_that_meta_accepts_and_its_buttons_are_understood(
    news, language
):
    template = MessageTemplate.objects.get(name=news.value, language=language)

    draft = TemplateDraft(
        name=template.name,
        language=template.language,
        category="UTILITY",
        body=template.body,
        examples={value["name"]: value["example"] for value in template.values},
        footer=template.footer,
        buttons=tuple(label for _id, label in template.buttons),
    )

    intents = {understand_button(button_id) for button_id, _ in template.buttons}
    assert draft.body
    assert "STOP" in template.footer
    assert set(template.value_names) <= {"tarif", "datum"}
    assert Intent.UNCLEAR not in intents


def test_letters_that_an_installation_changed_stay_changed():
    MessageTemplate.objects.filter(name="abo_noch_dabei").update(body="Anders")

    shipped.add_missing_letters()

    assert set(
        MessageTemplate.objects.filter(name="abo_noch_dabei").values_list("body", flat=True)
    ) == {"Anders"}


def test_erasure_waits_for_our_last_word(subscriber):
    post(body(message(PHONE, text="JA LÖSCHEN")))

    letters.erase_due(now=NOW)
    waiting = Identity.objects.count()
    Reply.objects.update(state="sent")
    letters.erase_due(now=NOW)

    assert (waiting, Identity.objects.count()) == (1, 0)


def test_erasure_does_not_wait_for_ever(subscriber):
    now = NOW
    consent.request_erasure(subscriber.pk, act=act(), now=now)
    replies.queue_template(
        subscriber.pk, MessageTemplate.objects.first(), values={}, purpose="x", now=now
    )

    letters.erase_due(now=now)
    waits = Identity.objects.exists()
    retention.enforce(retention.URGENT, now=now + timedelta(minutes=9))

    assert waits
    assert not Identity.objects.exists()


def test_nobody_is_erased_who_did_not_ask(subscriber):
    letters.erase_due(now=NOW)

    assert Subscriber.objects.get().identities.exists()
