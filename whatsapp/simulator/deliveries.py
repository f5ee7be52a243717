"""What becomes of the messages that Meta accepted.

A message runs through a course of statuses that depends on the person, the
settings and the dice. Every step is recorded first and then reported.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from whatsapp.simulator import identifiers
from whatsapp.simulator.chats import Chats
from whatsapp.simulator.clock import Moment
from whatsapp.simulator.envelopes import Update
from whatsapp.simulator.errors import GraphError, webhook_error
from whatsapp.simulator.media import kind_of
from whatsapp.simulator.outbox import Outbox
from whatsapp.simulator.people import People
from whatsapp.simulator.records import Message, Person, Status
from whatsapp.simulator.rules.outgoing import Outgoing
from whatsapp.simulator.world import World

UNREACHABLE, WINDOW_CLOSED, STOPPED_MARKETING, BAD_MEDIA = 131026, 131047, 131050, 131053
REASONS = {
    UNREACHABLE: "Message undeliverable.",
    WINDOW_CLOSED: "More than 24 hours have passed since the customer last replied to this number.",
    STOPPED_MARKETING: "The customer has stopped marketing messages from this business.",
    BAD_MEDIA: "The file does not suit the type of the message.",
}
OVERTAKING = 2.0  # seconds that an answer waits at most for the webhook that is to overtake it
SEEN = "seen"  # read by somebody without read receipts: nobody is told


class Event(NamedTuple):
    """Something that is going to happen to a message, so long after what happens before."""

    status: str
    after_seconds: float
    code: int = 0


class Deliveries:
    """Accepts messages and lets them take their course."""

    def __init__(self, world: World, *, people: People, chats: Chats, outbox: Outbox) -> None:
        self._world = world
        self._people = people
        self._chats = chats
        self._outbox = outbox
        self._service_messages: Counter[str] = Counter()  # by month, for the free ones
        self.index()

    def index(self) -> None:
        """Count again, after the memory was loaded or cleared."""
        self._service_messages.clear()
        for message in self._world.store.messages:
            if not message.from_person and message.category == "service":
                self._service_messages[_month(message.at)] += 1

    def accept(self, wanted: Outgoing, *, person: Person) -> Message:
        """Record a message; from here on it counts as sent by the business."""
        now = self._world.now()
        if wanted.to and person.hides_phone:
            self._people.change(person, addressed_by_phone_at=now)
        template = wanted.template
        category = template.category.lower() if template else "service"
        message = Message(
            id=identifiers.wamid(user=person.phone if wanted.to else person.user_id, outgoing=True),
            seq=self._chats.next_seq(),
            person_id=person.id,
            phone=person.phone,
            from_person=False,
            type=wanted.type,
            at=now,
            content=wanted.content,
            category=category,
            billable=self._is_billable(category, person, now=now),
            token=wanted.token,
            template=template.name if template else None,
            language=template.language if template else None,
            reply_to=wanted.reply_to,
        )
        self._world.counts["messages accepted"] += 1
        return self._chats.add(message)

    def start(self, message: Message, *, person: Person, after_seconds: float, code: int) -> None:
        """Let a message take its course, which ends with `code` if that is not 0."""
        events = self._course(message, person, code or self._obstacle(message, person))
        self._continue(message, person, events, after_seconds=after_seconds)

    async def start_now(self, message: Message, *, person: Person, code: int) -> None:
        """Report the first status, wait until somebody has heard of it, then go on."""
        first, *events = self._course(message, person, code or self._obstacle(message, person))
        self._record(message, first)
        report = self._report(message, person, message.statuses[-1])
        await self._outbox.put_now(report, patience_seconds=OVERTAKING)
        self._continue(message, person, events, after_seconds=0)

    def resume(self) -> None:
        """Go on with what was interrupted by the end of the last life."""
        for message in self._world.store.messages:
            person = self._world.store.people.get(message.person_id)
            happened = [status["status"] for status in message.statuses]
            if message.from_person or not person or happened not in ([], ["sent"]):
                continue
            course = self._course(message, person, self._obstacle(message, person))
            events = [event for event in course if event.status not in happened]
            self._continue(message, person, events, after_seconds=0)

    def read(self, person: Person) -> None:
        """The person opens the chat and sees everything in it."""
        for message in self._chats.visible(person):
            if not message.from_person and message.seen_at is None:
                self._happen(message, person, Event("read" if person.read_receipts else SEEN, 0))

    def acknowledge_read(self, message_id: str) -> None:
        """The business has read up to this message of a person. Raises GraphError."""
        latest = self._chats.get(message_id)
        person = self._world.store.people.get(latest.person_id) if latest else None
        if not latest or not person or not latest.from_person:
            raise GraphError(131009, "Parameter message_id is not the id of a received message.")
        for message in self._chats.of(person):
            if message.from_person and message.seq <= latest.seq and message.ticks != "read":
                self._chats.change(message, ticks="read")

    def _obstacle(self, message: Message, person: Person) -> int:
        """Return the code that keeps the message from the person, or 0."""
        media = message.content.get("media", {})
        if not person.reachable:
            return UNREACHABLE
        if message.type != "template" and not person.has_open_window(now=self._world.now()):
            return WINDOW_CLOSED
        if message.category == "marketing" and person.marketing_stopped:
            return STOPPED_MARKETING
        if "id" in media and kind_of(media["mime_type"]) != media["kind"]:
            return BAD_MEDIA
        return 0

    def _course(self, message: Message, person: Person, code: int) -> list[Event]:
        """Return what is going to happen, decided by the dice for this person's nth message."""
        settings = self._world.settings
        ours = [other for other in self._chats.of(person) if not other.from_person]
        rng = self._world.dice.stream("course", person.phone, ours.index(message))
        sent = Event("sent", settings.sent_delay.draw(rng))
        delivered = Event("delivered", settings.delivered_delay.draw(rng))
        read = Event("read" if person.read_receipts else SEEN, settings.read_delay.draw(rng))
        late, expires, reads, skips = (rng.random() for _ in range(4))
        if code:
            return [Event("failed", sent.after_seconds, code)]
        if late < settings.delivered_after_failed_share:
            return [sent, Event("failed", delivered.after_seconds, UNREACHABLE), delivered]
        if expires < settings.expiry_share:
            return [sent]
        if person.by_hand or reads >= settings.read_share:
            return [sent, delivered]
        if skips < settings.read_without_delivered_share and read.status != SEEN:
            return [sent, read]
        return [sent, delivered, read]

    def _continue(
        self, message: Message, person: Person, events: Iterable[Event], *, after_seconds: float
    ) -> None:
        def next_one(event: Event) -> None:
            self._happen(message, person, event)
            self._continue(message, person, rest, after_seconds=0)

        rest = list(events)
        if rest:
            event = rest.pop(0)
            seconds = after_seconds + event.after_seconds
            self._world.work.after(seconds, partial(next_one, event), kind="statuses")

    def _happen(self, message: Message, person: Person, event: Event) -> None:
        if event.status in [status["status"] for status in message.statuses]:
            return  # a human at the phone page was faster than the dice
        if self._chats.get(message.id) is None:
            return  # forgotten by a reset
        self._record(message, event)
        if event.status != SEEN:
            self._outbox.put(self._report(message, person, message.statuses[-1]))

    def _record(self, message: Message, event: Event) -> None:
        now = self._world.now()
        changes: dict[str, Any] = {}
        if event.status in ("delivered", "read") and message.arrived_at is None:
            changes["arrived_at"] = now
            self._show_reaction(message)
        if event.status in ("read", SEEN):
            changes["seen_at"] = now
        if event.status != SEEN:
            status = Status(status=event.status, at=now)
            if event.code:
                status["code"] = event.code
            changes["statuses"] = [*message.statuses, status]
            self._world.counts[f"statuses {event.status}"] += 1
        self._chats.change(message, **changes)

    def _show_reaction(self, message: Message) -> None:
        target = self._chats.get(message.content.get("target"))
        if target and target.person_id == message.person_id:
            self._chats.change(target, reaction=message.content.get("emoji", ""))

    def _report(self, message: Message, person: Person, status: Status) -> Update:
        now = self._world.now()
        item: dict[str, Any] = {
            "id": message.id,
            "status": status["status"],
            "timestamp": str(int(status["at"])),
            "recipient_user_id": person.user_id,
        }
        if self._people.phone_is_shown(person, now=now):
            item["recipient_id"] = person.phone
        if message.token is not None:
            item["biz_opaque_callback_data"] = message.token
        if pricing := self._pricing(message, status["status"]):
            item["pricing"] = pricing
        code = status.get("code")
        if code:
            item["errors"] = [webhook_error(code, REASONS.get(code, "Failed as ordered."))]
        contact = None if code else self._people.contact(person, now=now)
        return Update(person.id, "messages", item, part="statuses", contact=contact)

    def _pricing(self, message: Message, status: str) -> dict[str, Any] | None:
        """Return the price tag: on `sent`, and on the first sign that it arrived."""
        happened = [entry["status"] for entry in message.statuses]
        if status == "failed" or (status == "read" and "delivered" in happened):
            return None
        kind = "regular" if message.billable else "free_customer_service"
        return {
            "billable": message.billable,
            "pricing_model": "PMP",
            "type": kind,
            "category": message.category,
        }

    def _is_billable(self, category: str, person: Person, *, now: Moment) -> bool:
        settings = self._world.settings
        if category == "service":
            self._service_messages[_month(now)] += 1
            return self._service_messages[_month(now)] > settings.free_service_messages
        in_window = person.has_open_window(now=now)
        return not (category == "utility" and in_window and settings.utility_free_in_window)


def _month(moment: Moment) -> str:
    return f"{datetime.fromtimestamp(moment, tz=UTC):%Y-%m}"
