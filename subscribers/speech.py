"""How we speak to subscribers: the words in force, filled, in their language, with buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from subscribers import revisions
from subscribers.models import ConsentEvent, Subscriber, Tier
from subscribers.promises import PROOF_YEARS
from subscribers.wording import BUTTON_IDS, BUTTONS_UNDER, LANGUAGES, Say, wording_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One organisation in one time zone, as it speaks."""

    organisation: Mapping[str, str]  # name, dpo, authority, url: placeholders of the texts
    zone: tzinfo
    copy_url: str = ""  # the page with one's own data, without the secret part of its address
    keeps_proof: bool = True  # False in the mode of proof `none`

    def say(self, subscriber: Subscriber, name: str, **values: object) -> Say:
        """Say a text in the subscriber's language, with the buttons that belong to it."""
        buttons = tuple(
            (button_id, self.words(subscriber, label))
            for button_id, label in BUTTONS_UNDER.get(name, ())
        )
        words = self.words(subscriber, wording_of(name, keeps_proof=self.keeps_proof), **values)
        return Say(purpose=name, text=words, buttons=buttons)

    def words(self, subscriber: Subscriber, name: str, **values: object) -> str:
        """Return a part of a sentence in the subscriber's language."""
        return revisions.text(subscriber.language, name, **{**self.organisation, **values})

    def in_other_language(self, subscriber: Subscriber, name: str, **values: object) -> Say:
        """Say the same in the other language, for somebody who may understand neither."""
        [other] = [it for it in LANGUAGES if it != subscriber.language]
        words = revisions.text(other, name, **{**self.organisation, **values})
        return Say(purpose=name, text=words)

    def question(self, subscriber: Subscriber) -> Say:
        """Ask for consent under the notice last shown."""
        assert subscriber.notice is not None
        buttons = zip(BUTTON_IDS, subscriber.notice.words.buttons, strict=True)
        return Say(purpose="question", text=subscriber.notice.question, buttons=tuple(buttons))

    def tier_words(self, subscriber: Subscriber, tier: Tier) -> dict[str, object]:
        """Return how a tier is called and what is in it."""
        scope = self.words(subscriber, f"scope_{tier.slug}")
        return {"tier": tier.name.upper(), "scope": scope}

    def scopes(self, subscriber: Subscriber) -> dict[str, object]:
        """Return what is in each tier."""
        return {name: self.words(subscriber, name) for name in ("scope_mini", "scope_maxi")}

    def receipt(self, event: ConsentEvent) -> dict[str, object]:
        """Return when something happened, under which notice, and its receipt code."""
        at = event.happened_at.astimezone(self.zone)
        return {
            **self.moment(event.happened_at),
            "version": event.notice.version if event.notice else "",
            "code": event.receipt_code,
            "proof_until": at.year + PROOF_YEARS,
        }

    def moment(self, at: datetime) -> dict[str, object]:
        """Return a day and a time of this installation."""
        local = at.astimezone(self.zone)
        return {"date": f"{local:%d.%m.%Y}", "time": f"{local:%H:%M}"}

    def day(self, at: datetime) -> str:
        """Write a day of this installation."""
        return f"{at.astimezone(self.zone):%d.%m.%Y}"
