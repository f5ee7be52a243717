"""What people say in a webhook, acted on: each element for itself, each message once."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from campaigns import composing, patience, phone_tests, reading, replies
from campaigns.inbox import letters
from campaigns.inbox.desk import Desk, Said
from campaigns.models import SeenMessage
from subscribers import consent, identities, moves, phones
from subscribers.consent import Act
from subscribers.conversation import Heard
from subscribers.identities import Address
from subscribers.models import ConsentEvent
from subscribers.understanding import Intent
from subscribers.vault import Vault
from whatsapp import events
from whatsapp.events import InboundMessage, MarketingPreference

logger = logging.getLogger(__name__)

# Whoever says this is not told by our 200 that it counts before it does.
LEAVING = {Intent.STOP, Intent.ERASE_CONFIRMED}


@dataclass(slots=True)
class Outcome:
    """What came of listening."""

    replied: bool = False
    failed: bool = False
    lost_withdrawal: bool = False  # one that failed said STOP, or yes to being erased


def hear(said: Iterable[Said], *, desk: Desk, now: datetime) -> Outcome:
    """Act on every message and preference; whatever goes wrong stays with its element."""
    outcome = Outcome()
    for event in said:
        try:
            with transaction.atomic():
                outcome.replied |= _hear(event, desk=desk, now=now)
        except Exception as trouble:  # the other elements, a STOP among them, must count
            if patience.is_outage(trouble):
                raise  # it is not this element: all of it again, later
            logger.exception("message could not be acted on")
            outcome.failed = True
            outcome.lost_withdrawal |= _is_withdrawal(event)
    return outcome


def _hear(event: Said, *, desk: Desk, now: datetime) -> bool:
    """Act on one element; tell whether that makes us reply."""
    address = Address(phone=event.sender.phone, user_id=event.sender.user_id)
    if isinstance(event, MarketingPreference):
        _take_preference(event, address, vault=desk.vault, now=now)
        return False
    if isinstance(event.content, events.IdentityChange):
        return _take_new_address(event, event.content, address, desk=desk, now=now)
    heard = _heard(event, vault=desk.vault)
    if (
        heard is None
        or not address.parts()
        or not _is_first_time(event, heard, vault=desk.vault, now=now)
    ):
        return False
    if phones.is_code(heard.text):  # right or wrong: it is no word to us, and makes nobody known
        phones.connect(heard.text, address, vault=desk.vault, now=now)
        return False
    if test := composing.tapped_test(heard.button_id):
        return phone_tests.read(test, now=now)
    subscriber = identities.find_or_add(address, at=event.at, vault=desk.vault, now=now)
    to_read = composing.broadcast_to_read(heard.button_id)
    if to_read is not None:
        reading.answer(subscriber, to_read, conversation=desk.conversation, now=now)
        return True
    says = desk.conversation.answer(subscriber, heard, now=now)
    if letters.is_one(heard, subscriber, says):
        says = letters.answer(event, subscriber, desk=desk, now=now)
    replies.queue(subscriber, says, now=now)
    return bool(says)


def _take_preference(
    event: MarketingPreference, address: Address, *, vault: Vault, now: datetime
) -> None:
    """Meta's own “stop” ends the subscription like ours; its “resume” begins none."""
    subscriber = identities.find(address, vault=vault)
    if subscriber and event.value == "stop":
        act = Act(by=ConsentEvent.Act.META, at=event.at)
        consent.withdraw(subscriber.pk, act=act, now=now)


def _take_new_address(
    event: InboundMessage, change: events.IdentityChange, old: Address, *, desk: Desk, now: datetime
) -> bool:
    """A new number or user id: nothing is inherited, they are asked again."""
    asked = moves.hold_and_ask(
        Address(phone=old.phone, user_id=change.previous_user_id or old.user_id),
        Address(phone=change.phone, user_id=change.user_id),
        act=Act(
            by=ConsentEvent.Act.META,
            at=event.at,
            message_hash=desk.vault.message_hash(event.wamid),
        ),
        speaker=desk.conversation.speaker,
        vault=desk.vault,
        now=now,
    )
    if asked is None:
        return False
    newcomer, says = asked
    replies.queue(newcomer, says, now=now)
    return bool(says)


def _is_first_time(message: InboundMessage, heard: Heard, *, vault: Vault, now: datetime) -> bool:
    # It may have come before the key of the hashes changed.
    known = vault.message_hashes(message.wamid)
    if SeenMessage.objects.filter(message_hash__in=known).exists():
        return False
    _seen, is_new = SeenMessage.objects.get_or_create(
        message_hash=heard.message_hash, defaults={"seen_at": now}
    )
    return is_new


def _heard(message: InboundMessage, *, vault: Vault) -> Heard | None:
    """Translate a message for the conversation; None for what is no utterance to us."""
    text, button_id = "", ""
    match message.content:
        case events.Reaction() | events.MessageChange() | events.IdentityChange():
            return None
        case events.Text(body=body):
            text = body
        case events.Media(caption=caption):
            text = caption
        case events.Tap(payload=payload):
            button_id = payload
        case events.Choice(id=choice):
            button_id = choice
        case _:  # location, contacts, kinds of tomorrow: answered, never read
            pass
    return Heard(
        at=message.at,
        message_hash=vault.message_hash(message.wamid),
        text=text,
        button_id=button_id,
    )


def _is_withdrawal(event: Said) -> bool:
    if isinstance(event, MarketingPreference):
        return event.value == "stop"
    match event.content:
        case events.Text(body=text) | events.Media(caption=text):
            return Heard(at=event.at, message_hash=b"", text=text).intent in LEAVING
        case events.Tap(payload=button_id) | events.Choice(id=button_id):
            heard = Heard(at=event.at, message_hash=b"", button_id=button_id)
            return heard.intent in LEAVING | {Intent.REFUSE}  # which ends a subscription, too
    return False
