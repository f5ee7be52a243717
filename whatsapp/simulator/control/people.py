"""Control: the simulated people and what they do."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from whatsapp.simulator import knobs
from whatsapp.simulator.control.orders import Answer, Order
from whatsapp.simulator.knobs import WrongValueError
from whatsapp.simulator.people import NewPerson, steps, username_for
from whatsapp.simulator.platform import Platform
from whatsapp.simulator.records import Message, Person, Step, plain_text

CAPTION = 1024  # characters


@dataclass(frozen=True)
class Words:
    text: Annotated[str, knobs.words]
    reply_to: Annotated[str | None, knobs.or_none(knobs.text)] = None


@dataclass(frozen=True)
class Tap:
    button: Annotated[str, knobs.text]
    message_id: Annotated[str | None, knobs.or_none(knobs.text)] = None
    with_context: Annotated[bool, knobs.flag] = True  # Meta now and then forgets what was tapped


@dataclass(frozen=True)
class Steps:
    steps: Annotated[list[Step], steps]


@dataclass(frozen=True)
class Changes:
    """What can be changed about a person; None is no change."""

    name: Annotated[str | None, knobs.text] = None
    phone: Annotated[str | None, knobs.phone] = None
    username: Annotated[str | None, knobs.text] = None
    hides_phone: Annotated[bool | None, knobs.flag] = None
    reachable: Annotated[bool | None, knobs.flag] = None
    read_receipts: Annotated[bool | None, knobs.flag] = None
    by_hand: Annotated[bool | None, knobs.flag] = None
    marketing: Annotated[str | None, knobs.one_of("stop", "resume")] = None


async def list_all(order: Order) -> Answer:
    with_chat = order.query("chat") == "true"
    everybody = order.platform.world.store.people
    return {"people": [_view(order.platform, one, with_chat=with_chat) for one in everybody]}


async def create(order: Order) -> Answer:
    """Give many people phones, all or nobody, and start their scripts."""
    platform = order.platform
    people = [platform.people.add(new) for new in _read_people(order)]
    for person in people:
        platform.scripts.run(person)
    return {"people": [_view(platform, person) for person in people]}


async def show(order: Order) -> Answer:
    return _view(order.platform, order.person(), with_chat=True)


async def change(order: Order) -> Answer:
    """Change a person; a new number and a new mind about marketing reach the business."""
    person, platform = order.person(), order.platform
    wanted = {
        name: value
        for name, value in asdict(knobs.read(Changes, order.body)).items()
        if value is not None
    }
    number, marketing = wanted.pop("phone", None), wanted.pop("marketing", None)
    if number:
        platform.phones.change_number(person, number)
    if wanted.get("hides_phone") and not person.username:
        wanted.setdefault("username", username_for(number or person.phone))
    if wanted:
        platform.people.change(person, **wanted)
    if marketing:
        platform.phones.prefer(person, marketing)
    return _view(platform, person)


async def say(order: Order) -> Answer:
    said = knobs.read(Words, order.body)
    return _sent(order.platform.phones.say(order.person(), said.text, reply_to=said.reply_to))


async def tap(order: Order) -> Answer:
    wanted = knobs.read(Tap, order.body)
    message = order.platform.phones.tap(
        order.person(),
        wanted.button,
        message_id=wanted.message_id,
        with_context=wanted.with_context,
    )
    return _sent(message)


async def extend_script(order: Order) -> Answer:
    person = order.person()
    order.platform.scripts.extend(person, knobs.read(Steps, order.body).steps)
    return _view(order.platform, person)


async def read_chat(order: Order) -> Answer:
    person = order.person()
    order.platform.deliveries.read(person)
    return _view(order.platform, person, with_chat=True)


async def send_file(order: Order) -> Answer:
    message = order.platform.phones.send(
        order.person(),
        await order.request.read(),
        mime_type=order.request.content_type,
        caption=order.query("caption")[:CAPTION],
        filename=order.query("filename"),
    )
    return _sent(message)


def _read_people(order: Order) -> list[NewPerson]:
    """Return the people in the body. Raises WrongValueError if one of them cannot be."""
    entries = order.body.get("people")
    if not isinstance(entries, list) or set(order.body) != {"people"}:
        raise WrongValueError("expected a list, and nothing else", field="people")
    found: dict[str, NewPerson] = {}
    for index, entry in enumerate(entries):
        try:
            new = NewPerson.read(entry)
            order.platform.people.check_free(new.phone)
            if new.phone in found:
                raise WrongValueError("is in the list twice", field="phone")
        except WrongValueError as error:
            raise error.inside(f"people[{index}]") from error
        found[new.phone] = new
    return list(found.values())


def _view(platform: Platform, person: Person, *, with_chat: bool = False) -> Answer:
    view: Answer = vars(person) | {
        "phone": f"+{person.phone}",
        "former_phones": [f"+{number}" for number in person.former_phones],
        "unread": platform.chats.unread(person),
    }
    if with_chat:
        view["chat"] = [_bubble(message) for message in platform.chats.visible(person)]
    return view


def _bubble(message: Message) -> dict[str, Any]:
    """Return one message as the person's phone shows it."""
    return {
        "id": message.id,
        "from": "person" if message.from_person else "business",
        "type": message.type,
        "text": plain_text(message.content),
        "content": message.content,
        "template": message.template,
        "reply_to": message.reply_to,
        "tapped": message.tapped,
        "reaction": message.reaction,
        "at": message.at,
        "arrived_at": message.arrived_at,
        "seen_at": message.seen_at,
        "ticks": message.ticks if message.from_person else None,
    }


def _sent(message: Message) -> Answer:
    return {"id": message.id, "at": message.at}
