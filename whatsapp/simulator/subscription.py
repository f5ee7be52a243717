"""The address that receives the webhooks, and its proof that it belongs to the business.

Source: "Webhooks: verification requests" in Meta's Graph API documentation. Meta
asks once, when somebody enters the address, and gives up; we ask until it works,
because the simulator is usually up before the web server that it talks to.
"""

import asyncio
import logging
from collections.abc import Callable

import aiohttp

from whatsapp.simulator.world import World

logger = logging.getLogger(__name__)
NO_ANSWER, WRONG_ANSWER = 0, -1  # in place of an HTTP status


class Subscription:
    """Asks the address in the settings for its proof, again after each change."""

    def __init__(self, world: World, *, on_proved: Callable[[], None]) -> None:
        self._world = world
        self._on_proved = on_proved
        self._proved: str | None = None
        self._complained_about: str | None = None
        self._look = asyncio.Event()

    def start(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._task = asyncio.create_task(self._ask_until_proved())

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._proved = self._complained_about = None

    def look(self) -> None:
        """Look at the settings again."""
        self._look.set()

    def is_proved(self) -> bool:
        """Whether webhooks may be sent."""
        settings = self._world.settings
        return not settings.webhook_verification or settings.webhook_url in (None, self._proved)

    async def change(self, *, url: str, token: str) -> bool:
        """Send webhooks to `url` from now on, if it answers the challenge at the first try."""
        if await self._ask(url=url, token=token) != 200:
            return False
        self._proved = url
        self._world.turn({"webhook_url": url})
        self._on_proved()
        return True

    async def _ask_until_proved(self) -> None:
        while True:
            self._look.clear()
            url, settings = self._world.settings.webhook_url, self._world.settings
            if url is None or self.is_proved():
                await self._look.wait()
                continue
            answer = await self._ask(url=url, token=self._world.account.verify_token)
            if answer == 200:
                self._proved = url
                self._on_proved()
            else:
                self._complain(url, answer=answer)
                await asyncio.sleep(settings.webhook_retry_seconds)

    async def _ask(self, *, url: str, token: str) -> int:
        """Return the HTTP status of the answer; of a wrong one -1 if it was 200, of none 0."""
        challenge = str(self._world.dice.stream("challenge").randrange(10**9, 10**10))
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        timeout = aiohttp.ClientTimeout(total=self._world.settings.webhook_timeout_seconds)
        try:
            async with self._http.get(url, params=query, timeout=timeout) as answer:
                if answer.status != 200 or (await answer.read()).strip() != challenge.encode():
                    return WRONG_ANSWER if answer.status == 200 else answer.status
                return 200
        except (aiohttp.ClientError, TimeoutError):
            return NO_ANSWER

    def _complain(self, url: str, *, answer: int) -> None:
        """Say once that somebody is there who does not know the verify token."""
        if answer == NO_ANSWER or url == self._complained_about:
            return
        self._complained_about = url
        logger.warning(
            "the webhook's address answers the verification wrongly; asking again until it works",
            extra={"http_status": answer},
        )
