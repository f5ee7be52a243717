"""One message of one person, and what is at hand to answer it."""

from dataclasses import dataclass, field
from datetime import datetime

from subscribers.consent import Act
from subscribers.models import ConsentEvent, Subscriber, Tier
from subscribers.speech import Speaker
from subscribers.understanding import Intent, understand, understand_button
from subscribers.wording import Say


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
class Talk:
    """Somebody has just said something to us."""

    subscriber: Subscriber
    heard: Heard
    intent: Intent
    speaker: Speaker
    now: datetime

    @property
    def act(self) -> Act:
        """What they did."""
        return self.heard.act

    def say(self, name: str, **values: object) -> list[Say]:
        """Answer with one text."""
        return [self.speaker.say(self.subscriber, name, **values)]

    def say_tier(self, name: str, tier: Tier | None = None, **values: object) -> list[Say]:
        """Answer with one text that names a tier and what is in it: theirs, or the given one."""
        tier = tier or self.subscriber.tier
        assert tier is not None  # they are subscribed
        return self.say(name, **self.speaker.tier_words(self.subscriber, tier), **values)

    def question(self) -> list[Say]:
        """Ask for consent."""
        return [self.speaker.question(self.subscriber)]
