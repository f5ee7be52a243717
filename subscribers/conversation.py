"""What a person may say to us, and what happens then.

One message in, at most two messages out. Everything that concerns consent goes through
`consent`; nothing that somebody writes is stored here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from subscribers import consent
from subscribers.consent import Act
from subscribers.models import ConsentEvent, Notice, Subscriber, SubscriberState, Tier
from subscribers.understanding import Intent, understand, understand_button
from subscribers.wording import BUTTON_IDS, Say, text

TIER_OF = {
    Intent.AGREE_MINI: "mini",
    Intent.AGREE_MAXI: "maxi",
    Intent.MINI: "mini",
    Intent.MAXI: "maxi",
}
EXPLICIT_YES = {Intent.AGREE_MINI, Intent.AGREE_MAXI}
LANGUAGE_OF = {Intent.GERMAN: "de", Intent.ENGLISH: "en"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One message from one person: a text, or a tap on a button (then `button_id`)."""

    at: datetime  # Meta's clock
    message_hash: bytes = field(repr=False)
    text: str = field(default="", repr=False)
    button_id: str = ""

    @property
    def intent(self) -> Intent:
        """What it means; a tap counts by its id, never by its label."""
        return understand_button(self.button_id) if self.button_id else understand(self.text)

    @property
    def act(self) -> Act:
        """The act as the ledger knows it."""
        by = ConsentEvent.Act.BUTTON if self.button_id else ConsentEvent.Act.WORD
        return Act(by=by, at=self.at, message_hash=self.message_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The rules of the conversation, for one organisation in one time zone."""

    organisation: Mapping[str, str]  # name, dpo, authority, url: placeholders of the texts
    zone: tzinfo

    def answer(self, subscriber: Subscriber, heard: Heard, *, now: datetime) -> list[Say]:
        """Do what somebody asks for and return what to say to them."""
        intent = heard.intent
        if intent is Intent.STOP:
            return self._stop(subscriber, heard, now=now)
        if intent in LANGUAGE_OF:
            return self._switch_language(subscriber, heard, now=now)
        if intent is Intent.HELP:
            return [self._say(subscriber, "help")]
        if intent in TIER_OF:
            return self._choose(subscriber, heard, now=now)
        if intent is Intent.REFUSE:
            return self._refuse(subscriber, heard, now=now)
        if intent is Intent.START or subscriber.notice is None:  # a stranger's first message
            return self._ask(subscriber, heard, now=now)
        if subscriber.state == SubscriberState.REQUESTED:
            return [self._question(subscriber)]
        return [self._say(subscriber, "help")]

    def _ask(self, subscriber: Subscriber, heard: Heard, *, now: datetime) -> list[Say]:
        notice = Notice.objects.current(subscriber.language)
        if not consent.ask(subscriber.pk, notice=notice, act=heard.act, now=now):
            return []
        subscriber.notice = notice
        return [Say(purpose="notice", text=notice.notice), self._question(subscriber)]

    def _choose(self, subscriber: Subscriber, heard: Heard, *, now: datetime) -> list[Say]:
        """MINI or MAXI: a subscriber changes at once, anybody else has to say yes first."""
        tier = Tier.objects.get(slug=TIER_OF[heard.intent])
        words = self._tier_words(subscriber, tier)
        if subscriber.tier_id == tier.slug:
            return [self._say(subscriber, "unchanged", **words)]
        if subscriber.state == SubscriberState.REQUESTED and subscriber.notice is not None:
            if not self._answers_the_question(subscriber, heard):
                return [self._question(subscriber)]
        elif subscriber.state != SubscriberState.ACTIVE:
            return self._ask(subscriber, heard, now=now)
        event = consent.give(subscriber.pk, tier=tier, act=heard.act, now=now)
        if event is None:  # overtaken by a newer decision
            return []
        name = "confirmed" if event.kind == consent.Kind.GIVEN else "changed"
        return [self._say(subscriber, name, **words, **self._receipt(event))]

    def _answers_the_question(self, subscriber: Subscriber, heard: Heard) -> bool:
        """Tell whether this is consent: a button of the question, or a yes after the notice.

        A button proves by itself that its question arrived; words do not.
        """
        by_button = bool(heard.button_id)
        return heard.intent in EXPLICIT_YES and (by_button or consent.was_shown_notice(subscriber))

    def _refuse(self, subscriber: Subscriber, heard: Heard, *, now: datetime) -> list[Say]:
        if subscriber.state == SubscriberState.ACTIVE:  # a “no” to what? STOP is one word away
            return [self._say(subscriber, "help")]
        consent.refuse(subscriber.pk, act=heard.act, now=now)
        return [self._say(subscriber, "refused")]

    def _stop(self, subscriber: Subscriber, heard: Heard, *, now: datetime) -> list[Say]:
        event = consent.withdraw(subscriber.pk, act=heard.act, now=now)
        if event is None and subscriber.state == SubscriberState.ACTIVE:
            return []  # an old STOP, overtaken by a newer yes; “you get nothing” would be untrue
        if event is None:
            return [self._say(subscriber, "not_subscribed")]
        return [self._say(subscriber, "withdrawn", **self._receipt(event))]

    def _switch_language(self, subscriber: Subscriber, heard: Heard, *, now: datetime) -> list[Say]:
        subscriber.language = LANGUAGE_OF[heard.intent]
        consent.change_language(subscriber.pk, language=subscriber.language)
        if subscriber.state == SubscriberState.REQUESTED:
            return self._ask(subscriber, heard, now=now)
        return [self._say(subscriber, "help")]

    def _question(self, subscriber: Subscriber) -> Say:
        assert subscriber.notice is not None
        buttons = zip(BUTTON_IDS, subscriber.notice.words.buttons, strict=True)
        return Say(purpose="question", text=subscriber.notice.question, buttons=tuple(buttons))

    def _say(self, subscriber: Subscriber, name: str, **values: object) -> Say:
        values = {**self.organisation, **values}
        return Say(purpose=name, text=text(subscriber.language, name, **values))

    def _tier_words(self, subscriber: Subscriber, tier: Tier) -> dict[str, object]:
        scope = text(subscriber.language, f"scope_{tier.slug}")
        return {"tier": tier.name.upper(), "scope": scope}

    def _receipt(self, event: ConsentEvent) -> dict[str, object]:
        at = event.happened_at.astimezone(self.zone)
        return {
            "date": f"{at:%d.%m.%Y}",
            "time": f"{at:%H:%M}",
            "version": event.notice.version if event.notice else "",
            "code": event.receipt_code,
        }
