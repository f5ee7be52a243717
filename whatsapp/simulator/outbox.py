"""Webhooks on their way to the tested system.

An update waits for its delay and for company, travels in one POST with others,
and is repeated until somebody answers 200. Nothing here keeps an order.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from whatsapp.simulator.clock import Moment
from whatsapp.simulator.envelopes import Update, envelope, signature
from whatsapp.simulator.subscription import Subscription
from whatsapp.simulator.world import World

REMEMBERED = 5000  # finished POSTs, for looking at them and for replay
NO_ANSWER = 0  # in place of an HTTP status
KEEP_ALIVE = 1  # seconds; shorter than the patience of any web server


@dataclass(eq=False)
class Post:
    """One request, the same bytes with every attempt."""

    id: int
    updates: list[Update]
    body: bytes
    first_at: Moment
    answers: list[int] = field(default_factory=list)  # HTTP statuses, 0 for none

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": self.first_at,
            "answers": self.answers,
            "updates": len(self.updates),
            "body": self.body.decode("ascii"),
        }


class Outbox:
    """Sends updates; `on_acknowledged` hears whose messages have arrived, perhaps twice."""

    def __init__(self, world: World, *, on_acknowledged: Callable[[str | None], None]) -> None:
        self._world = world
        self._on_acknowledged = on_acknowledged
        self._waiting: deque[Update] = deque()
        self._again: deque[Post] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._draws: Counter[str] = Counter()
        self._last_id = 0
        self.finished: deque[Post] = deque(maxlen=REMEMBERED)
        self.subscription = Subscription(world, on_proved=self._wake.set)

    async def start(self) -> None:
        """Begin with what an earlier life did not get rid of."""
        for update in self._world.store.updates:
            self._enqueue_after(0, update)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE)
        self._http = aiohttp.ClientSession(connector=connector)
        self._dispatcher = asyncio.create_task(self._dispatch())
        self.subscription.start(self._http)

    async def stop(self) -> None:
        """End at once; what was not acknowledged by now is for the next life."""
        await self.subscription.stop()
        tasks = [self._dispatcher, *self._flying]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close()
        self._waiting.clear()
        self._again.clear()
        self._flying.clear()
        self._draws.clear()
        self.finished.clear()

    def wake(self) -> None:
        """Look at the settings again."""
        self._wake.set()
        self.subscription.look()

    def put(self, update: Update) -> None:
        """Send an update, as late, as often and as badly as the settings want it."""
        settings = self._world.settings
        self._draws[update.about] += 1
        rng = self._world.dice.stream("update", update.about, self._draws[update.about])
        statuses_too = settings.status_loss_share if update.part == "statuses" else 0.0
        if rng.random() < max(settings.webhook_loss_share, statuses_too):
            self._world.counts["updates lost"] += 1
            return
        self._world.store.updates.add(update)
        copies = 1
        if rng.random() < settings.webhook_duplicate_share:
            copies += settings.webhook_duplicates
        for _ in range(copies):
            seconds = settings.webhook_delay.draw(rng)
            if rng.random() < settings.webhook_reorder_share:
                seconds += settings.webhook_reorder_delay.draw(rng)
            self._enqueue_after(seconds, update)

    async def put_now(self, update: Update, *, patience_seconds: float) -> None:
        """Send an update at once and on its own, and wait a little for the first answer."""
        self._world.store.updates.add(update)
        if not self._is_open():
            self._enqueue_after(0, update)
            return
        self._world.work.begin("webhooks")
        await asyncio.wait([self._send(self._post([update]))], timeout=patience_seconds)

    def replay(self, posts: Iterable[Post]) -> int:
        """Send finished POSTs once more, byte by byte; return how many."""
        count = 0
        for post in posts:
            self._again.append(Post(self._next_id(), post.updates, post.body, self._world.now()))
            self._world.work.begin("webhooks", jobs=len(post.updates))
            count += 1
        self._wake.set()
        return count

    def _enqueue_after(self, seconds: float, update: Update) -> None:
        def enqueue() -> None:
            self._world.work.begin("webhooks")
            self._waiting.append(update)
            self._wake.set()

        if seconds > 0:
            self._world.work.after(seconds, enqueue, kind="webhooks")
        else:
            enqueue()

    async def _dispatch(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._may_send():
                settings = self._world.settings
                if len(self._waiting) < settings.webhook_batch_size:
                    await asyncio.sleep(settings.webhook_batch_seconds)
                self._send(self._again.popleft() if self._again else self._next_batch())

    def _may_send(self) -> bool:
        is_free = len(self._flying) < self._world.settings.webhook_connections
        return self._is_open() and is_free and bool(self._waiting or self._again)

    def _is_open(self) -> bool:
        return self.subscription.is_proved() and not self._world.settings.webhooks_paused

    def _next_batch(self) -> Post:
        size = min(len(self._waiting), self._world.settings.webhook_batch_size)
        return self._post([self._waiting.popleft() for _ in range(size)])

    def _post(self, updates: list[Update]) -> Post:
        now = self._world.now()
        body = envelope(updates, account=self._world.account, now=now)
        return Post(self._next_id(), updates, body, now)

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _send(self, post: Post) -> asyncio.Task[None]:
        def landed(task: asyncio.Task[None]) -> None:
            self._flying.discard(task)
            self._wake.set()

        task = asyncio.create_task(self._deliver(post))
        self._flying.add(task)
        task.add_done_callback(landed)
        return task

    async def _deliver(self, post: Post) -> None:
        if not post.answers:
            await self._send_rubbish(post)
        post.answers.append(await self._transmit(post.body, secret=self._world.account.app_secret))
        age = self._world.now() - post.first_at
        if post.answers[-1] == 200:
            for update in post.updates:
                self._on_acknowledged(update.message_id)
        elif age < self._world.settings.webhook_give_up_seconds:
            self._retry(post)
            return
        else:
            self._world.counts["updates given up"] += len(post.updates)
        self.finished.append(post)
        for update in post.updates:
            self._world.store.updates.remove(update)
        self._world.work.end("webhooks", jobs=len(post.updates))

    def _retry(self, post: Post) -> None:
        def again() -> None:
            self._again.append(post)
            self._wake.set()

        settings = self._world.settings
        seconds = settings.webhook_retry_seconds * 2.0 ** min(len(post.answers) - 1, 30)
        seconds = min(seconds, settings.webhook_retry_max_seconds)
        self._world.work.after(seconds, again, kind="webhooks")

    async def _send_rubbish(self, post: Post) -> None:
        """Now and then, send something that the tested system must refuse, and not mind."""
        settings, account = self._world.settings, self._world.account
        rng = self._world.dice.stream("rubbish", post.id)
        if rng.random() < settings.webhook_malformed_share:
            half = post.body[: len(post.body) // 2]
            await self._transmit(half, secret=account.app_secret)
        if rng.random() < settings.webhook_forged_share:
            await self._transmit(post.body, secret=f"not {account.app_secret}")

    async def _transmit(self, body: bytes, *, secret: str) -> int:
        """Return the HTTP status of the answer, or 0 if there was none."""
        url = self._world.settings.webhook_url
        if not url:
            return 200  # nobody wants to hear of it
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": signature(body, secret=secret),
        }
        self._world.counts["webhooks posted"] += 1
        try:
            async with self._http.post(
                url, data=body, headers=headers, timeout=self._timeout(), allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return NO_ANSWER

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self._world.settings.webhook_timeout_seconds)
