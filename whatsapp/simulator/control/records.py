"""Control: templates, and the ledger of everything that Meta has accepted."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from whatsapp.simulator.catalogue import Catalogue
from whatsapp.simulator.control.orders import Answer, NotThereError, Order
from whatsapp.simulator.knobs import one_of, read, text
from whatsapp.simulator.records import Message, Template, plain_text
from whatsapp.simulator.rules.definition import CATEGORIES


@dataclass(frozen=True)
class Opinion:
    """What Meta thinks of a template from now on; None is no change."""

    status: Annotated[str | None, one_of("APPROVED", "REJECTED", "PAUSED", "DISABLED")] = None
    reason: Annotated[str, text] = "INVALID_FORMAT"  # of a rejection
    category: Annotated[str | None, one_of(*CATEGORIES)] = None
    quality: Annotated[str | None, one_of("GREEN", "YELLOW", "RED", "UNKNOWN")] = None


async def list_templates(order: Order) -> Answer:
    return {"templates": [vars(template) for template in order.platform.catalogue]}


async def change_template(order: Order) -> Answer:
    """Let Meta change its mind about a template, or all languages of a name."""
    opinion, catalogue = read(Opinion, order.body), order.platform.catalogue
    reference = order.part("template")
    found = catalogue.get(reference)
    templates = [found] if found else catalogue.named(reference)
    if not templates:
        raise NotThereError(f"there is no template {reference}")
    for template in templates:
        _judge(catalogue, template, opinion)
    return {"templates": [vars(template) for template in templates]}


def _judge(catalogue: Catalogue, template: Template, opinion: Opinion) -> None:
    if opinion.category and opinion.category != template.category:
        catalogue.recategorise(template, category=opinion.category)
    if opinion.quality and opinion.quality != template.quality:
        catalogue.rate(template, quality=opinion.quality)
    match opinion.status:
        case "APPROVED" if template.status == "PAUSED":
            catalogue.unpause(template)
        case "APPROVED":
            catalogue.approve(template)
        case "REJECTED":
            catalogue.reject(template, reason=opinion.reason)
        case "PAUSED":
            catalogue.pause(template)
        case "DISABLED":
            catalogue.disable(template)


async def ledger(order: Order) -> Answer:
    """Answer with the accepted messages in the order of their acceptance."""
    return {"messages": [_entry(order, message) for message in _accepted(order)]}


async def count_ledger(order: Order) -> Answer:
    """Count the accepted messages; a token that counts twice was sent twice."""
    tokens: Counter[str] = Counter()
    phones: Counter[str] = Counter()
    templates: Counter[str] = Counter()
    for message in _accepted(order):
        tokens[message.token or ""] += 1
        phones[f"+{message.phone}"] += 1
        templates[message.template or ""] += 1
    return {
        "messages": phones.total(),
        "by_token": tokens,
        "by_phone": phones,
        "by_template": templates,
        "repeated_tokens": {token: n for token, n in tokens.items() if token and n > 1},
    }


# name in the query -> what it has to be equal to
_FILTERS: dict[str, Callable[[Message], str | None]] = {
    "template": lambda message: message.template,
    "token": lambda message: message.token,
    "type": lambda message: message.type,
}


def _accepted(order: Order) -> Iterator[Message]:
    """Yield the messages of the business that the query asks for."""
    after = order.number("after", default=0)
    wanted = {name: order.query(name) for name in _FILTERS if order.query(name)}
    person = order.platform.people.find(order.query("person")) if order.query("person") else None
    if order.query("person") and not person:
        raise NotThereError(f"there is no person {order.query('person')}")
    for message in order.platform.world.store.messages:
        if message.from_person or message.seq <= after:
            continue
        if person and message.person_id != person.id:
            continue
        if all(_FILTERS[name](message) == value for name, value in wanted.items()):
            yield message


def _entry(order: Order, message: Message) -> Answer:
    person = order.platform.world.store.people.get(message.person_id)
    return {
        "seq": message.seq,
        "id": message.id,
        "person": person.name if person else "",
        "person_id": message.person_id,
        "phone": f"+{message.phone}",
        "token": message.token,
        "type": message.type,
        "template": message.template,
        "language": message.language,
        "category": message.category,
        "billable": message.billable,
        "reply_to": message.reply_to,
        "accepted_at": message.at,
        "statuses": message.statuses,
        "text": plain_text(message.content),
        "content": message.content,
    }
