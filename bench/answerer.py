"""Something that answers like Meta after 100 ms, over TLS: `python -m bench.answerer FOLDER`.

A process of its own, so that its CPU time is nobody else's. It makes a certificate for
127.0.0.1 in FOLDER (`ca.pem`), listens on a free port, and prints the port. It looks at nothing
but the length of a request: what Meta would say about it is the simulator's business. It notes
when each has arrived, and tells it once to whoever asks for ARRIVALS. Where the system permits,
it comes before all ordinary processes: what is noted is then when messages arrive, not when a busy
machine lets it look.
"""

import asyncio
import datetime as dt
import json
import os
import ssl
import sys
import time
from contextlib import suppress
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LATENCY = 0.1  # seconds; what Meta takes, roughly
BODY = (
    '{"messaging_product":"whatsapp","contacts":[{"input":"+4915100000001",'
    '"wa_id":"4915100000001"}],"messages":[{"id":"wamid.HBgNNDkxNTEwMDAwMDAwMRUCABEYEjA%09d",'
    '"message_status":"accepted"}]}'
)
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
    "Content-Length: {}\r\nConnection: keep-alive\r\n\r\n"
)
LENGTH = b"content-length:"
ARRIVALS = "/arrivals"
URGENT = b'"eilmeldung"'  # the name of its template
numbers = count(1)
arrivals: list[tuple[float, bool]] = []  # by time.monotonic(), and whether it was urgent


class Answerer(asyncio.Protocol):
    """One connection; answers each request LATENCY after its last byte."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with nothing read."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.unread = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that has come completely."""
        self.unread += data
        while size := size_of_first(self.unread):
            request, self.unread = self.unread[:size], self.unread[size:]
            if request.startswith(b"GET " + ARRIVALS.encode()):
                self.answer(json.dumps(arrivals))
                arrivals.clear()
                continue
            arrivals.append((time.monotonic(), URGENT in request))
            asyncio.get_running_loop().call_later(LATENCY, self.accept)

    def accept(self) -> None:
        """Accept a message that is not looked at."""
        self.answer(BODY % next(numbers))

    def answer(self, body: str) -> None:
        """Write an answer, if somebody still listens."""
        if not self.transport.is_closing():
            self.transport.write((HEAD.format(len(body)) + body).encode())


def size_of_first(unread: bytes) -> int:
    """The size of the request at the beginning, 0 while it is not complete."""
    end = unread.find(b"\r\n\r\n")
    if end < 0:
        return 0
    start = unread.lower().find(LENGTH, 0, end) + len(LENGTH)
    size = end + 4 + int(unread[start : unread.find(b"\r\n", start)])
    return size if len(unread) >= size else 0


def certify(folder: Path) -> None:
    """Make a key and a certificate for 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    today = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    own, clear = signed.public_bytes(pem), serialization.NoEncryption()
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, clear)
    (folder / "own.pem").write_bytes(written + own)
    # Beside those that everybody trusts: reading them is a part of what a session saves.
    (folder / "ca.pem").write_bytes(own + Path(certifi.where()).read_bytes())


async def _serve(folder: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certify(folder)
    context.load_cert_chain(folder / "own.pem")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answerer, "127.0.0.1", 0, ssl=context, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - our caller reads it
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    asyncio.run(_serve(Path(sys.argv[1])))
