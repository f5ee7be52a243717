"""The fast way for many messages: the same outcomes as the slow one, from a strict reader."""

import socket

import pytest

from tests.whatsapp import server as web
from tests.whatsapp.examples import HELLO, KIM, OK, make_client, send
from whatsapp import answers
from whatsapp.client import DIALOG_360, new_session
from whatsapp.pipeline import Pipeline
from whatsapp.wire import HttpAnswer, NoHttp, read

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n"
TRAILED = CHUNKED[:-2] + b"Digest: x\r\n\r\n"


def send_fast(client):
    with Pipeline(client, 1) as pipeline:
        pipeline.send(HELLO, to=KIM, token="t-1", tag=1)
        (answer,) = pipeline.drain()
    return answer.outcome


# --- the same outcomes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        web.chunked(b'{"messages": [{"id"', b': "wamid.A"}]}'),
        web.graph_error(400, 130429),
        web.graph_error(500, 131016),
        web.html_answer(200),
        web.raw(204, b""),
        web.raw(307, b"", Location="/elsewhere"),
        web.raw(200, b"\x1f\x8b", Content_Encoding="gzip"),
        web.raw(200, b" " * (2 * 1024 * 1024)),
        web.reset,
        web.cut_short,
        web.nonsense,
    ],
)
def test_both_ways_come_to_the_same_outcome(server, client, answer):
    server.reply(answer)
    slow = send(client)
    fast = send_fast(client)

    assert fast == slow
    assert len(server.seen) == 2


def test_both_ways_write_the_same_message_with_key_and_type(server, client):
    server.reply(OK)

    send(client)
    send_fast(client)

    slow, fast = server.seen
    assert (fast.method, fast.path, fast.body) == (slow.method, slow.path, slow.body)
    for name in ("Host", "Authorization", "Content-Type", "Content-Length"):
        assert fast.headers[name] == slow.headers[name]


def test_a_provider_has_its_own_path_and_header(server):
    server.reply(OK)

    with make_client(server.url, provider=DIALOG_360) as client:
        send_fast(client)

    assert server.seen[0].path == "/messages"
    assert "D360-API-KEY" in server.seen[0].headers


@pytest.mark.parametrize("answer", [lambda server: server.hang(), lambda server: server.drip()])
def test_who_answers_too_late_leaves_the_message_in_doubt(server, answer):
    server.reply(answer(server), OK)

    with make_client(server.url, read_timeout=0.3) as client:
        assert send_fast(client) == answers.InDoubt("timeout")

    assert len(server.seen) == 1


def test_a_failed_tls_handshake_proves_that_nothing_was_sent(server):
    with make_client(server.url.replace("http:", "https:")) as client:
        assert send_fast(client) == answers.NotSent("tls")

    assert server.seen == []


def test_a_name_that_does_not_exist_proves_that_nothing_was_sent():
    with make_client("http://nobody.invalid") as client:
        assert send_fast(client) == answers.NotSent("dns")


def test_a_server_that_takes_no_connection_proves_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with (
            socket.create_connection(address),  # the only place in the queue
            make_client("http://{}:{}".format(*address), connect_timeout=0.2) as client,
        ):
            assert send_fast(client) == answers.NotSent("connect_timeout")


def test_connections_are_used_again_until_the_server_says_no(server, client):
    goodbye = web.raw(200, b"{}", Connection="close")
    server.reply(OK, goodbye, OK)

    with Pipeline(client, 1) as pipeline:
        for number in range(4):
            pipeline.send(HELLO, to=KIM, token=f"t-{number}", tag=number)
        pipeline.drain()

    ports = [seen.client_port for seen in server.seen]
    assert ports[0] == ports[1] != ports[2] == ports[3]


# --- where only requests knows the way -------------------------------------------------------


def test_a_proxy_is_left_to_requests(server, client, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.reply(OK)

    assert client.wire() is None
    assert isinstance(send_fast(client), answers.Accepted)


def test_a_session_of_its_own_is_used(server):
    server.reply(OK)
    session = new_session(pool_size=1)
    session.headers["X-Mark"] = "mine"

    with make_client(server.url, session=session) as client:
        send_fast(client)

    assert server.seen[0].headers["X-Mark"] == "mine"


@pytest.mark.parametrize("address", ["http://[broken", "ftp://files.example", "nowhere"])
def test_an_impossible_address_proves_that_nothing_was_sent(address):
    with make_client(address) as client:
        assert isinstance(send_fast(client), answers.NotSent)


# --- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [PLAIN, CHUNKED, b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN])
def test_an_answer_may_come_in_any_pieces(whole):
    assert [read(whole[:end], is_over=False) for end in range(len(whole))] == [None] * len(whole)
    assert read(whole, is_over=False) == HttpAnswer(200, b"{}", is_last=False)


@pytest.mark.parametrize(
    "whole",
    [
        PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n"),
        PLAIN + b"HTTP/1.1 200 OK",
        PLAIN.replace(b"1.1", b"1.0"),
        TRAILED,
    ],
)
def test_after_such_an_answer_the_connection_is_not_used_again(whole):
    assert read(whole, is_over=False) == HttpAnswer(200, b"{}", is_last=True)


def test_an_answer_without_a_length_ends_with_its_connection():
    whole = b"HTTP/1.1 200 OK\r\n\r\n{}"

    assert read(whole, is_over=False) is None
    assert read(whole, is_over=True) == HttpAnswer(200, b"{}", is_last=True)


@pytest.mark.parametrize(
    "whole",
    [
        b"220 mail.example ready\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n",
    ],
)
def test_what_is_not_plain_http_is_no_answer(whole):
    with pytest.raises(NoHttp):
        read(whole, is_over=False)
