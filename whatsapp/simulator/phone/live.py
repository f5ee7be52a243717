"""What happens in the chats, while it happens, as Server-Sent Events."""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from whatsapp.simulator.phone import view
from whatsapp.simulator.platform import Platform

GATHER = 0.15  # seconds; a broadcast touches hundreds of chats, and the page draws them at once
BEAT = 5.0  # seconds between signs of life, by which the page notices that we are gone
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy must not collect the events
}


class Live:
    """Tells every open page who has news."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send the people in whose chats something changed, until the page is closed.

        Each event also counts the people: a page that knows another number
        has missed something, such as a reset, and asks for the whole list.
        """
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        with suppress(ConnectionResetError), self._platform.world.feed.watch() as watcher:
            changed: set[str] = set()
            while True:
                await response.write(self._event(changed))
                with suppress(TimeoutError):
                    await asyncio.wait_for(watcher.wait(), BEAT)
                    await asyncio.sleep(GATHER)
                changed = watcher.take()
        return response

    def _event(self, changed: set[str]) -> bytes:
        people = self._platform.world.store.people
        found = [person for person in map(people.get, sorted(changed)) if person]
        data = {
            "now": self._platform.world.now(),
            "count": len(people),
            "people": [view.person(one, platform=self._platform) for one in found],
        }
        return f"event: news\ndata: {json.dumps(data)}\n\n".encode()
