"""Many messages at once: requests in flight side by side, answers as they come.

The caller decides how fast; the pipeline only carries. One thread per request in flight, all
on one session with kept connections. Nothing is ever sent twice by itself.
"""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Self, TypeVar

from whatsapp import payloads
from whatsapp.answers import NotSent, Outcome
from whatsapp.client import CloudClient
from whatsapp.payloads import Content, Recipient

Tag = TypeVar("Tag")

# Seconds between being handed over and the first byte. A process that was stopped meanwhile
# must not wake up and send what others have given up.
STALE_AFTER = 5.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[Tag]):
    """What became of one message; `tag` is what the caller gave to recognise it."""

    tag: Tag
    outcome: Outcome


@dataclass(slots=True)
class Pipeline(Generic[Tag]):
    """Up to `width` messages on the wire at once. Use as a context manager."""

    client: CloudClient
    width: int
    clock: Callable[[], float] = time.monotonic
    _threads: ThreadPoolExecutor = field(init=False)
    _flying: set[Future[Answer[Tag]]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.width, thread_name_prefix="send")

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
        self._threads.shutdown(wait=True, cancel_futures=True)

    @property
    def room(self) -> int:
        """How many more messages may be put on the wire now."""
        return self.width - len(self._flying)

    @property
    def is_busy(self) -> bool:
        """Whether anything is on the wire."""
        return bool(self._flying)

    def send(self, content: Content, *, to: Recipient, token: str, tag: Tag) -> None:
        """Put a message on the wire; its answer comes out of `collect`.

        Raises InvalidPayload if `token` is not fit to be sent.
        """
        # Built here and not in the thread: what is raised there would come out of `collect`,
        # and take the answers of other messages with it.
        body = payloads.request(content, to=to, token=token)
        self._flying.add(self._threads.submit(self._send, body, tag, self.clock()))

    def collect(self, *, seconds: float) -> list[Answer[Tag]]:
        """Return the answers that have come; wait up to `seconds` for the first of them."""
        if not self._flying:
            time.sleep(seconds)
            return []
        done, self._flying = wait(self._flying, timeout=seconds, return_when=FIRST_COMPLETED)
        return [job.result() for job in done]

    def drain(self) -> list[Answer[Tag]]:
        """Wait for everything on the wire; the client's time limits bound how long."""
        done, self._flying = wait(self._flying)
        return [job.result() for job in done]

    def _send(self, body: payloads.Json, tag: Tag, handed_over: float) -> Answer[Tag]:
        if self.clock() - handed_over > STALE_AFTER:
            return Answer(tag, NotSent("stale"))
        return Answer(tag, self.client.send_request(body))
