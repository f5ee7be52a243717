"""Control: the webhooks on their way to the business."""

from dataclasses import dataclass
from typing import Annotated, Any

from whatsapp.simulator.control.orders import Answer, Order
from whatsapp.simulator.envelopes import Update
from whatsapp.simulator.knobs import (
    WrongValueError,
    count,
    json_object,
    or_none,
    read,
    text,
    url,
    whole_numbers,
)
from whatsapp.simulator.outbox import Post


@dataclass(frozen=True)
class Address:
    url: Annotated[str, url]


@dataclass(frozen=True)
class Notice:
    """A webhook about the account: the name of its field in Meta's documentation, and its value."""

    field: Annotated[str, text]
    value: Annotated[dict[str, Any], json_object]


@dataclass(frozen=True)
class Choice:
    """Which finished POSTs to send again: these, or the last so many, or all."""

    posts: Annotated[list[int] | None, or_none(whole_numbers)] = None
    last: Annotated[int | None, or_none(count(0))] = None


async def show(order: Order) -> Answer:
    outbox, world = order.platform.outbox, order.platform.world
    return {
        "url": world.settings.webhook_url,
        "proved": outbox.subscription.is_proved(),
        "paused": world.settings.webhooks_paused,
        "unacknowledged_updates": len(world.store.updates),
        "finished_posts": len(outbox.finished),
    }


async def pause(order: Order) -> Answer:
    return await _change(order, webhooks_paused=True)


async def resume(order: Order) -> Answer:
    return await _change(order, webhooks_paused=False)


async def subscribe(order: Order) -> Answer:
    """Send webhooks to another address from now on, if it answers the challenge."""
    address = read(Address, order.body)
    token = order.platform.world.account.verify_token
    if not await order.platform.outbox.subscription.change(url=address.url, token=token):
        raise WrongValueError("did not answer the challenge", field="url")
    return await show(order)


async def list_posts(order: Order) -> Answer:
    last = order.number("last", default=len(order.platform.outbox.finished))
    return {"posts": [post.as_json() for post in _last(order, last)]}


async def replay(order: Order) -> Answer:
    """Send finished POSTs once more, byte by byte."""
    choice = read(Choice, order.body)
    finished = list(order.platform.outbox.finished)
    if choice.posts is not None:
        chosen = [post for post in finished if post.id in choice.posts]
    else:
        chosen = _last(order, len(finished) if choice.last is None else choice.last)
    return {"posts": order.platform.outbox.replay(chosen)}


async def notify(order: Order) -> Answer:
    """Tell the business something about its account, such as a restriction or a quality."""
    notice = read(Notice, order.body)
    order.platform.outbox.put(Update(about=notice.field, topic=notice.field, item=notice.value))
    return {"field": notice.field}


async def _change(order: Order, **settings: object) -> Answer:
    order.platform.world.turn(settings)
    order.platform.outbox.wake()
    return await show(order)


def _last(order: Order, number: int) -> list[Post]:
    finished = list(order.platform.outbox.finished)
    return finished[len(finished) - min(number, len(finished)) :]
