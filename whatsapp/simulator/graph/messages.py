"""`POST /{phone_number_id}/messages`: the one call that matters."""

from whatsapp.simulator.graph.calls import Answer, Call
from whatsapp.simulator.records import Message, Person
from whatsapp.simulator.rules.outgoing import Outgoing, ReadReceipt, read_outgoing


async def send(call: Call) -> Answer:
    """Accept a message, or tell a person that the business has read theirs."""
    platform = call.platform
    call.check_owner(platform.world.account.phone_number_id)
    platform.limits.check_throughput()
    wanted = read_outgoing(call.body, shelf=platform)
    if isinstance(wanted, ReadReceipt):
        platform.deliveries.acknowledge_read(wanted.message_id)
        return {"success": True}
    person = platform.addressee(wanted)
    platform.limits.check_pair(person)
    if wanted.template:
        platform.limits.check_portfolio(person)
    message = platform.deliveries.accept(wanted, person=person)
    _pause_template(call, wanted)
    await _start(call, message, person)
    return _accepted(call, wanted, message, person)


def _pause_template(call: Call, wanted: Outgoing) -> None:
    if wanted.template and call.fault("pause_template"):
        call.platform.catalogue.pause(wanted.template)


async def _start(call: Call, message: Message, person: Person) -> None:
    deliveries, world = call.platform.deliveries, call.platform.world
    fault = call.fault("fail") or call.fault("hold")
    code = fault.code if fault else 0
    if fault and fault.kind == "hold":
        seconds = fault.seconds.draw(world.dice.stream("hold", fault.id, fault.hits))
        deliveries.start(message, person=person, after_seconds=seconds, code=code)
        return
    rng = world.dice.stream("before response", person.phone, message.seq)
    if rng.random() < world.settings.before_response_share:
        await deliveries.start_now(message, person=person, code=code)
    else:
        deliveries.start(message, person=person, after_seconds=call.delay_seconds, code=code)


def _accepted(call: Call, wanted: Outgoing, message: Message, person: Person) -> Answer:
    contact = {"input": wanted.to or wanted.recipient, "user_id": person.user_id}
    if wanted.to:
        contact["wa_id"] = person.phone
    entry = {"id": message.id}
    if wanted.template:
        held = call.fault("hold") is not None
        entry["message_status"] = "held_for_quality_assessment" if held else "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [entry]}
