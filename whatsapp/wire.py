"""POSTs over kept connections on an event loop: what carries a broadcast.

A tenth of the CPU time that requests needs for the same bytes (docs/performance.md), because it
does one thing: a small JSON body to one address, and an answer read strictly. No redirects, no
cookies, no repetition. Whatever is not a plain HTTP answer counts as no answer.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from whatsapp.errors import NoAnswer, NotSent

HEAD_MAX: Final = 64 * 1024  # bytes
ANSWER_MAX: Final = 1024 * 1024  # bytes; an answer to a message has about 300
NO_BODY: Final = frozenset({204, 304})  # RFC 9112, 6.3: their answers end with the head
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
_LENGTH: Final = re.compile(rb"[0-9]{1,10}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


# Waits for the moment at which a request may leave; raises if it must not.
Gate = Callable[[], Awaitable[None]]


class NoHttp(ValueError):
    """What came is not an HTTP answer as we read it."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer; `is_last` says that the connection cannot be used again."""

    status: int
    body: bytes = field(repr=False)
    is_last: bool


@dataclass(slots=True, kw_only=True)
class Wire:
    """Kept connections to one address. Belongs to the event loop that uses it.

    `connect_timeout` is in seconds until TLS is agreed upon, `read_timeout` from the last byte
    of the request to the last of the answer.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    tls: ssl.SSLContext | None
    connect_timeout: float
    read_timeout: float
    _idle: list["_Connection"] = field(init=False, repr=False, default_factory=list)
    _head: bytes = field(init=False, repr=False)
    _address: tuple[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self._address = (parts.hostname or "", parts.port or (443 if self.tls else 80))
        headers = {"Host": parts.netloc.rpartition("@")[2], **self.headers}
        lines = [f"POST {parts.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        self._head = "\r\n".join([*lines, "Content-Length: "]).encode("ascii")

    async def post(self, body: bytes, *, gate: Gate | None = None) -> HttpAnswer:
        """Send `body` once and return the answer. Raises NotSent or NoAnswer.

        `gate` is waited for once a connection is there: what follows it is the first byte. If
        it raises, nothing has left.
        """
        connection = await self._ready(gate)
        request = b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
        try:
            answer = await connection.ask(request, seconds=self.read_timeout)
        except BaseException:
            connection.abort()
            raise
        if answer.is_last:
            connection.abort()
        else:
            self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close the connections that carry nothing at this moment."""
        while self._idle:
            self._idle.pop().abort()

    async def _ready(self, gate: Gate | None) -> "_Connection":
        """A connection to be written to at this moment."""
        while True:
            connection = self._kept() or await self._connect()
            if gate is None:
                return connection
            try:
                await gate()
            except BaseException:
                self._idle.append(connection)
                raise
            if connection.is_open:  # not hung up while we waited
                return connection

    def _kept(self) -> "_Connection | None":
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _connect(self) -> "_Connection":
        # Raised outside of `except`: those exceptions know the address.
        try:
            async with asyncio.timeout(self.connect_timeout):
                loop = asyncio.get_running_loop()
                _, connection = await loop.create_connection(
                    _Connection, *self._address, ssl=self.tls
                )
                return connection
        except ssl.SSLError:
            reason = "tls"
        except socket.gaierror:
            reason = "dns"
        except TimeoutError:
            reason = "connect_timeout"
        except OSError:
            reason = "connect"
        raise NotSent(reason)


