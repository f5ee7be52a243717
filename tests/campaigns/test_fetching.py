"""Fetching from strangers: nothing leads into our own network, nothing holds a worker up."""

import datetime as dt
import ipaddress
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from campaigns import fetching
from campaigns.fetching import Fetcher, Moved, NoAnswer, Refused, TooLarge, WrongAddress

HOST = "presse.example"

INTO_OUR_NETWORK = [
    "127.0.0.1",
    "::1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "::ffff:127.0.0.1",
    "fd00::1",
    "fe80::1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "198.18.0.1",
    "fe80::1%eth0",
    "not an address",
]


@pytest.mark.parametrize("address", INTO_OUR_NETWORK)
def test_an_address_of_our_own_network_is_not_public(address):
    assert not fetching.is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address):
    assert fetching.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://0/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://[::ffff:7f00:1]/",
        "https://localhost./",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
def test_no_spelling_of_this_machine_is_fetched(url):
    with pytest.raises(WrongAddress):
        Fetcher().get(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://presse.example/",
        "file:///etc/passwd",
        "ftp://presse.example/",
        "gopher://presse.example/",
        "//presse.example/",
        "https://presse.example:8443/",
        "https://presse.example:99999/",
        "https://me@presse.example/",
        "https://:secret@presse.example/",
        "https:///",
        "https://[::1",
        "",
    ],
)
def test_only_plain_https_is_fetched(url):
    asked = []
    fetcher = Fetcher(resolve=lambda host, port: asked.append(host) or ["93.184.215.14"])

    with pytest.raises(WrongAddress):
        fetcher.get(url)

    assert asked == []


def test_one_address_of_ours_among_public_ones_is_enough_to_refuse():
    with pytest.raises(WrongAddress):
        Fetcher(resolve=lambda host, port: ["93.184.215.14", "10.0.0.1"]).get(f"https://{HOST}/")


@pytest.mark.parametrize("trouble", [OSError("no such host"), UnicodeError("label too long")])
def test_a_name_that_nobody_knows_is_a_wrong_address(trouble):
    def resolve(host, port):
        raise trouble

    with pytest.raises(WrongAddress):
        Fetcher(resolve=resolve).get(f"https://{HOST}/")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for HOST, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "host.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def paper(certificate, answer):
    """A web server of a paper on this machine: `answer` writes what it says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            answer(self)
            self.close_connection = True

        def log_message(self, *_args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def ask(certificate):
    """Fetch from a paper that answers so."""

    def get(answer, *, host=HOST, **limits):
        with paper(certificate, answer) as port:
            fetcher = Fetcher(
                resolve=lambda _host, _port: ["127.0.0.1"],
                is_allowed=lambda address: ipaddress.ip_address(address).is_loopback,
                port=port,
                certificates=str(certificate),
                **limits,
            )
            return fetcher.get(f"https://{host}:{port}/feed")

    return get


def says(body=b"<rss/>", status=200, **headers):
    """An answer with this body."""

    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_a_paper_is_asked_by_its_name_at_the_address_that_was_looked_at(ask):
    heard = {}

    def answer(handler):
        heard.update(handler.headers.items(), path=handler.path)
        says()(handler)

    assert ask(answer) == b"<rss/>"
    assert (heard["Host"], heard["path"]) == (HOST, "/feed")
    assert "Cookie" not in heard
    assert "Authorization" not in heard


def test_a_certificate_of_another_name_is_refused(ask):
    with pytest.raises(NoAnswer):
        ask(says(), host="anders.example")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(ask, status):
    with pytest.raises(Moved):
        ask(says(status=status, Location="https://127.0.0.1/admin/"))


@pytest.mark.parametrize("status", [204, 403, 404, 500])
def test_an_answer_that_is_none_is_refused(ask, status):
    with pytest.raises(Refused):
        ask(says(b"", status=status))


def test_what_is_compressed_is_refused_before_it_unfolds(ask):
    with pytest.raises(Refused):
        ask(says(Content_Encoding="gzip"))


def test_a_large_answer_is_refused_by_its_announcement(ask):
    with pytest.raises(TooLarge):
        ask(says(b"x" * 2000), size_max=1000)


def test_a_large_answer_without_an_announcement_is_cut_off(ask):
    def answer(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x" * 2000)

    with pytest.raises(TooLarge):
        ask(answer, size_max=1000)


def test_an_answer_that_drips_is_given_up(ask):
    def answer(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x")

    with pytest.raises(NoAnswer):
        ask(answer, time_max=-1)


def test_a_paper_that_hangs_up_has_not_answered(ask):
    with pytest.raises(NoAnswer):
        ask(lambda handler: None)
