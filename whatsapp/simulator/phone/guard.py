"""Who may change something, and how a refusal is told to the page."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from whatsapp.simulator.knobs import WrongValueError

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Refusal(Exception):
    """The page asked for something that cannot be done; `reason` is a key of its texts."""

    def __init__(self, reason: str, *, status: int, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.detail = detail


def answering(handler: Handler) -> Handler:
    """Turn what a handler refuses into an answer that the page understands."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            return _refused(refusal.reason, refusal.detail, status=refusal.status)
        except WrongValueError as error:
            return _refused("wrong_value", str(error), status=400)

    return answer


def changing(handler: Handler) -> Handler:
    """Keep other sites from acting through the browser of somebody who visits them."""

    async def check(request: web.Request) -> web.Response:
        if not _is_ours(request):
            raise Refusal("foreign_site", status=403)
        return await handler(request)

    return answering(check)


async def read_json(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in a request. Raises Refusal.

    A form on another site cannot send this content type without asking first.
    """
    if request.content_type != "application/json":
        raise Refusal("not_json", status=415)
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise Refusal("not_json", status=400) from error
    if not isinstance(body, dict):
        raise Refusal("not_json", status=400)
    return body


def _is_ours(request: web.Request) -> bool:
    """Whether a page of this very server asks, or a program that is no browser."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    return site == "same-origin" and (origin is None or urlsplit(origin).netloc == request.host)


def _refused(reason: str, detail: str, *, status: int) -> web.Response:
    return web.json_response({"error": reason, "detail": detail}, status=status)
