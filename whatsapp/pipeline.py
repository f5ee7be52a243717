"""Many messages at once: requests in flight side by side, answers as they come.

The caller decides how fast; the pipeline only carries, on an event loop in a thread of its own
and kept connections. Nothing is ever sent twice by itself.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Generic, Self, TypeVar

from whatsapp import answers, payloads
from whatsapp.answers import InDoubt, NotSent, Outcome
from whatsapp.client import CloudClient
from whatsapp.errors import NoAnswer
from whatsapp.errors import NotSent as NothingLeft
from whatsapp.exchange import encode
from whatsapp.payloads import Content, Recipient
from whatsapp.wire import Wire

Tag = TypeVar("Tag")

# Seconds between being decided and the first byte. A process that was stopped meanwhile
# must not wake up and send what others have given up.
STALE_AFTER = 5.0


@dataclass(frozen=True, slots=True)
class Turns:
    """When messages may leave, one each: not before, and not after, by `time.monotonic`.

    `wait` is in how many seconds it makes sense to ask for more.
    """

    each: tuple[tuple[float, float], ...] = ()
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[Tag]):
    """What became of one message; `tag` is what the caller gave to recognise it."""

    tag: Tag
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Job(Generic[Tag]):
    body: payloads.Json
    tag: Tag
    handed_over: float


@dataclass(slots=True)
class Pipeline(Generic[Tag]):
    """Up to `width` messages on the wire at once. Use as a context manager.

    One thread hands over and collects; the loop's thread carries. What both touch is a deque
    or a flag, each of whose operations is atomic.

    `turns` is asked, for so many messages, when they may leave; without it they leave at once.
    It may block, but not for long: everything on the wire waits meanwhile.
    """

    client: CloudClient
    width: int
    turns: Callable[[int], Turns] | None = None
    clock: Callable[[], float] = time.monotonic
    _wire: Wire | None = field(init=False, repr=False)
    _loop: asyncio.AbstractEventLoop = field(init=False, repr=False)
    _thread: threading.Thread = field(init=False, repr=False)
    _threads: ThreadPoolExecutor = field(init=False, repr=False)
    _jobs: deque[_Job[Tag]] = field(init=False, repr=False, default_factory=deque)
    _came: deque[Answer[Tag]] = field(init=False, repr=False, default_factory=deque)
    _out: int = field(init=False, default=0)  # handed over and not collected
    _at_the_gate: deque[asyncio.Future[float]] = field(
        init=False, repr=False, default_factory=deque
    )
    _porter: asyncio.Task[None] | None = field(init=False, repr=False, default=None)
    _carrying: set[asyncio.Task[None]] = field(init=False, repr=False, default_factory=set)
    _is_woken: bool = field(init=False, repr=False, default=False)
    _is_closed: bool = field(init=False, repr=False, default=False)
    _wanted: int = field(init=False, repr=False, default=1)
    _enough: threading.Event = field(init=False, repr=False, default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._wire = self.client.wire()
        # Only used where the wire cannot go, see CloudClient.wire(); starts no thread before.
        self._threads = ThreadPoolExecutor(self.width, thread_name_prefix="send")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="send", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # What has begun ends by itself within the client's time limits; what has not begun
        # must not begin any more.
        self._is_closed = True
        self._jobs.clear()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._threads.shutdown()

    @property
    def room(self) -> int:
        """How many more messages may be put on the wire now."""
        return self.width - self._out

    @property
    def is_busy(self) -> bool:
        """Whether anything is on the wire."""
        return bool(self._out)

    @property
    def waiting(self) -> int:
        """How many messages wait for their turn, or for a connection."""
        return len(self._jobs) + len(self._at_the_gate)

    def send(
        self, content: Content, *, to: Recipient, token: str, tag: Tag, since: float | None = None
    ) -> None:
        """Put a message on the wire; its answer comes out of `collect`.

        `since` is when it was decided to send it, by `clock`; None for now.
        Raises InvalidPayload if `token` is not fit to be sent, RuntimeError after the end.
        """
        # Built here: what is raised on the loop could not be told from the fate of others.
        body = payloads.request(content, to=to, token=token)
        if self._is_closed:
            raise RuntimeError("The pipeline is closed.")
        self._out += 1
        self._jobs.append(_Job(body, tag, self.clock() if since is None else since))
        if not self._is_woken:  # one bell for many messages
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._begin)

    def collect(self, *, seconds: float, at_least: int = 1) -> list[Answer[Tag]]:
        """Return the answers that have come; wait up to `seconds` for `at_least` of them."""
        if not self._out:
            time.sleep(seconds)
            return []
        self._enough.clear()
        self._wanted = min(at_least, self._out)
        if len(self._came) < self._wanted:
            self._enough.wait(seconds)
        came = [self._came.popleft() for _ in range(len(self._came))]
        self._out -= len(came)
        return came

    def drain(self) -> list[Answer[Tag]]:
        """Wait for everything on the wire; the client's time limits bound how long."""
        came: list[Answer[Tag]] = []
        while self._out:
            came += self.collect(seconds=1.0, at_least=self._out)
        return came

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def _begin(self) -> None:
        """Let as many messages begin as there is room for. On the loop, like all below."""
        self._is_woken = False  # before looking: whoever comes later rings again
        for _ in range(min(len(self._jobs), self.width - len(self._carrying))):
            task = self._loop.create_task(self._carry())
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def _carry(self) -> None:
        """Carry messages, one after the other, until none waits."""
        while self._jobs:
            job = self._jobs.popleft()
            outcome: Outcome = InDoubt("interrupted")  # stays only if we are broken
            try:
                outcome = await self._post(job)
            finally:  # whatever happens: who waits for an answer gets one
                self._came.append(Answer(job.tag, outcome))
                if len(self._came) >= self._wanted:
                    self._enough.set()

    async def _post(self, job: _Job[Tag]) -> Outcome:
        gate = partial(self._may_leave, job)
        try:
            if self._wire is None:
                await gate()
                send = self.client.send_request
                return await self._loop.run_in_executor(self._threads, send, job.body)
            answer = await self._wire.post(encode(job.body), gate=gate)
        except NothingLeft as exc:
            return NotSent(exc.reason)
        except NoAnswer as exc:
            return InDoubt(exc.reason)
        return answers.interpret(status=answer.status, body=answer.body)

    async def _may_leave(self, job: _Job[Tag]) -> None:
        """Wait for the turn of a message: what follows is its first byte. Raises NotSent."""
        while self.turns is not None and not self._is_closed:
            turn = self._loop.create_future()
            self._at_the_gate.append(turn)
            if self._porter is None or self._porter.done():
                self._porter = self._loop.create_task(self._open_gate(self.turns))
            if time.monotonic() <= await turn:
                break  # else it was over before we came to it
        if self._is_closed:
            raise NothingLeft("closed")
        if self.clock() - job.handed_over > STALE_AFTER:
            raise NothingLeft("stale")

    async def _open_gate(self, turns: Callable[[int], Turns]) -> None:
        """Let one message after the other leave, each in its turn, until none waits."""
        while self._at_the_gate:
            given = turns(len(self._at_the_gate))
            for begins, ends in given.each:
                while (rest := begins - time.monotonic()) > 0:
                    await asyncio.sleep(rest)
                if self._at_the_gate and time.monotonic() <= ends:
                    self._at_the_gate.popleft().set_result(ends)
            await asyncio.sleep(0 if given.each else given.wait)

    async def _end(self) -> None:
        for turn in self._at_the_gate:
            turn.set_result(0.0)  # what has not begun must not begin any more
        self._at_the_gate.clear()
        while self._carrying:
            await asyncio.wait(self._carrying)
        if self._wire is not None:
            self._wire.close()
        await asyncio.sleep(0)  # lets the connections say goodbye to the loop
