"""Which call goes where, and how every call of the Graph API is answered."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from whatsapp.simulator.errors import GraphError, unknown_object
from whatsapp.simulator.graph import account, files, messages, misfortunes, templates
from whatsapp.simulator.graph.calls import Answer, Call, read_call
from whatsapp.simulator.identifiers import trace_id
from whatsapp.simulator.platform import Platform

Handler = Callable[[Call], Awaitable[Answer]]


class Route(NamedTuple):
    """A handler, and the name under which faults and limits know its kind of call."""

    endpoint: str
    handler: Handler


EDGES = {
    ("POST", "messages"): Route("messages", messages.send),
    ("POST", "media"): Route("media", files.upload),
    ("GET", "message_templates"): Route("templates", templates.list_all),
    ("POST", "message_templates"): Route("templates", templates.create),
    ("DELETE", "message_templates"): Route("templates", templates.delete),
    ("POST", "unpause"): Route("templates", templates.unpause),
    ("GET", "settings"): Route("account", account.show_settings),
    ("GET", "subscribed_apps"): Route("account", account.list_subscriptions),
    ("POST", "subscribed_apps"): Route("account", account.subscribe),
    ("GET", "phone_numbers"): Route("account", account.list_phones),
    ("POST", "uploads"): Route("media", files.begin_sample),
}
OF_THE_ACCOUNT = {"message_templates", "subscribed_apps", "phone_numbers"}
MEDIA = {"GET": Route("media", files.show), "DELETE": Route("media", files.delete)}
TEMPLATE = {"GET": Route("templates", templates.show), "POST": Route("templates", templates.edit)}


async def answer(request: web.Request, *, platform: Platform) -> web.StreamResponse:
    """Answer a call; misfortune may strike before or after it was obeyed."""
    call = await read_call(request, platform=platform)
    try:
        call.check_version()
        call.check_token()
        route = _route(call)
        misfortunes.meet(call, endpoint=route.endpoint)
        if route.endpoint in ("templates", "account"):
            platform.limits.check_management()
        strike = misfortunes.strike(call)
        body = await route.handler(call) if strike is None or strike.accept else {}
        status = 200
    except GraphError as error:
        strike = None
        body, status = error.answer(trace_id=trace_id()), error.status
        platform.world.counts[f"refused {error.code}"] += 1
    platform.world.counts[f"answered {status}"] += 1
    await asyncio.sleep(call.delay_seconds)
    if strike:
        return await misfortunes.suffer(call, strike, body)
    return web.json_response(body, status=status, headers=_headers(call))


async def download(request: web.Request, *, platform: Platform) -> web.StreamResponse:
    """Answer at the address of a media file, which has no version."""
    call = await read_call(request, platform=platform)
    try:
        return await files.download(call)
    except GraphError as error:
        return web.json_response(error.answer(trace_id=trace_id()), status=error.status)


def _route(call: Call) -> Route:
    """Find the handler. Raises GraphError for objects and edges that do not exist."""
    method, world = call.request.method, call.platform.world
    match call.path:
        case [object_id, edge] if (method, edge) in EDGES:
            if edge in OF_THE_ACCOUNT and object_id != world.account.business_account_id:
                raise unknown_object(object_id)
            return EDGES[method, edge]
        case [object_id] if object_id.startswith("upload:") and method == "POST":
            return Route("media", files.finish_sample)
        case [object_id] if object_id:
            return _node(call, object_id)
    raise GraphError(2500, f"Unknown path components: /{'/'.join(call.path)}")


def _node(call: Call, object_id: str) -> Route:
    method, world = call.request.method, call.platform.world
    if method == "GET" and object_id == world.account.phone_number_id:
        return Route("account", account.show_phone)
    if method == "GET" and object_id == world.account.business_account_id:
        return Route("account", account.show_account)
    if method in MEDIA and call.platform.media(object_id):
        return MEDIA[method]
    if method in TEMPLATE and call.platform.catalogue.get(object_id):
        return TEMPLATE[method]
    raise unknown_object(object_id)


def _headers(call: Call) -> dict[str, str]:
    world = call.platform.world
    usage = {
        "type": "whatsapp",
        "call_count": 1,
        "total_cputime": 1,
        "total_time": 1,
        "estimated_time_to_regain_access": 0,
    }
    return {
        "facebook-api-version": call.version,
        "x-fb-trace-id": trace_id(),
        "x-fb-request-id": trace_id(),
        "x-business-use-case-usage": json.dumps({world.account.business_account_id: [usage]}),
    }
