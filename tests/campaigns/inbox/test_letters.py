"""Free text on its way through the webhook: into a thread, or refused, and said so once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from campaigns import connections
from campaigns.inbox import hearing
from campaigns.models import Attempt, Reply, SeenMessage
from subscribers import threads
from subscribers.identities import Address, find_or_add
from subscribers.models import Subscriber, Thread, ThreadMessage
from tests.campaigns.webhooks import body, message
from tests.factories import NOW, DeliveryFactory
from tests.subscribers.letters import crowd, newest
from whatsapp.events import parse

pytestmark = pytest.mark.django_db(databases="__all__")
PHONE = "+491701234567"
PICTURE = {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg", "caption": "Schau!"}}
VOICE = {"type": "audio", "audio": {"id": "2", "mime_type": "audio/ogg", "voice": True}}
CONTACT = {"type": "contacts", "contacts": [{"name": {"formatted_name": "Erika"}}]}
PLACE = {"type": "location", "location": {"latitude": 50.98, "longitude": 11.03}}


@pytest.fixture
def author(vault):
    """A subscriber among many whose number is PHONE."""
    crowd()
    who = find_or_add(Address(phone=PHONE), at=NOW, vault=vault, now=NOW)
    notice = Subscriber.objects.exclude(pk=who.pk)[0].notice
    Subscriber.objects.filter(pk=who.pk).update(state="active", tier="mini", notice=notice)
    return who


def say(*, after=timedelta(), answers=None, **content):
    """Let the author say something; return the texts that are said in answer."""
    before = set(Reply.objects.values_list("pk", flat=True))
    said = message(PHONE, at=NOW + after, **content)
    if answers:
        said["messages"][0]["context"] = {"id": answers}
    raw = body(said)
    outcome = hearing.hear(parse(raw).events, desk=connections.desk(), now=NOW + after)
    assert not outcome.failed
    return list(Reply.objects.exclude(pk__in=before).values_list("purpose", flat=True))


def test_free_text_becomes_a_letter(author):
    assert say(text="Wann fährt die 4 wieder? LG Mandy") == ["letter_taken"]

    assert newest().text == "Wann fährt die 4 wieder? LG ███"
    assert newest().thread.subscriber_id == author.pk


def test_thanks_are_said_once_a_day(author):
    assert say(text="Danke!") == ["letter_taken"]
    assert say(text="Und noch etwas") == []
    assert say(text="Am Tag darauf", after=timedelta(hours=25)) == ["letter_taken"]

    assert ThreadMessage.objects.count() == 3


@pytest.mark.parametrize("content", [PICTURE, VOICE, CONTACT, PLACE], ids=lambda it: it["type"])
def test_anything_but_text_is_refused_in_kind_words(author, content):
    assert say(**content) == ["letters_only_text"]

    assert not ThreadMessage.objects.exists()


@pytest.mark.parametrize("words", ["STOP", "HILFE", "MAXI", "bitte abmelden"])
def test_words_that_mean_something_are_no_letters(author, words):
    assert "letter_taken" not in say(text=words)

    assert not Thread.objects.exists()


def test_a_stranger_writes_no_letters(db):
    crowd()

    assert "letter_taken" not in say(text="Wer seid ihr?")
    assert not Thread.objects.exists()


def test_a_letter_names_the_broadcast_that_it_answers(author, vault):
    delivery = DeliveryFactory(subscriber=author)
    Attempt.objects.create(
        token=uuid4(),
        delivery=delivery,
        number=1,
        armed_at=NOW,
        message_hash=vault.message_hash("wamid.OURS"),
    )

    say(text="Gut so", answers="wamid.OURS")

    assert newest().about == delivery.broadcast.message.headline


def test_a_letter_that_answers_an_old_message_names_none(author):
    say(text="Gut so", answers="wamid.LONG-GONE")

    assert newest().about == ""


def test_while_replies_are_discarded_that_is_said_once(author):
    threads.discard_from_now_on(is_discarding=True)

    assert say(text="Hallo") == ["letters_off"]
    assert say(text="Hallo nochmal", after=timedelta(days=3)) == []
    assert not ThreadMessage.objects.exists()


def test_a_letter_that_comes_twice_is_stored_once(author):
    say(text="Hallo", wamid="wamid.SAME")
    say(text="Hallo", wamid="wamid.SAME")

    assert ThreadMessage.objects.count() == 1
    assert SeenMessage.objects.count() == 1
