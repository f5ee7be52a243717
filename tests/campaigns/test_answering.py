"""An answer of the desk: in the thread and on its way to the person, both or neither."""

import pytest

from campaigns import answering, connections
from campaigns.models import Reply
from subscribers.models import ThreadMessage
from subscribers.threads import Overtaken
from tests.factories import NOW
from tests.subscribers.letters import crowd, newest, write

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def letter(vault):
    """A letter that waits for an answer."""
    write(crowd(), vault=vault)
    return newest()


def test_an_answer_is_queued_with_its_words(letter):
    answering.answer(letter.thread_id, "Morgen wieder.", seen=letter.pk, now=NOW)

    reply = Reply.objects.get()
    assert (reply.text, reply.subscriber_id) == ("Morgen wieder.", letter.thread.subscriber_id)
    assert reply.answer == newest()


def test_an_answer_that_came_too_late_is_not_queued_either(letter):
    answering.answer(letter.thread_id, "Ja.", seen=letter.pk, now=NOW)

    with pytest.raises(Overtaken):
        answering.answer(letter.thread_id, "Ja.", seen=letter.pk, now=NOW)

    assert Reply.objects.count() == 1


@pytest.mark.parametrize("name", answering.READY)
def test_a_ready_answer_goes_out_in_their_language_and_is_shown_in_german(letter, name):
    subscriber = letter.thread.subscriber
    subscriber.language = "en"
    subscriber.save(update_fields=["language"])
    talk = connections.desk().conversation

    answering.answer_ready(letter.thread_id, name, conversation=talk, seen=letter.pk, now=NOW)

    assert Reply.objects.get().text == talk.words("en", name)
    assert ThreadMessage.objects.latest("pk").text == talk.words("de", name)


def test_an_answer_that_did_not_arrive_is_known(letter):
    answering.answer(letter.thread_id, "Ja.", seen=letter.pk, now=NOW)
    assert answering.lost(letter.thread) == set()

    Reply.objects.update(state="failed")

    assert answering.lost(letter.thread) == {newest().pk}
