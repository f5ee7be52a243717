"""Control: settings, bad weather, and the state of everything."""

from dataclasses import dataclass, field
from typing import Annotated

from whatsapp.simulator.control.orders import Answer, NotThereError, Order
from whatsapp.simulator.knobs import number, read, texts


@dataclass(frozen=True)
class Patience:
    """How long to wait for the end of all work, and what is none."""

    timeout_seconds: Annotated[float, number(0, 24 * 3600)] = 30.0
    quiet_seconds: Annotated[float, number(0, 3600)] = 0.5
    ignored: Annotated[list[str], texts] = field(default_factory=list)  # kinds, as in /stats


async def show_settings(order: Order) -> Answer:
    return order.platform.world.settings.as_json()


async def change_settings(order: Order) -> Answer:
    order.platform.world.turn(order.body)
    order.platform.outbox.wake()
    return await show_settings(order)


async def list_faults(order: Order) -> Answer:
    return {"faults": order.platform.faults.as_json()}


async def add_fault(order: Order) -> Answer:
    return order.platform.faults.add(order.body).as_json()


async def clear_faults(order: Order) -> Answer:
    order.platform.faults.clear()
    return await list_faults(order)


async def remove_fault(order: Order) -> Answer:
    if not order.platform.faults.remove(order.part("fault_id")):
        raise NotThereError(f"there is no fault {order.part('fault_id')}")
    return await list_faults(order)


async def stats(order: Order) -> Answer:
    """Answer with counts: what happened since the start, what exists, what is still open."""
    world = order.platform.world
    store = world.store
    return {
        "now": world.now(),
        "counts": dict(world.counts),
        "open": world.work.outstanding(),
        "people": len(store.people),
        "messages": len(store.messages),
        "templates": len(store.templates),
        "unacknowledged_updates": len(store.updates),
    }


async def wait_until_idle(order: Order) -> Answer:
    """Answer when nothing is going to happen any more, or when patience is at its end."""
    patience, work = read(Patience, order.body), order.platform.world.work
    idle = await work.until_idle(
        timeout_seconds=patience.timeout_seconds,
        quiet_seconds=patience.quiet_seconds,
        ignored=patience.ignored,
    )
    return {"idle": idle, "open": work.outstanding()}


async def reset(order: Order) -> Answer:
    await order.platform.reset()
    return {"reset": True}
