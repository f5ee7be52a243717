"""What a person may say to us, and what happens then.

One message in, at most two messages out. Everything that concerns consent goes through
`consent`; nothing that somebody writes is stored here.

STOP is understood in every state. Whoever may have meant it is asked, and gets nothing until
they answer. Whoever writes very much is answered later, but their STOP and LÖSCHEN count.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from subscribers import lifecycle, limits, membership, notices, revisions, wishes
from subscribers.models import SUBSCRIBED, Subscriber, SubscriberState
from subscribers.speech import Speaker
from subscribers.talk import Heard, Talk
from subscribers.understanding import Intent, is_foreign
from subscribers.wording import Say

__all__ = ["Conversation", "Heard"]

ANSWERS: Mapping[Intent, Callable[[Talk], list[Say]]] = {
    Intent.START: membership.start,
    Intent.AGREE_MINI: membership.choose,
    Intent.AGREE_MAXI: membership.choose,
    Intent.MINI: membership.choose,
    Intent.MAXI: membership.choose,
    Intent.YES: membership.which,
    Intent.MORE_OR_LESS: membership.which,
    Intent.REFUSE: membership.refuse,
    Intent.STOP: membership.stop,
    Intent.AMBIGUOUS_STOP: membership.unsure,
    Intent.CONTINUE: membership.go_on,
    Intent.PAUSE: wishes.pause,
    Intent.ERASE: wishes.ask_to_erase,
    Intent.ERASE_CONFIRMED: wishes.erase,
    Intent.CANCEL: wishes.keep,
    Intent.ACCESS: wishes.tell_own_data,
    Intent.HELP: wishes.help_out,
    Intent.LANGUAGE: wishes.ask_for_language,
    Intent.GERMAN: wishes.switch_language,
    Intent.ENGLISH: wishes.switch_language,
    Intent.UNCLEAR: membership.unclear,
}
# No limit keeps these from being acted on.
LEAVING = {Intent.STOP, Intent.AMBIGUOUS_STOP, Intent.ERASE, Intent.ERASE_CONFIRMED}
# What is answered even where consent has to be asked for anew first.
RIGHTS = (
    LEAVING
    | {Intent.CANCEL, Intent.ACCESS, Intent.HELP}
    | {
        Intent.LANGUAGE,
        Intent.GERMAN,
        Intent.ENGLISH,
    }
)
DONE = {"withdrawn", "erased"}  # said once each, so no flood comes of them


@dataclass(frozen=True, slots=True)
class Conversation:
    """The rules of the conversation, for one organisation."""

    speaker: Speaker

    def answer(self, subscriber: Subscriber, heard: Heard, *, now: datetime) -> list[Say]:
        """Do what somebody asks for and return what to say to them."""
        intent = _intent(subscriber, heard)
        talk = Talk(
            subscriber=subscriber, heard=heard, intent=intent, speaker=self.speaker, now=now
        )
        lifecycle.count(reached=[subscriber.pk], missed=[], at=now)  # for so they are
        messages = limits.note(subscriber, now=now)
        if talk.intent in LEAVING:
            is_flood = messages > limits.A_PERSON_LEAVING
            return [say for say in _answer(talk) if not is_flood or say.purpose in DONE]
        if messages == limits.A_PERSON + 1:
            return talk.say("slow_down")
        if messages > limits.A_PERSON or limits.is_too_much_for_us(now=now):
            return []
        return _answer(talk)

    def say(self, subscriber: Subscriber, name: str) -> Say:
        """Say a text of its own accord, in the language of the subscriber."""
        return self.speaker.say(subscriber, name)

    def words(self, language: str, name: str) -> str:
        """Return the words of a text that are in force, as the desk may read them."""
        return revisions.text(language, name, **self.speaker.organisation)


def _intent(subscriber: Subscriber, heard: Heard) -> Intent:
    """Take “No, thanks” below the question for a STOP if a subscriber taps it.

    On whichever question, be it an old one: that is what they read and tapped.
    """
    if heard.button_id and heard.intent is Intent.REFUSE and subscriber.state in SUBSCRIBED:
        return Intent.STOP
    return heard.intent


def _answer(talk: Talk) -> list[Say]:
    subscriber = talk.subscriber
    if subscriber.state == SubscriberState.ERASING:
        return talk.say("erasing")
    if talk.intent not in RIGHTS and notices.must_agree_anew(subscriber):
        return membership.ask_anew(talk)
    says = ANSWERS[talk.intent](talk)
    if is_foreign(talk.heard.text) and [say.purpose for say in says] == ["help"]:
        says.append(talk.speaker.in_other_language(subscriber, "help"))
    return says
