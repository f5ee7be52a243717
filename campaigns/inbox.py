"""Webhooks: stored once, what people say acted on at once, statuses applied afterwards.

What this module promises:

* A body is kept, sealed, before we answer 200, and until everything in it has been applied.
* A STOP counts before we answer 200. If it cannot be honoured, we do not answer 200.
* One poisoned element never blocks its neighbours; it is tried again and then put aside.
* The same body or message may come any number of times.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from campaigns import allowance, failpoints, replies, statuses, templates_sync
from campaigns.models import InboxEntry, SeenMessage
from subscribers import consent, identities
from subscribers.consent import Act
from subscribers.conversation import Conversation, Heard
from subscribers.identities import Address
from subscribers.models import ConsentEvent
from subscribers.understanding import Intent
from subscribers.vault import Vault
from whatsapp import events
from whatsapp.events import InboundMessage, MarketingPreference, StatusUpdate

logger = logging.getLogger(__name__)

State = InboxEntry.State
KEEP_TRYING = timedelta(hours=24)  # a body is sealed and waits no longer than that
MAX_TRIES = 3  # of an element that raises, before the body is quarantined


class NotHonoured(Exception):
    """A withdrawal could not be recorded; Meta must send it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the inbox works with. Built once per process, at the edge."""

    phone_number_id: str  # ours; news about other numbers are not for us
    vault: Vault
    conversation: Conversation = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """What a webhook left to do: statuses to apply, replies to send."""

    statuses_wait: bool = False
    replies_wait: bool = False


def receive(body: bytes, *, desk: Desk, now: datetime) -> Received:
    """Store a webhook body whose signature is right, and act on what people say in it.

    Raises NotHonoured if it holds a STOP that could not be recorded.
    """
    with transaction.atomic():
        entry, is_new = InboxEntry.objects.get_or_create(
            body_hash=desk.vault.body_hash(body),
            defaults={"body": desk.vault.seal_body(body), "received_at": now, "not_before": now},
        )
        if not is_new and entry.state != State.RECEIVED:
            return Received()
        news = _Application(body, desk=desk, now=now)
        news.hear_people()
        news.finish(entry, may_wait=True)
        failpoints.reach(failpoints.WEBHOOK_STORED)
    if news.lost_withdrawal:
        raise NotHonoured
    return Received(statuses_wait=entry.state == State.RECEIVED, replies_wait=news.replied)


def apply_pending(*, desk: Desk, clock: Callable[[], datetime], limit: int) -> int:
    """Apply up to `limit` stored bodies completely; return how many that were."""
    for done in range(limit):
        if not _apply_next(desk=desk, now=clock()):
            return done
    return limit


@transaction.atomic
def _apply_next(*, desk: Desk, now: datetime) -> bool:
    waiting = InboxEntry.objects.filter(state=State.RECEIVED, not_before__lte=now)
    entry = waiting.select_for_update(skip_locked=True).order_by("not_before", "pk").first()
    if entry is None:
        return False
    assert entry.body is not None  # kept until applied
    news = _Application(desk.vault.open_body(bytes(entry.body)), desk=desk, now=now)
    # In this order: everybody locks deliveries before subscribers.
    news.apply_statuses(is_repeated=entry.tries > 0)
    failpoints.reach(failpoints.WEBHOOK_HALF_APPLIED)
    news.hear_people()
    news.finish(entry, may_wait=False)
    return True


class _Application:
    """One body being applied: what it says, and what could not be done."""

    def __init__(self, body: bytes, *, desk: Desk, now: datetime) -> None:
        self.desk, self.now = desk, now
        self.replied = self.lost_withdrawal = self.failed = self.is_malformed = False
        self.unmatched = 0
        try:
            webhook = events.parse(body)
        except events.MalformedWebhook as malformed:
            logger.error("webhook is not readable", extra={"reason": malformed.reason})
            webhook, self.is_malformed = events.Webhook(events=()), True
        for problem in webhook.problems:
            logger.warning("part of a webhook is not readable", extra={"reason": problem.why})
        self.news = [event for event in webhook.events if self._is_ours(event)]

    def hear_people(self) -> None:
        """Act on every message and preference, each for itself."""
        for event in self.news:
            if isinstance(event, InboundMessage | MarketingPreference):
                self._guarded(event)

    def apply_statuses(self, *, is_repeated: bool) -> None:
        """Apply statuses in bulk, and what Meta says about our templates."""
        updates = [event for event in self.news if isinstance(event, StatusUpdate)]
        self.unmatched = statuses.apply(
            updates, vault=self.desk.vault, now=self.now, is_repeated=is_repeated
        )
        for event in self.news:
            if isinstance(
                event, events.TemplateStatus | events.TemplateCategory | events.TemplateQuality
            ):
                templates_sync.take_news(event)
            elif isinstance(event, events.BusinessCapability | events.NumberQuality):
                allowance.note(event.daily_limit, now=self.now)

    def finish(self, entry: InboxEntry, *, may_wait: bool) -> None:
        """Note on the stored body how far it has got; erase it once everything is applied."""
        rest = [event for event in self.news if not isinstance(event, InboundMessage)]
        if self.is_malformed:
            entry.state = State.QUARANTINED
        elif self.failed:
            entry.tries += 1
            entry.not_before = self.now + timedelta(seconds=10 * 2**entry.tries)
            entry.state = State.QUARANTINED if entry.tries > MAX_TRIES else State.RECEIVED
        elif may_wait and rest:
            entry.state = State.RECEIVED
        elif self.unmatched and self.now < entry.received_at + KEEP_TRYING:
            entry.tries += 1
            entry.not_before = self.now + timedelta(seconds=5 * 2 ** min(entry.tries, 9))
        else:
            entry.state, entry.body = State.APPLIED, None
        entry.save(update_fields=["state", "body", "tries", "not_before"])

    def _is_ours(self, event: events.Event) -> bool:
        number = event.origin.phone_number_id
        if number is None or number == self.desk.phone_number_id:
            return True
        logger.warning("webhook about a number that is not ours")
        return False

    def _guarded(self, event: InboundMessage | MarketingPreference) -> None:
        """Act on one element; whatever goes wrong stays with it."""
        try:
            with transaction.atomic():
                self._hear(event)
        except Exception:  # the other elements, a STOP among them, must count
            logger.exception("message could not be acted on")
            self.failed = True
            self.lost_withdrawal = self.lost_withdrawal or _is_withdrawal(event)

    def _hear(self, event: InboundMessage | MarketingPreference) -> None:
        address = Address(phone=event.sender.phone, user_id=event.sender.user_id)
        if isinstance(event, MarketingPreference):
            self._take_preference(event, address)
            return
        heard = _heard(event, vault=self.desk.vault)
        if heard is None or not address.parts() or not self._is_first_time(event, heard):
            return
        subscriber = identities.find_or_add(
            address, at=event.at, vault=self.desk.vault, now=self.now
        )
        says = self.desk.conversation.answer(subscriber, heard, now=self.now)
        replies.queue(subscriber, says, now=self.now)
        self.replied = self.replied or bool(says)

    def _take_preference(self, event: MarketingPreference, address: Address) -> None:
        """Meta's own “stop” ends the subscription like ours; its “resume” begins none."""
        subscriber = identities.find(address, vault=self.desk.vault)
        if subscriber and event.value == "stop":
            act = Act(by=ConsentEvent.Act.META, at=event.at)
            consent.withdraw(subscriber.pk, act=act, now=self.now)

    def _is_first_time(self, message: InboundMessage, heard: Heard) -> bool:
        # It may have come before the key of the hashes changed.
        known = self.desk.vault.message_hashes(message.wamid)
        if SeenMessage.objects.filter(message_hash__in=known).exists():
            return False
        _seen, is_new = SeenMessage.objects.get_or_create(
            message_hash=heard.message_hash, defaults={"seen_at": self.now}
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


def _is_withdrawal(event: InboundMessage | MarketingPreference) -> bool:
    if isinstance(event, MarketingPreference):
        return event.value == "stop"
    match event.content:
        case events.Text(body=text) | events.Media(caption=text):
            return Heard(at=event.at, message_hash=b"", text=text).intent is Intent.STOP
        case events.Tap(payload=button_id) | events.Choice(id=button_id):
            heard = Heard(at=event.at, message_hash=b"", button_id=button_id)
            return heard.intent is Intent.STOP
    return False
