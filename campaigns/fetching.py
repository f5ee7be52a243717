"""Fetching a page of somebody else's server, so that it cannot lead us into our own network.

Only https, only port 443, no redirect, no proxy, no cookie. The name is resolved once, every
address that it has must be a public one, and the connection goes to the address that was
looked at: a name server that answers differently a second time changes nothing (OWASP,
“Server-Side Request Forgery Prevention”, 2026). Certificates are those of the name.

The body comes as it is (compressed ones could unfold without end), up to a size and a time.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

SIZE_MAX: Final = 2_000_000  # bytes; the feeds of German papers have at most 300,000
TIME_MAX: Final = 10.0  # seconds for all of the body
TIMEOUT: Final = (3.0, 5.0)  # seconds to connect, and between two pieces of the answer
_PIECE: Final = 16_384  # bytes
_HEADERS: Final = {
    "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8",
    "Accept-Encoding": "identity",
    "User-Agent": "SWE-Broadcast/1 (press review)",
}
# Public by its range, but a way to any IPv4 address behind it: NAT64 (RFC 6052, RFC 8215), 6to4.
_GATEWAYS: Final = tuple(
    ipaddress.IPv6Network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)

Resolve = Callable[[str, int], Collection[str]]


class NotFetched(Exception):
    """Nothing was brought; ask again another time."""


class WrongAddress(NotFetched):
    """Not https, no such name, or a name that leads to an address which is not public."""


class NoAnswer(NotFetched):
    """Nobody answered, not in time, or not with a certificate of that name."""


class Moved(NotFetched):
    """The server sends us elsewhere; a person has to decide whether to go there."""


class TooLarge(NotFetched):
    """The body is larger than we read."""


class Refused(NotFetched):
    """The server answered, but not with what was asked for."""


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of a host. Raises OSError, and UnicodeError for an absurd name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_kind, address in found]


def is_public(address: str) -> bool:
    """Tell whether an address is one of the internet's, and of one machine."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in gateway for gateway in _GATEWAYS):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Fetches pages. Everything but the defaults is for tests, which have no internet."""

    resolve: Resolve = resolve
    is_allowed: Callable[[str], bool] = is_public
    port: int = 443
    certificates: str | bool = True
    size_max: int = SIZE_MAX
    time_max: float = TIME_MAX

    def get(self, url: str) -> bytes:
        """Return the body behind an address. Raises NotFetched."""
        host = self._host(url)
        until = time.monotonic() + self.time_max
        with requests.Session() as session:
            session.trust_env = False  # no proxy: it would do the resolving
            session.mount("https://", _Pinned(host, self._address(host), self.port))
            try:
                with session.get(
                    url,
                    headers=_HEADERS | {"Host": host},
                    timeout=TIMEOUT,
                    allow_redirects=False,
                    stream=True,
                    verify=self.certificates,
                ) as answer:
                    self._check(answer)
                    return self._body(answer, until=until)
            except (requests.RequestException, HTTPError, OSError) as trouble:
                raise NoAnswer(type(trouble).__name__) from trouble

    def _host(self, url: str) -> str:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise WrongAddress("not an address") from None
        if parts.scheme != "https" or not parts.hostname or port not in (None, self.port):
            raise WrongAddress("not https, or another port")
        if parts.username is not None or parts.password is not None:
            raise WrongAddress("with a name in it")
        return parts.hostname

    def _address(self, host: str) -> str:
        """Return the address to connect to. All must be public: one of them might be chosen."""
        try:
            addresses = list(self.resolve(host, self.port))
        except (OSError, UnicodeError) as trouble:
            raise WrongAddress("no such name") from trouble
        if not addresses or not all(self.is_allowed(address) for address in addresses):
            raise WrongAddress("not a public address")
        return addresses[0]

    def _check(self, answer: requests.Response) -> None:
        if answer.is_redirect or 300 <= answer.status_code < 400:
            raise Moved(str(answer.status_code))
        if answer.status_code != requests.codes.ok:
            raise Refused(str(answer.status_code))
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Refused("compressed, although not asked for")
        length = answer.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self.size_max:
            raise TooLarge(length)

    def _body(self, answer: requests.Response, *, until: float) -> bytes:
        """Read piece by piece what has come so far: one byte a second must not hold us up."""
        body = bytearray()
        while piece := answer.raw.read1(_PIECE, decode_content=False):
            body += piece
            if len(body) > self.size_max:
                raise TooLarge(str(len(body)))
            if time.monotonic() > until:
                raise NoAnswer("too slow")
        return bytes(body)


class _Pinned(HTTPAdapter):
    """Connects to one address, and asks there for the certificate of the host."""

    def __init__(self, host: str, address: str, port: int) -> None:
        super().__init__(max_retries=0)
        self._to = host, address, port

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        """Put the address in the place of the name, and keep the name for TLS."""
        params, options = super().build_connection_pool_key_attributes(request, verify, cert)
        host, address, port = self._to
        names = {"server_hostname": host, "assert_hostname": host}
        return {**params, "host": address, "port": port}, {**options, **names}
