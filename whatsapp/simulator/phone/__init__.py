"""The phone page: a simulated phone in the browser, for demonstrations and training.

Everything lies under `/phone/`. The page is as open as the simulator itself:
whoever reaches the port may act as any of the simulated people, who are nobody.
"""

from aiohttp import web

from whatsapp.simulator.phone import guard, page
from whatsapp.simulator.phone.api import Api
from whatsapp.simulator.phone.live import Live
from whatsapp.simulator.phone.shelf import Shelf
from whatsapp.simulator.platform import Platform

PERSON = "/phone/api/people/{person_id}"


def routes(platform: Platform) -> list[web.RouteDef]:
    """Return everything under `/phone/`, to be added to the simulator's router."""
    api = Api(platform)
    return [
        web.get("/phone", page.redirect),
        web.get("/phone/", page.show),
        web.get("/phone/static/{name}", page.static),
        web.get("/phone/media/{media_id}", Shelf(platform).show),
        web.get("/phone/api/events", Live(platform).stream),
        web.get("/phone/api/people", api.people),
        web.get(PERSON, guard.answering(api.chat)),
        web.post("/phone/api/people", guard.changing(api.add)),
        web.patch(PERSON, guard.changing(api.change)),
        web.post(f"{PERSON}/read", guard.changing(api.read)),
        web.post(f"{PERSON}/say", guard.changing(api.say)),
        web.post(f"{PERSON}/tap", guard.changing(api.tap)),
        web.post(f"{PERSON}/files", guard.changing(api.send)),
    ]
