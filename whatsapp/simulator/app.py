"""The web server: Graph API, control API and phone page on one port.

Whoever reaches the port may rule the simulated world, so it is meant for this
machine. A browser on this machine reaches it too: foreign names in the Host
header and foreign origins are turned away, else any web page could do the same.
"""

import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from whatsapp.simulator import control, phone
from whatsapp.simulator.graph import routes as graph
from whatsapp.simulator.media import LARGEST
from whatsapp.simulator.platform import Platform

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
GOODBYE_SECONDS = 1.0  # that open requests get when the server stops; some hang on purpose


def application(platform: Platform, *, names: Collection[str] = ()) -> web.Application:
    """Return the web application. It answers to `names` besides those of the loopback."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await graph.answer(request, platform=platform)

    async def download(request: web.Request) -> web.StreamResponse:
        return await graph.download(request, platform=platform)

    app = web.Application(
        middlewares=[_guard(LOOPBACK.union(names))], client_max_size=LARGEST + 1024 * 1024
    )
    app.add_routes(
        [
            web.get("/", _to_the_phone),
            web.get("/healthz", _healthy),
            web.get("/favicon.ico", _nothing),
            *control.routes(platform),
            *phone.routes(platform),
            web.get("/whatsapp_business/attachments/", download),
            web.route("*", "/{path:.*}", answer),
        ]
    )
    return app


@asynccontextmanager
async def serving(
    platform: Platform, *, host: str, port: int, names: Collection[str] = ()
) -> AsyncIterator[str]:
    """Run the platform and its web server, and yield its address; port 0 is a free one.

    Raises OSError if the port is taken.
    """
    # First the port: a second simulator must not begin to act before it fails.
    try:
        listener = _listen(host, port)
    except OSError:
        platform.close()
        raise
    runner = web.AppRunner(
        application(platform, names=names), access_log=None, shutdown_timeout=GOODBYE_SECONDS
    )
    await platform.start()
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield _address(host, listener.getsockname()[1])
    finally:
        await runner.cleanup()
        await platform.stop()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _guard(names: Collection[str]) -> Middleware:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if urlsplit(f"//{request.host}").hostname not in names:
            return web.Response(status=421, text="The simulator does not answer to this name.\n")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return web.Response(status=403, text="The simulator does not talk to other sites.\n")
        return await handler(request)

    return guard


async def _to_the_phone(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/phone/")


async def _healthy(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=404)
