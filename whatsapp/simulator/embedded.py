"""The simulator inside another Python program, in a thread of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from whatsapp.simulator.account import Account
from whatsapp.simulator.app import serving
from whatsapp.simulator.clock import Clock
from whatsapp.simulator.control.client import Control
from whatsapp.simulator.platform import Platform
from whatsapp.simulator.settings import Settings

T = TypeVar("T")


class Simulator:
    """Runs while the `with` block runs, on the loopback; port 0 is a free one.

    Nothing is sent to `webhook_url` before it has answered the GET with the challenge,
    unless the setting `webhook_verification` is off.

    `account` takes what `Account` takes: access_token, app_secret, verify_token,
    phone_number_id, business_account_id, phone, name. With `data`, a file, it
    remembers its earlier lives. Raises OSError if the port is taken, and
    WrongValueError for settings that make no sense.
    """

    def __init__(
        self,
        *,
        webhook_url: str | None = None,
        settings: Mapping[str, Any] | None = None,
        data: Path | None = None,
        port: int = 0,
        **account: str,
    ) -> None:
        self.account = Account(**account)
        self._settings = Settings().changed({"webhook_url": webhook_url, **(settings or {})})
        self._data = data
        self._port = port

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            loop = exits.enter_context(_loop_in_a_thread())
            platform = Platform(
                account=self.account, settings=self._settings, data=self._data, clock=Clock()
            )
            server = serving(platform, host="127.0.0.1", port=self._port)
            self.url = _do(server.__aenter__(), loop=loop)
            exits.callback(lambda: _do(server.__aexit__(None, None, None), loop=loop))
            self._exits = exits.pop_all()
        self.control = Control(self.url)
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()


@contextmanager
def _loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="whatsapp-simulator", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _do(work: Awaitable[T], *, loop: asyncio.AbstractEventLoop) -> T:
    """Let the loop do something, and wait for it."""

    async def do() -> T:
        return await work

    return asyncio.run_coroutine_threadsafe(do(), loop).result()
