"""The desk answers a thread: stored and queued together, so that it is sent once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from campaigns import replies
from campaigns.models import Reply
from campaigns.states import DeliveryState
from subscribers import threads
from subscribers.conversation import Conversation
from subscribers.models import Thread
from subscribers.wording import Say

PURPOSE = "answer"
# Answers that lie ready, in the order of the page; each is a text in subscribers/texts. None of
# them says anything about the one who gets it, and all can be sent without reading any further.
READY = ("answer_passed_on", "answer_sick_note", "answer_complaint", "answer_report")
LOST = frozenset({DeliveryState.FAILED, DeliveryState.SKIPPED})


def answer(thread_id: UUID, text: str, *, seen: int, now: datetime) -> None:
    """Send words of the desk's own. Raises threads.Overtaken and threads.NotAnswerable."""
    _send(thread_id, text, say=Say(purpose=PURPOSE, text=text), seen=seen, now=now)


def answer_ready(
    thread_id: UUID, name: str, *, conversation: Conversation, seen: int, now: datetime
) -> None:
    """Send an answer that lies ready, in the language of whoever gets it.

    The thread shows it in German, so that it does not give a language away. Raises as `answer`.
    """
    subscriber = Thread.objects.select_related("subscriber").get(pk=thread_id).subscriber
    say = conversation.say(subscriber, name)
    _send(thread_id, conversation.words("de", name), say=say, seen=seen, now=now)


def lost(thread: Thread) -> set[int]:
    """Return the messages of a thread that are known not to have arrived, for some days."""
    gone = Reply.objects.filter(answer__thread=thread, state__in=LOST)
    return set(gone.values_list("answer_id", flat=True))


@transaction.atomic
def _send(thread_id: UUID, shown: str, *, say: Say, seen: int, now: datetime) -> None:
    said = threads.answer(thread_id, shown, seen=seen, now=now)
    replies.queue(said.thread.subscriber, [say], answer=said, now=now)
