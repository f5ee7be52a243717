"""The simulated people: who they are and how they are found."""

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from whatsapp.simulator import identifiers
from whatsapp.simulator.clock import DAY, Moment
from whatsapp.simulator.knobs import WrongValueError, flag, phone, read, text
from whatsapp.simulator.records import Person, Step
from whatsapp.simulator.world import World

PHONE_IS_KNOWN_FOR = 30 * DAY  # after a message to or from the number, username or not
STEPS: dict[str, type | tuple[type, ...]] = {"say": str, "tap": str, "wait": (int, float)}


def steps(value: object) -> list[Step]:
    """Read the steps of a script. Raises ValueError."""
    if not isinstance(value, list) or not all(_is_step(step) for step in value):
        raise ValueError('expected steps such as {"say": "START"}, {"tap": "MINI"}, {"wait": 2}')
    return value


def _is_step(step: object) -> bool:
    if not isinstance(step, dict) or len(step) != 1:
        return False
    [(act, argument)] = step.items()
    return act in STEPS and isinstance(argument, STEPS[act]) and not isinstance(argument, bool)


def username_for(phone: str) -> str:
    """Return a username for somebody who hides their number and did not choose one."""
    return f"person.{phone[-4:]}"


@dataclass(frozen=True)
class NewPerson:
    """The description of a person, as the control API takes it."""

    name: Annotated[str, text]
    phone: Annotated[str, phone]
    script: Annotated[list[Step], steps] = field(default_factory=list)
    username: Annotated[str, text] = ""
    hides_phone: Annotated[bool, flag] = False
    reachable: Annotated[bool, flag] = True
    read_receipts: Annotated[bool, flag] = True
    by_hand: Annotated[bool, flag] = False

    @classmethod
    def read(cls, entry: object) -> "NewPerson":
        """Read a person from JSON. Raises WrongValueError."""
        return read(cls, entry)


class People:
    """Everybody with a phone, found by id, number or business-scoped user id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_address: dict[str, Person] = {}
        self._given_up: set[str] = set()  # numbers that people have left
        self.index()

    def index(self) -> None:
        """Look through the memory again, after it was loaded or cleared."""
        self._by_address.clear()
        self._given_up.clear()
        for person in self._world.store.people:
            self._remember(person)

    def at(self, address: str) -> Person | None:
        """Find somebody as Meta does: by number (digits) or by user id."""
        return self._by_address.get(address)

    def find(self, reference: str) -> Person | None:
        """Find somebody by our own id, by number, with or without plus, or by user id."""
        return self._world.store.people.get(reference) or self.at(reference.removeprefix("+"))

    def check_free(self, phone: str) -> None:
        """Raises WrongValueError if the number is taken."""
        if phone in self._by_address:
            raise WrongValueError(f"+{phone} belongs to somebody else", field="phone")

    def add(self, new: NewPerson) -> Person:
        """Give somebody a phone. Raises WrongValueError if the number is taken."""
        self.check_free(new.phone)
        described = asdict(new)
        if new.hides_phone and not new.username:
            described["username"] = username_for(new.phone)
        person = Person(
            id=str(len(self._world.store.people) + 1),
            user_id=self._user_id(new.phone),
            **described,
        )
        self._remember(self._world.store.people.add(person))
        self._world.feed.touch(person.id)
        return person

    def stranger(self, phone: str) -> Person:
        """Return the person behind a number that the business knows and we did not."""
        may_exist = self._world.settings.strangers == "reachable"
        reachable = may_exist and phone not in self._given_up
        return self.add(NewPerson(name=f"+{phone}", phone=phone, reachable=reachable))

    def change(self, person: Person, **fields: object) -> None:
        self._world.store.people.change(person, **fields)
        self._world.feed.touch(person.id)

    def move(self, person: Person, *, phone: str) -> None:
        """Give a person a new number. Raises WrongValueError if it is taken."""
        self.check_free(phone)
        former = [*person.former_phones, person.phone]
        self.change(person, phone=phone, user_id=self._user_id(phone), former_phones=former)
        self.index()

    def phone_is_shown(self, person: Person, *, now: Moment) -> bool:
        """Whether webhooks name the number, also of somebody who adopted a username."""
        known_at = person.addressed_by_phone_at
        return not person.hides_phone or (
            known_at is not None and now - known_at < PHONE_IS_KNOWN_FOR
        )

    def contact(self, person: Person, *, now: Moment) -> dict[str, Any]:
        """Return how webhooks introduce the person."""
        profile = {"name": person.name}
        if person.username:
            profile["username"] = person.username
        contact: dict[str, Any] = {"profile": profile, "user_id": person.user_id}
        if self.phone_is_shown(person, now=now):
            contact["wa_id"] = person.phone
        return contact

    def _remember(self, person: Person) -> None:
        self._by_address[person.phone] = person
        self._by_address[person.user_id] = person
        self._given_up.update(person.former_phones)

    def _user_id(self, phone: str) -> str:
        return identifiers.user_id(phone=phone, business=self._world.account.business_account_id)
