"""The whole simulated platform: every part, wired together once."""

from pathlib import Path
from tempfile import TemporaryDirectory

from whatsapp.simulator import identifiers
from whatsapp.simulator.account import Account
from whatsapp.simulator.catalogue import Catalogue
from whatsapp.simulator.chats import Chats
from whatsapp.simulator.clock import Clock
from whatsapp.simulator.deliveries import Deliveries
from whatsapp.simulator.errors import GraphError, invalid
from whatsapp.simulator.faults import Faults
from whatsapp.simulator.journal import Journal
from whatsapp.simulator.limits import Limits
from whatsapp.simulator.media import MediaShelf
from whatsapp.simulator.outbox import Outbox
from whatsapp.simulator.people import People
from whatsapp.simulator.phones import Phones
from whatsapp.simulator.records import MediaFile, Person, Template
from whatsapp.simulator.rules.outgoing import Outgoing
from whatsapp.simulator.scripts import Scripts
from whatsapp.simulator.settings import Settings
from whatsapp.simulator.store import Store
from whatsapp.simulator.world import World


class Platform:
    """What the web server talks to. With `data` it remembers its earlier lives."""

    def __init__(
        self, *, account: Account, settings: Settings, data: Path | None, clock: Clock
    ) -> None:
        self._journal = Journal(data)
        store = Store(self._journal)
        self._temporary = TemporaryDirectory(prefix="whatsapp-simulator-")
        folder = Path(f"{data}.media") if data else Path(self._temporary.name)
        world = World(account=account, settings=settings, store=store, clock=clock)
        self.world = world
        self.people = People(world)
        self.chats = Chats(world)
        self.media_shelf = MediaShelf(world, folder=folder)
        self.outbox = Outbox(world, on_acknowledged=self.chats.acknowledge)
        self.catalogue = Catalogue(world, outbox=self.outbox)
        self.deliveries = Deliveries(
            world, people=self.people, chats=self.chats, outbox=self.outbox
        )
        self.phones = Phones(
            world,
            people=self.people,
            chats=self.chats,
            media=self.media_shelf,
            outbox=self.outbox,
        )
        self.scripts = Scripts(
            world,
            people=self.people,
            chats=self.chats,
            deliveries=self.deliveries,
            phones=self.phones,
        )
        self.limits = Limits(world)
        self.faults = Faults(world)

    async def start(self) -> None:
        """Begin to act; needs a running event loop."""
        await self.outbox.start()
        self.catalogue.resume()
        self.deliveries.resume()
        self.scripts.resume()

    async def stop(self) -> None:
        await self._stand_still()
        self.close()

    def close(self) -> None:
        """Let go of the files; enough for a platform that was never started."""
        self._journal.close()
        self._temporary.cleanup()

    async def reset(self) -> None:
        """Forget everything and begin again with the settings of the start."""
        await self._stand_still()
        self.world.forget()
        self.faults.clear()
        self.limits.clear()
        self.media_shelf.clear()
        self.people.index()
        self.chats.index()
        self.deliveries.index()
        await self.outbox.start()

    def media(self, media_id: str) -> MediaFile | None:
        return self.media_shelf.get(media_id)

    def template(self, name: str, language: str) -> Template:
        """Return a template that can be sent. Raises GraphError."""
        return self.catalogue.sendable(name, language)

    def addressee(self, wanted: Outgoing) -> Person:
        """Return whom a message is for; a number always wins. Raises GraphError."""
        if wanted.to:
            return self._at_number(wanted.to)
        address = wanted.recipient or ""
        person = self.people.at(address) if identifiers.USER_ID.fullmatch(address) else None
        if not person:
            raise invalid("recipient", "is not the user id of anybody in this portfolio")
        return person

    def _at_number(self, number: str) -> Person:
        phone = identifiers.normalise_phone(number, country_code=self.world.account.country_code)
        if not phone:
            raise GraphError(131009, "The recipient in parameter to is not a phone number.")
        if phone == self.world.account.phone:
            raise GraphError(131021, "Sender and recipient phone number is the same.")
        allowed = self.world.settings.allowed_recipients
        if allowed is not None and phone not in allowed:
            raise GraphError(131030, "Recipient phone number not in allowed list.")
        return self.people.at(phone) or self.people.stranger(phone)

    async def _stand_still(self) -> None:
        """End what is under way and cancel what was planned."""
        await self.scripts.stop()
        await self.outbox.stop()
        self.world.work.clear()
