"""What was said between the business and each person, and what can be tapped in it."""

from collections import defaultdict
from typing import NamedTuple

from whatsapp.simulator.records import Button, Message, Person, buttons_of
from whatsapp.simulator.world import World


class Offer(NamedTuple):
    """A button in front of a person, and the message it stands under."""

    message: Message
    button: Button


class Chats:
    """All messages, by person, in the order in which they were accepted."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_person: dict[str, list[Message]] = defaultdict(list)
        self._last_seq = 0
        self.index()

    def index(self) -> None:
        """Look through the memory again, after it was loaded or cleared."""
        self._by_person.clear()
        self._last_seq = 0
        for message in self._world.store.messages:
            self._remember(message)

    def next_seq(self) -> int:
        return self._last_seq + 1

    def add(self, message: Message) -> Message:
        self._remember(self._world.store.messages.add(message))
        self._world.feed.touch(message.person_id)
        return message

    def change(self, message: Message, **fields: object) -> None:
        self._world.store.messages.change(message, **fields)
        self._world.feed.touch(message.person_id)

    def acknowledge(self, message_id: str | None) -> None:
        """The business has got a person's message: its second tick appears."""
        message = self.get(message_id)
        if message and message.ticks == "sent":
            self.change(message, ticks="delivered")

    def get(self, message_id: str | None) -> Message | None:
        return self._world.store.messages.get(message_id)

    def of(self, person: Person) -> list[Message]:
        """Return everything that was accepted, arrived or not."""
        return self._by_person[person.id]

    def visible(self, person: Person) -> list[Message]:
        """Return what the person's phone shows, in the order in which it shows it."""
        shown = [message for message in self.of(person) if is_visible(message)]
        return sorted(shown, key=lambda message: message.arrived_at or message.at)

    def unread(self, person: Person) -> int:
        return sum(
            is_visible(message) and not message.from_person and message.seen_at is None
            for message in self.of(person)
        )

    def find_button(
        self, person: Person, wanted: str, *, message_id: str | None = None, fresh: bool = False
    ) -> Offer | None:
        """Find the newest button with this title or id, in any case of letters.

        With `fresh`, messages whose buttons the person has tapped do not count.
        """
        for message in reversed(self.visible(person)):
            if message.from_person or (message_id and message.id != message_id):
                continue
            if fresh and message.tapped is not None:
                continue
            for button in buttons_of(message.content):
                if wanted.casefold() in (button["title"].casefold(), button["id"].casefold()):
                    return Offer(message, button)
        return None

    def _remember(self, message: Message) -> None:
        self._by_person[message.person_id].append(message)
        self._last_seq = max(self._last_seq, message.seq)


def is_visible(message: Message) -> bool:
    """Whether the message is a bubble on the person's phone by now."""
    if message.type == "reaction":
        return False
    return message.from_person or message.arrived_at is not None
