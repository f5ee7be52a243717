"""What the inbox works with, and a body taken out of its envelope."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from subscribers.conversation import Conversation
from subscribers.vault import Vault
from whatsapp.events import (
    Event,
    InboundMessage,
    MalformedWebhook,
    MarketingPreference,
    StatusUpdate,
    parse,
)

logger = logging.getLogger(__name__)

Said = InboundMessage | MarketingPreference


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the inbox works with. Built once per process, at the edge."""

    phone_number_id: str  # ours; news about other numbers are not for us
    vault: Vault
    conversation: Conversation = field(repr=False)


@dataclass(frozen=True, slots=True)
class News:
    """What one body says to us."""

    events: Sequence[Event] = ()
    is_malformed: bool = False

    @property
    def said(self) -> list[Said]:
        """What people say."""
        return [event for event in self.events if isinstance(event, Said)]

    @property
    def updates(self) -> list[StatusUpdate]:
        """What became of our messages."""
        return [event for event in self.events if isinstance(event, StatusUpdate)]

    @property
    def is_over_once_heard(self) -> bool:
        """Tell whether there is nothing in it for a worker to apply."""
        return all(isinstance(event, InboundMessage) for event in self.events)


def read(body: bytes, *, desk: Desk) -> News:
    """Read a body; what is broken in it, or about a number that is not ours, is left out."""
    try:
        webhook = parse(body)
    except MalformedWebhook as malformed:
        logger.error("webhook is not readable", extra={"reason": malformed.reason})
        return News(is_malformed=True)
    for problem in webhook.problems:
        logger.warning("part of a webhook is not readable", extra={"reason": problem.why})
    return News([event for event in webhook.events if _is_ours(event, desk=desk)])


def next_try(tries: int, *, now: datetime) -> datetime:
    """When to try a body again in which something has failed so many times."""
    return now + timedelta(seconds=10 * 2**tries)


def _is_ours(event: Event, *, desk: Desk) -> bool:
    number = event.origin.phone_number_id
    if number is None or number == desk.phone_number_id:
        return True
    logger.warning("webhook about a number that is not ours")
    return False
