"""One organisation that answers, and a way to say something to it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from subscribers.conversation import Conversation, Heard
from subscribers.speech import Speaker
from tests.factories import NOW

SPEAKER = Speaker(
    organisation={"name": "Werke", "dpo": "dpo@example", "authority": "TLfDI", "url": "http://x/"},
    zone=ZoneInfo("Europe/Berlin"),
    copy_url="https://werke.example/auskunft/",
)
CONVERSATION = Conversation(SPEAKER)


def heard(text="", *, button_id="", minutes=0, message=b"m"):
    at = NOW + timedelta(minutes=minutes)
    return Heard(at=at, message_hash=message.ljust(32), text=text, button_id=button_id)


def answer(subscriber, text="", **what):
    return CONVERSATION.answer(subscriber, heard(text, **what), now=NOW)


def purposes(says):
    return [say.purpose for say in says]