class _Connection(asyncio.Protocol):
    """One connection: a question, its answer, the next question."""

    def __init__(self) -> None:
        self._unread = b""
        self._answer: asyncio.Future[HttpAnswer] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can carry a request, as far as we know."""
        return not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what writes."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    async def ask(self, request: bytes, *, seconds: float) -> HttpAnswer:
        """Write a request and wait for its answer. Raises NoAnswer."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._transport.write(request)
        timer = loop.call_later(seconds, self._fail, "timeout")
        try:
            return await self._answer
        finally:
            timer.cancel()
            self._answer = None

    def data_received(self, data: bytes) -> None:
        """Read on, until the answer is complete."""
        self._unread += data
        if self._answer is None:  # nobody has asked
            self.abort()
        elif len(self._unread) > ANSWER_MAX:
            self._fail("too_large")
        else:
            self._look(is_over=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """An answer without a length ends like this; any other is lost."""
        if exc is None and self._unread:
            self._look(is_over=True)
        self._fail("connection")

    def abort(self) -> None:
        """Hang up."""
        self._transport.abort()

    def _look(self, *, is_over: bool) -> None:
        try:
            answer = read(self._unread, is_over=is_over)
        except NoHttp:
            self._fail("connection")
            return
        if answer is not None and self._answer is not None and not self._answer.done():
            self._unread = b""
            self._answer.set_result(answer)

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswer(reason))


def read(unread: bytes, *, is_over: bool) -> HttpAnswer | None:
    """Read one answer; None while more must come. Raises NoHttp.

    `is_over` says that the other side has hung up in good order.
    """
    end = unread.find(b"\r\n\r\n")
    if end < 0:
        if len(unread) > HEAD_MAX:
            raise NoHttp
        return None
    line, *lines = unread[:end].split(b"\r\n")
    begins = _STATUS_LINE.fullmatch(line)
    if begins is None:
        raise NoHttp
    status, rest = int(begins[2]), unread[end + 4 :]
    if status < 200:  # “continue”, “early hints”: the answer itself follows
        return read(rest, is_over=is_over)
    fields = _fields(lines)
    hangs_up = begins[1] == b"0" or fields.get(b"connection", b"").lower() == b"close"
    is_last = is_over or hangs_up
    if status in NO_BODY:
        return HttpAnswer(status, b"", is_last=is_last or bool(rest))
    if b"transfer-encoding" in fields:
        return _chunked(status, rest, fields, is_last=is_last)
    length = fields.get(b"content-length")
    if length is None:
        return HttpAnswer(status, rest, is_last=True) if is_over else None
    if not _LENGTH.fullmatch(length):
        raise NoHttp
    size = int(length)
    if len(rest) < size:
        return None
    return HttpAnswer(status, rest[:size], is_last=is_last or len(rest) > size)


def _fields(lines: list[bytes]) -> dict[bytes, bytes]:
    """The fields of a head. What is said twice, and differently, cannot be relied on."""
    fields: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        key, text = name.lower(), value.strip()
        if not colon or name != name.strip() or not name:
            raise NoHttp
        if key in (b"content-length", b"transfer-encoding") and fields.get(key, text) != text:
            raise NoHttp
        fields[key] = text
    return fields


def _chunked(
    status: int, rest: bytes, fields: Mapping[bytes, bytes], *, is_last: bool
) -> HttpAnswer | None:
    if fields[b"transfer-encoding"].lower() != b"chunked" or b"content-length" in fields:
        raise NoHttp
    body, at = b"", 0
    while begins := _CHUNK.match(rest, at):
        size = int(begins[1], 16)
        start = begins.end()
        if not size:
            # Fields after the last chunk are nobody's business: such a connection ends here.
            is_plain = rest[start:] == b"\r\n"
            is_complete = is_plain or b"\r\n\r\n" in rest[start - 2 :]
            return (
                HttpAnswer(status, body, is_last=is_last or not is_plain) if is_complete else None
            )
        if len(rest) < start + size + 2:
            return None
        if rest[start + size : start + size + 2] != b"\r\n":
            raise NoHttp
        body, at = body + rest[start : start + size], start + size + 2
    if b"\r\n" in rest[at:]:
        raise NoHttp
    return None


@cache  # reading a system's bundle of certificates takes 20 ms
def trust(bundle: str) -> ssl.SSLContext:
    """What trusts the certificates in `bundle`, a file or a folder."""
    if Path(bundle).is_dir():
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)
