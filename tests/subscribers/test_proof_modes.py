"""What stays when somebody has left, in each mode of proof, is what they were told."""

from datetime import timedelta

import pytest

from campaigns import connections, housekeeping
from subscribers import retention
from subscribers.forgotten import ErasureList
from subscribers.models import ConsentEvent, SealedProof
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.dialogue import heard
from tests.subscribers.people import BOTH_DATABASES

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)


@pytest.fixture
def in_mode(settings):
    """Switch the mode of proof, as IT does; return how the number then speaks."""

    def switch(mode):
        settings.PROOF_MODE = mode
        connections.forget()
        return connections.desk().conversation

    return switch


def days_later(days, *, mode, tmp_path):
    """Let the time pass for which somebody was promised something."""
    rules = housekeeping.rules(keeps_proof=mode != "none")
    for hours in range(0, 24 * days + 1, 6):
        now = NOW + timedelta(hours=hours)
        retention.enforce(rules, now=now)
        housekeeping.erasure.finish(ErasureList(tmp_path), now=now)


def says(conversation, subscriber, *texts):
    """Return the last answer."""
    for n, text in enumerate(texts, start=1):
        [said] = conversation.answer(
            subscriber, heard(text, minutes=n, message=text.encode()), now=NOW
        )
    return said


@pytest.mark.parametrize("texts", [["STOP"], ["LÖSCHEN", "JA LÖSCHEN"]], ids=" ".join)
def test_a_sealed_proof_stays_and_was_announced_with_its_number(in_mode, tmp_path, texts):
    conversation = in_mode("sealed")
    subscriber = SubscriberFactory()

    said = says(conversation, subscriber, *texts)
    days_later(3, mode="sealed", tmp_path=tmp_path)

    assert "Deine Nummer steckt verschlüsselt darin" in said.text
    assert "bis Ende 2029" in said.text
    assert SealedProof.objects.get(ref=subscriber.pk).keep_until.year == 2029


@pytest.mark.parametrize("texts", [["STOP"], ["LÖSCHEN", "JA LÖSCHEN"]], ids=" ".join)
def test_without_a_proof_nothing_stays_and_nothing_else_was_announced(in_mode, tmp_path, texts):
    conversation = in_mode("none")
    subscriber = SubscriberFactory()

    said = says(conversation, subscriber, *texts)
    days_later(3, mode="none", tmp_path=tmp_path)

    assert "Dann bleibt bei uns nichts" in said.text
    assert "2029" not in said.text
    assert not SealedProof.objects.filter(ref=subscriber.pk).exists()
    assert not ConsentEvent.objects.filter(subscriber=subscriber.pk).exists()


@pytest.mark.parametrize(("mode", "words"), [("sealed", "versiegelt"), ("none", "bleibt nicht")])
def test_whoever_asks_is_told_of_replies_recipients_and_the_proof(in_mode, mode, words):
    said = says(in_mode(mode), SubscriberFactory(), "AUSKUNFT")

    assert said.purpose == "access"
    assert "die wir noch haben: 0" in said.text
    assert "Meta Platforms, Inc. (USA)" in said.text
    assert words in said.text


def test_what_is_said_about_the_proof_is_known_by_its_usual_name(in_mode):
    assert says(in_mode("none"), SubscriberFactory(), "STOP").purpose == "withdrawn"
