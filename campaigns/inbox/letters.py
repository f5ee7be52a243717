"""What people write to the desk in their own words: kept in a thread, or refused in kind words."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.inbox.desk import Desk
from campaigns.models import Attempt
from subscribers import threads
from subscribers.conversation import Heard
from subscribers.models import Subscriber
from subscribers.models.threads import ABOUT_MAX
from subscribers.threads import Letter
from subscribers.understanding import Intent
from subscribers.vault import Vault
from subscribers.wording import Say
from whatsapp import events
from whatsapp.events import InboundMessage


def is_one(heard: Heard, subscriber: Subscriber, says: Sequence[Say]) -> bool:
    """Tell whether a subscriber wrote something for which there was nothing to say but help.

    So every word that means something keeps its meaning, and whoever is asked for consent, or
    has left, is no pen friend.
    """
    is_unclear = heard.intent is Intent.UNCLEAR and not heard.button_id
    is_at_a_loss = bool(says) and all(say.purpose == "help" for say in says)
    return is_unclear and is_at_a_loss and subscriber.tier_id is not None


def answer(
    message: InboundMessage, subscriber: Subscriber, *, desk: Desk, now: datetime
) -> list[Say]:
    """Take in a letter; return what has not been said to its author of late."""
    text = message.content.body if isinstance(message.content, events.Text) else None
    about = _headline(message.reply_to, vault=desk.vault) if message.reply_to else ""
    letter = Letter(text=text, about=about, at=message.at)
    fate = threads.take_in(subscriber, letter, vault=desk.vault, now=now)
    if not threads.is_news(subscriber, fate, now=now):
        return []
    return [desk.conversation.say(subscriber, fate)]


def _headline(message_id: str, *, vault: Vault) -> str:
    """Return the first words of the broadcast that a message of ours belonged to, or ""."""
    attempts = Attempt.objects.filter(message_hash__in=vault.message_hashes(message_id))
    attempt = attempts.select_related("delivery__broadcast__message__category__template").first()
    if attempt is None:
        return ""
    return attempt.delivery.broadcast.message.headline[:ABOUT_MAX]
