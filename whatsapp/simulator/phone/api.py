"""What a human does with a simulated phone: look, write, tap, send a file, turn switches."""

from typing import Any

from aiohttp import web

from whatsapp.simulator import identifiers
from whatsapp.simulator.errors import GraphError
from whatsapp.simulator.knobs import WrongValueError, flag, read_fields
from whatsapp.simulator.media import LARGEST
from whatsapp.simulator.people import NewPerson
from whatsapp.simulator.phone import view
from whatsapp.simulator.phone.guard import Refusal, read_json
from whatsapp.simulator.phones import NothingToTapError
from whatsapp.simulator.platform import Platform
from whatsapp.simulator.records import Message, Person

SWITCHES = dict.fromkeys(view.FLAGS, flag)
CAPTION = 1024  # characters


class Api:
    """The calls of the page. Each answers with JSON or raises Refusal."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def people(self, _request: web.Request) -> web.Response:
        """Answer with everybody, and whose number they write to."""
        world = self._platform.world
        everybody = [view.person(one, platform=self._platform) for one in world.store.people]
        business = {"name": world.account.name, "phone": world.account.phone}
        return web.json_response({"business": business, "now": world.now(), "people": everybody})

    async def chat(self, request: web.Request) -> web.Response:
        """Answer with the bubbles on somebody's phone."""
        one = self._person(request)
        messages = view.chat(one, platform=self._platform)
        return web.json_response({"person": self._view(one), "messages": messages})

    async def add(self, request: web.Request) -> web.Response:
        """Give somebody a phone."""
        body = await read_json(request)
        new = NewPerson.read(body | {"phone": self._international(body.get("phone"))})
        if self._platform.people.at(new.phone) or new.phone == self._platform.world.account.phone:
            raise Refusal("phone_taken", status=409)
        return web.json_response(self._view(self._platform.people.add(new)), status=201)

    async def change(self, request: web.Request) -> web.Response:
        """Turn some of a person's switches."""
        one = self._person(request)
        wanted: dict[str, Any] = read_fields(SWITCHES, await read_json(request))
        stopped = wanted.pop("marketing_stopped", one.marketing_stopped)
        if wanted.get("hides_phone") and not one.username:
            wanted["username"] = f"person.{one.phone[-4:]}"
        if wanted:
            self._platform.people.change(one, **wanted)
        if stopped != one.marketing_stopped:
            self._platform.phones.prefer(one, "stop" if stopped else "resume")
        return web.json_response(self._view(one))

    async def read(self, request: web.Request) -> web.Response:
        """Somebody looks at the chat; whether the business learns of it is their choice."""
        await read_json(request)
        one = self._online(request)
        self._platform.deliveries.read(one)
        return web.json_response(self._view(one))

    async def say(self, request: web.Request) -> web.Response:
        """Write a message, perhaps in reply to another one."""
        body = await read_json(request)
        one, words, reply_to = self._online(request), body.get("text"), body.get("reply_to")
        if not isinstance(words, str) or not words.strip():
            raise WrongValueError("text: expected a text")
        if reply_to is not None and not self._is_in_chat(one, reply_to):
            raise WrongValueError("reply_to: is no message in this chat")
        return _sent(self._platform.phones.say(one, words.strip(), reply_to=reply_to))

    async def tap(self, request: web.Request) -> web.Response:
        """Tap a button under a message, or a row of its menu."""
        body = await read_json(request)
        one, wanted, message_id = self._online(request), body.get("button"), body.get("message")
        if not isinstance(wanted, str) or not isinstance(message_id, str):
            raise WrongValueError("button and message: expected their ids")
        try:
            message = self._platform.phones.tap(one, wanted, message_id=message_id)
        except NothingToTapError as error:
            raise Refusal("no_button", status=409) from error
        return _sent(message)

    async def send(self, request: web.Request) -> web.Response:
        """Send a file: the body is the file, its name and caption stand in the address."""
        one = self._online(request)
        content = await _read_file(request)
        try:
            message = self._platform.phones.send(
                one,
                content,
                mime_type=request.content_type,
                filename=request.query.get("filename", ""),
                caption=request.query.get("caption", "")[:CAPTION],
            )
        except GraphError as error:
            raise Refusal("file_refused", status=422, detail=error.details) from error
        return _sent(message)

    def _person(self, request: web.Request) -> Person:
        one = self._platform.world.store.people.get(request.match_info["person_id"])
        if not one:
            raise Refusal("no_person", status=404)
        return one

    def _online(self, request: web.Request) -> Person:
        """Return the person, unless nothing leaves the phone at the moment."""
        one = self._person(request)
        if not one.reachable:
            raise Refusal("flight_mode", status=409)
        return one

    def _is_in_chat(self, one: Person, message_id: object) -> bool:
        message = self._platform.chats.get(message_id) if isinstance(message_id, str) else None
        return message is not None and message.person_id == one.id

    def _view(self, one: Person) -> dict[str, Any]:
        return view.person(one, platform=self._platform)

    def _international(self, number: object) -> object:
        """Complete a number as people write it at home; NewPerson judges the rest."""
        if not isinstance(number, str):
            return number
        digits = identifiers.SEPARATORS.sub("", number)
        if digits.startswith("00"):
            return "+" + digits.removeprefix("00")
        country_code = self._platform.world.account.country_code
        return f"+{country_code}{digits[1:]}" if digits.startswith("0") else digits


async def _read_file(request: web.Request) -> bytes:
    """Return the body, whose size the web server's own limit for JSON must not cut."""
    content = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > LARGEST:
            raise Refusal("file_refused", status=413)
    return bytes(content)


def _sent(message: Message) -> web.Response:
    return web.json_response({"id": message.id}, status=201)
