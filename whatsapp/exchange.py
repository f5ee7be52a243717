"""One HTTP exchange by requests: what leaves, what comes, and what a failure is called."""

import io
import json
from collections.abc import Mapping
from time import monotonic
from typing import Final

import requests  # noqa: TID251 - a part of whatsapp/client.py
import urllib3

ANSWER_MAX: Final = 1024 * 1024  # bytes; a page of 100 templates has about 200,000
PIECE: Final = 64 * 1024  # bytes read at a time


class Body(io.BytesIO):
    """What we send, and the witness of whether it has left.

    urllib3 starts to read a body when the connection stands, TLS is agreed upon and the head
    of the request is written. Nobody can act on a head whose body never came: as long as
    nothing was read, nothing was asked.
    """

    def __init__(self, content: bytes, *, content_type: str) -> None:
        super().__init__(content)
        self.content_type = content_type
        self.has_left = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.has_left = True
        return super().read(size)


class TooLarge(ValueError):
    """The answer is longer than any answer should be."""


def encode(value: Mapping[str, object]) -> bytes:
    """The bytes of a JSON body."""
    return json.dumps(value).encode()


def json_body(value: Mapping[str, object]) -> Body:
    """A JSON body."""
    return Body(encode(value), content_type="application/json")


def read_answer(response: requests.Response, *, deadline: float) -> bytes:
    """Read an answer to its end; raises TooLarge, TimeoutError or what urllib3 raises."""
    answer = b""
    # read1() returns what one packet brought, so that a server which sends a byte now and
    # then cannot keep us past the deadline.
    while piece := response.raw.read1(PIECE):
        answer += piece
        if len(answer) > ANSWER_MAX:
            raise TooLarge
        if monotonic() > deadline:
            raise TimeoutError
    return answer


_SLUGS: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...]] = (
    (TooLarge, "too_large"),
    (urllib3.exceptions.NameResolutionError, "dns"),
    (urllib3.exceptions.NewConnectionError, "connect"),
    (requests.ConnectTimeout, "connect_timeout"),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), "tls"),
    (requests.exceptions.ProxyError, "proxy"),
    ((requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), "timeout"),
)


def slug(exc: Exception) -> str:
    """Name a failure in one word, none of which tells where we wanted to go."""
    # requests wraps urllib3's MaxRetryError, which names the real reason.
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    for kinds, word in _SLUGS:
        if isinstance(exc, kinds) or isinstance(reason, kinds):
            return word
    return "connection"
