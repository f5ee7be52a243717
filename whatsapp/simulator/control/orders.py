"""One order to the control API: how it is read and how it is answered."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from whatsapp.simulator.errors import GraphError
from whatsapp.simulator.knobs import WrongValueError
from whatsapp.simulator.phones import NothingToTapError
from whatsapp.simulator.platform import Platform
from whatsapp.simulator.records import Person

Answer = dict[str, Any]


class NotThereError(LookupError):
    """The order is about something that does not exist; the message says what."""


@dataclass(frozen=True)
class Order:
    """A request to the control API. `body` is empty unless the request has one in JSON."""

    platform: Platform
    request: web.Request
    body: dict[str, Any]

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    def query(self, name: str) -> str:
        return self.request.query.get(name, "")

    def number(self, name: str, *, default: int) -> int:
        """Return a whole number from the query. Raises WrongValueError."""
        value = self.query(name) or str(default)
        if not value.isdecimal():
            raise WrongValueError("expected a whole number", field=name)
        return int(value)

    def person(self) -> Person:
        """Return the person whom the path names. Raises NotThereError."""
        person = self.platform.people.find(self.part("who"))
        if not person:
            raise NotThereError(f"there is no person {self.part('who')}")
        return person


Handler = Callable[[Order], Awaitable[Answer]]


def answering(
    handler: Handler, *, platform: Platform
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn a handler into one for the web server: JSON in, JSON out, mistakes explained."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(Order(platform, request, await _body(request))))
        except WrongValueError as error:
            return _mistake(400, error.problem, field=error.field)
        except NothingToTapError as error:
            return _mistake(400, str(error), field="button")
        except GraphError as error:
            return _mistake(400, error.details)
        except NotThereError as error:
            return _mistake(404, str(error))

    return answer


async def nothing_there(order: Order) -> Answer:
    raise NotThereError(f"there is no {order.request.method} {order.request.path}")


async def _body(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in a request; a file is left for the handler.

    Raises WrongValueError.
    """
    if not request.can_read_body or request.path.endswith("/media"):
        return {}
    if request.content_type != "application/json":
        raise WrongValueError("expected the content type application/json")
    try:
        body = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError) as error:
        raise WrongValueError(f"expected JSON: {error}") from error
    if not isinstance(body, dict):
        raise WrongValueError("expected a JSON object")
    return body


def _mistake(status: int, problem: str, *, field: str = "") -> web.Response:
    error = {"problem": problem} | ({"field": field} if field else {})
    return web.json_response({"error": error}, status=status)
