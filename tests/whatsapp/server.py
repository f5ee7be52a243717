"""A tiny web server on the loopback, which answers exactly as a test tells it to."""

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HANG_AT_MOST = 30  # seconds; the fixture ends every hanging answer long before
DRIP = 0.02  # seconds between two bytes
DRIPS = 200  # bytes

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    client_port: int  # tells connections apart

    def json(self):
        return json.loads(self.body)


@dataclass
class Server:
    """Give it answers, ask it, look at what it saw. The last answer repeats for ever."""

    answers: list[Answer] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        self._http = _http_server(self)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def reply(self, *answers):
        self.answers = list(answers)

    def take(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def hang(self):
        return lambda _: self.released.wait(HANG_AT_MOST)

    def drip(self):
        """A byte now and then, for a long time: no single read is ever late."""

        def answer(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(DRIPS))
            handler.end_headers()
            # The client may hang up; then writing fails, and that is the end of it.
            with contextlib.suppress(OSError):
                for _ in range(DRIPS):
                    handler.wfile.write(b" ")
                    self.released.wait(DRIP)

        return answer


def raw(status, body, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def json_answer(status, value):
    return raw(status, json.dumps(value).encode(), Content_Type="application/json")


def html_answer(status):
    return raw(status, b"<html>try again later</html>", Content_Type="text/html")


def graph_error(status, code, **more):
    return json_answer(status, {"error": {"code": code, "message": "(#) no", **more}})


def reset(handler):
    """Read everything, answer nothing, and hang up the hard way."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_short(handler):
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"messages": [')
    handler.close_connection = True


def chunked(*pieces):
    """An answer that does not say beforehand how long it is."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in [*pieces, b""]:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    return answer


def later(seconds, answer):
    """The same answer, but not at once."""

    def wait(handler):
        time.sleep(seconds)
        answer(handler)

    return wait


def nonsense(handler):
    """Something that is no HTTP at all."""
    handler.wfile.write(b"220 mail.example ready\r\n\r\n")
    handler.close_connection = True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class _Http(ThreadingHTTPServer):
    """Says nothing about callers who went away: here that is what they are meant to do."""

    daemon_threads = True

    def handle_error(self, *_):
        pass


def _http_server(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or every answer waits 40 ms for an acknowledgement

        def do_GET(self):
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query, headers = parse_qs(url.query), dict(self.headers.items())
            port = self.client_address[1]
            server.seen.append(Seen(self.command, url.path, query, headers, body, port))
            server.take()(self)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    return _Http(("127.0.0.1", 0), Handler)
