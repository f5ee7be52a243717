"""One call of the Graph API: what was asked, and the error for those who may not ask."""

import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from whatsapp.simulator.errors import GraphError, unknown_object
from whatsapp.simulator.faults import Fault
from whatsapp.simulator.identifiers import normalise_phone
from whatsapp.simulator.platform import Platform

VERSIONS = tuple(f"v{number}.0" for number in range(21, 27))
Answer = dict[str, Any]


@dataclass
class Call:
    """A request, read, and the weather that it met."""

    platform: Platform
    request: web.Request
    version: str
    path: list[str]  # what follows the version
    body: dict[str, Any]  # empty unless the request was a JSON object
    faults: list[Fault] = field(default_factory=list)
    delay_seconds: float = 0.0  # until the answer is sent

    @property
    def origin(self) -> str:
        """The address under which the client reached us, without a path."""
        return str(self.request.url.origin())

    def fault(self, kind: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind == kind), None)

    def query(self, name: str) -> str:
        return self.request.query.get(name, "")

    def check_version(self) -> None:
        if self.version not in VERSIONS:
            raise GraphError(2500, f"Unknown path components: /{'/'.join(self.path)}")

    def check_token(self) -> None:
        """Let only the business in. Raises GraphError."""
        header = self.request.headers.get("Authorization", "")
        if not header:
            raise GraphError(200, "Provide valid app ID")
        scheme, _, token = header.partition(" ")
        expected = self.platform.world.account.access_token
        if scheme not in ("Bearer", "OAuth") or not hmac.compare_digest(
            token.encode(), expected.encode()
        ):
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")

    def check_owner(self, expected: str) -> None:
        """Refuse a call for an object that is not the expected one. Raises GraphError."""
        if self.path[0] != expected:
            raise unknown_object(self.path[0])

    def addressed(self) -> set[str]:
        """Return the number (digits) and the user id that the message is for."""
        code = self.platform.world.account.country_code
        to, recipient = self.body.get("to"), self.body.get("recipient")
        phone = normalise_phone(to, country_code=code) if isinstance(to, str) else None
        return {address for address in (phone, recipient) if isinstance(address, str)}


async def read_call(request: web.Request, *, platform: Platform) -> Call:
    version, _, rest = request.path.removeprefix("/").partition("/")
    body = {}
    if request.content_type == "application/json":
        body = _parse(await request.read())
    return Call(platform, request, version, rest.rstrip("/").split("/"), body)


def _parse(raw: bytes) -> dict[str, Any]:
    """Like the Graph API, take what cannot be read for a body without parameters."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def reading_fields(call: Call, known: dict[str, Any], *, default: list[str]) -> Answer:
    """Return the fields that `?fields=` asks for, and always the id. Raises GraphError."""
    asked = [name.strip() for name in call.query("fields").split(",") if name.strip()] or default
    for name in asked:
        if name not in known:
            raise GraphError(100, f"Tried accessing nonexisting field ({name})")
    return {name: known[name] for name in asked} | {"id": known["id"]}
