"""The phone page on a loopback port, over a platform that tests can reach into."""

import asyncio
import base64
import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message as Headers

import pytest
from aiohttp import web

from whatsapp.simulator.account import Account
from whatsapp.simulator.clock import Clock
from whatsapp.simulator.people import NewPerson
from whatsapp.simulator.phone import routes
from whatsapp.simulator.platform import Platform
from whatsapp.simulator.records import Content
from whatsapp.simulator.rules.outgoing import Outgoing
from whatsapp.simulator.settings import Settings

AT_ONCE = {"sent_delay": 0, "delivered_delay": 0, "read_share": 0}
PNG = base64.b64decode(  # one red pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGM4rqoNAALOARjPAx+5AAAAAElFTkSuQmCC"
)
YES_NO = [
    {"kind": "reply", "id": "consent:maxi", "title": "MAXI"},
    {"kind": "reply", "id": "consent:no", "title": "NEIN"},
]
PATIENCE = 10  # seconds; nothing here takes one


@dataclass
class Answer:
    """What the page's server answered."""

    status: int
    headers: Headers
    body: bytes

    def json(self):
        return json.loads(self.body)


class PhoneServer:
    """Runs in a thread of its own; everything that touches the platform goes through `do`."""

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(self, *_):
        self.stop_serving()
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stop_serving(self):
        """Vanish from the network; the platform stays."""
        self._run(self._runner.cleanup())

    def reset(self):
        self._run(self.platform.reset())

    def do(self, function, *args, **kwargs):
        """Call something of the platform where it lives, and let it take its course."""

        async def act():
            result = function(*args, **kwargs)
            await self.platform.world.work.until_idle(timeout_seconds=PATIENCE, quiet_seconds=0)
            return result

        return self._run(act())

    def person(self, name="Anna Bauer", phone="491713920010", **flags):
        new = NewPerson(name=name, phone=phone, by_hand=True, **flags)
        return self.do(self.platform.people.add, new)

    def crowd(self, size):
        def add_all():
            for number in range(size):
                new = NewPerson(name=f"Person {number}", phone=f"4915100000{number:03}")
                self.platform.people.add(new)

        self.do(add_all)

    def say(self, person, text="START", **kwargs):
        return self.do(self.platform.phones.say, person, text, **kwargs)

    def write(self, person, kind="text", **content):
        """The business writes; the person has written before, so that it may."""
        if person.wrote_at is None:
            self.say(person)
        wanted = Outgoing(
            to=f"+{person.phone}",
            recipient=None,
            type=kind,
            content=Content(**content),
            token=None,
            reply_to=None,
        )
        message = self.do(self.platform.deliveries.accept, wanted, person=person)
        start = self.platform.deliveries.start
        self.do(start, message, person=person, after_seconds=0, code=0)
        return message

    def write_picture(self, person, **content):
        """The business sends a picture; returns the file."""
        shelf = self.platform.media_shelf
        file = self.do(shelf.add, PNG, declared="image/png", filename="tram.png")
        media = {"kind": "image", "id": file.id, "mime_type": file.mime_type, "size": file.size}
        self.write(person, "image", media=media, **content)
        return file

    def said_by(self, person):
        """The texts that the business got from somebody."""
        messages = self.platform.chats.of(person)
        return [message.content["text"] for message in messages if message.from_person]

    def ask(self, method, path, body=None, **headers):
        """Call the page's server as a program; headers are written with underscores."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content_Type", "application/json")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _start(self):
        settings = Settings().changed(AT_ONCE)
        self.platform = Platform(account=Account(), settings=settings, data=None, clock=Clock())
        await self.platform.start()
        app = web.Application()
        app.add_routes(routes(self.platform))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _end(self):
        await self.platform.stop()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


@pytest.fixture
def phones():
    """The page, and the platform behind it."""
    with PhoneServer() as server:
        yield server


@pytest.fixture
def anna(phones):
    """Somebody with a phone."""
    return phones.person()
