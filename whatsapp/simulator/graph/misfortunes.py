"""How a request suffers from the fault that it met."""

import asyncio
import json
import socket
import struct

from aiohttp import web

from whatsapp.simulator.errors import GraphError
from whatsapp.simulator.faults import Fault
from whatsapp.simulator.graph.calls import Answer, Call
from whatsapp.simulator.identifiers import trace_id

STRIKES = ("answer", "garble", "reset", "hang")  # the kinds that spoil the answer
HTML = """<!DOCTYPE html><html><head><title>Error</title></head>
<body><h1>Sorry, something went wrong.</h1><p>We're working on it.</p></body></html>"""


def meet(call: Call, *, endpoint: str) -> None:
    """Let the call meet its faults. Raises GraphError if one refuses it."""
    world = call.platform.world
    call.faults = call.platform.faults.meet(endpoint=endpoint, whom=call.addressed())
    world.counts["calls"] += 1
    rng = world.dice.stream("latency", world.counts["calls"])
    delays = [fault.seconds for fault in call.faults if fault.kind == "delay"]
    call.delay_seconds = sum(delay.draw(rng) for delay in [world.settings.latency, *delays])
    if refusal := call.fault("refuse"):
        raise GraphError(refusal.code, refusal.details, subcode=refusal.subcode, http=refusal.http)


def strike(call: Call) -> Fault | None:
    """Return the fault that will spoil the answer."""
    return next((fault for fault in call.faults if fault.kind in STRIKES), None)


async def suffer(call: Call, fault: Fault, body: Answer) -> web.StreamResponse:
    """Answer badly, or not at all; `body` is what a good answer would have said."""
    call.platform.world.counts[f"struck by {fault.kind}"] += 1
    if fault.kind == "reset":
        return _reset(call)
    if fault.kind == "hang":
        rng = call.platform.world.dice.stream("hang", fault.id, fault.hits)
        await asyncio.sleep(fault.seconds.draw(rng))
        return _reset(call)
    if fault.kind == "answer":
        return _error_page(fault)
    return await _garbled(call, fault, json.dumps(body).encode())


def _error_page(fault: Fault) -> web.Response:
    status = fault.http or 503
    if fault.body == "html":
        return web.Response(status=status, text=HTML, content_type="text/html")
    error = GraphError(fault.code, fault.details, subcode=fault.subcode, http=status)
    return web.json_response(error.answer(trace_id=trace_id()), status=status)


async def _garbled(call: Call, fault: Fault, good: bytes) -> web.StreamResponse:
    half = good[: len(good) // 2]
    if fault.body == "empty":
        return web.Response(content_type="application/json")
    if fault.body != "truncated":
        return web.Response(body=half, content_type="application/json")
    # A promise of more bytes than will come.
    response = web.StreamResponse(headers={"Content-Length": str(len(good))})
    response.content_type = "application/json"
    await response.prepare(call.request)
    await response.write(half)
    if call.request.transport:
        call.request.transport.close()
    return response


def _reset(call: Call) -> web.Response:
    """Cut the connection so that the other side sees a reset, not an end."""
    transport = call.request.transport
    if transport:
        connection: socket.socket = transport.get_extra_info("socket")
        no_linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        transport.abort()
    return web.Response(status=500)  # nobody is there to read it
