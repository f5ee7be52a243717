"""Sending a message: one POST, one outcome, whatever happens on the way."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.whatsapp import server as web
from tests.whatsapp.examples import (
    HELLO,
    KIM,
    OK,
    PHONE,
    SECRET,
    USER_ID,
    WAMID,
    make_client,
    refusal,
    send,
)
from whatsapp import answers
from whatsapp.client import DIALOG_360
from whatsapp.payloads import Image, Recipient, Template


def test_a_message_is_posted_once_with_key_and_token(server, client):
    server.reply(OK)

    outcome = send(client)

    assert outcome == answers.Accepted(WAMID, wa_id="4915100000001", user_id=USER_ID)
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/v25.0/111/messages")
    assert seen.headers["Authorization"] == f"Bearer {SECRET}"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Content-Length"] == str(len(seen.body))


def test_a_message_goes_out_byte_by_byte_as_meta_wants_it(server, client):
    server.reply(OK)

    send(client)

    expected = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+4915100000001",
        "type": "text",
        "text": {"body": "Guten Morgen ✓", "preview_url": False},
        "biz_opaque_callback_data": "t-1",
    }
    assert server.seen[0].body == json.dumps(expected).encode("ascii")


def test_a_person_without_a_known_number_is_addressed_by_user_id(server, client):
    server.reply(OK)

    client.send(HELLO, to=Recipient(user_id=USER_ID), token="t-1")

    sent = server.seen[0].json()
    assert sent["recipient"] == USER_ID
    assert "to" not in sent


def test_a_reply_names_the_message_it_answers(server, client):
    server.reply(OK)

    client.send(HELLO, to=KIM, token="t-1", reply_to="wamid.Q")

    assert server.seen[0].json()["context"] == {"message_id": "wamid.Q"}


def test_a_template_with_media_and_payload_goes_out_as_it_was_built(server, client):
    server.reply(OK)
    template = Template(
        name="news",
        language="de",
        values={"titel": "Tor 3"},
        header=Image(media_id="545"),
        payloads={0: "read:1"},
    )

    client.send(template, to=KIM, token="t-1")

    assert server.seen[0].json()["template"] == template.to_json()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"token": "t" * 513}, ("token", "too_long", 512)),
        ({"token": ""}, ("token", "empty", None)),
        ({"reply_to": ""}, ("reply_to", "empty", None)),
    ],
)
def test_an_unfit_token_or_reply_is_refused_before_anything_is_sent(
    server, client, changes, expected
):
    arguments = {"to": KIM, "token": "t-1"} | changes

    assert refusal(client.send, HELLO, **arguments) == expected
    assert server.seen == []


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (web.graph_error(400, 130429), answers.SlowDown(130429, "number")),
        (web.graph_error(400, 131056), answers.SlowDown(131056, "recipient")),
        (web.graph_error(400, 80007), answers.SlowDown(80007, "account")),
        (web.graph_error(400, 131021), answers.RecipientRefused(131021)),
        (web.graph_error(404, 132001), answers.BroadcastStopped(132001)),
        (web.graph_error(401, 190), answers.AccountStopped(190)),
        (web.graph_error(400, 131008), answers.OurMistake(131008)),
        (web.graph_error(400, 2), answers.TryAgain(2)),
        (web.graph_error(500, 131016), answers.InDoubt("server_error")),
        (web.html_answer(503), answers.InDoubt("server_error")),
        (web.html_answer(403), answers.InDoubt("no_graph_error")),
        (web.html_answer(200), answers.InDoubt("not_json")),
        (web.raw(200, b""), answers.InDoubt("not_json")),
        (web.raw(204, b""), answers.InDoubt("not_json")),
        (web.raw(200, b"\xff{}"), answers.InDoubt("not_utf8")),
        (web.raw(200, b"[" * 100_000), answers.InDoubt("too_deep")),
        (web.raw(200, b"\x1f\x8b", Content_Encoding="gzip"), answers.InDoubt("not_utf8")),
        (web.raw(200, b" " * (2 * 1024 * 1024)), answers.InDoubt("too_large")),
        (web.raw(200, b"{}", Content_Length="7"), answers.InDoubt("connection")),
        (web.reset, answers.InDoubt("connection")),
        (web.cut_short, answers.InDoubt("connection")),
        (web.nonsense, answers.InDoubt("connection")),
    ],
)
def test_every_answer_has_one_outcome_and_no_second_post(server, client, answer, outcome):
    server.reply(answer, OK)

    assert send(client) == outcome
    assert len(server.seen) == 1


def test_a_redirect_is_not_followed(server, client):
    server.reply(web.raw(307, b"", Location=f"{server.url}/elsewhere"), OK)

    assert send(client) == answers.InDoubt("no_graph_error")
    assert len(server.seen) == 1


def test_an_answer_may_come_in_chunks(server, client):
    server.reply(web.chunked(b'{"messages": [{"id"', b': "wamid.A"}]}'))

    assert send(client) == answers.Accepted("wamid.A")


def test_a_silent_server_leaves_the_message_in_doubt(server):
    server.reply(server.hang(), OK)

    with make_client(server.url, read_timeout=0.3) as client:
        outcome = send(client)

    assert outcome == answers.InDoubt("timeout")
    assert len(server.seen) == 1


def test_a_dripping_answer_is_not_waited_for_to_its_end(server):
    server.reply(server.drip(), OK)

    with make_client(server.url, connect_timeout=0.1, read_timeout=0.3) as client:
        outcome = send(client)

    assert outcome == answers.InDoubt("timeout")
    assert len(server.seen) == 1


# --- nothing has left ------------------------------------------------------------------------


def test_a_closed_port_proves_that_nothing_was_sent(nobody):
    assert send(nobody) == answers.NotSent("connect")


def test_a_server_that_takes_no_connection_proves_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with (
            socket.create_connection(address),  # the only place in the queue
            make_client("http://{}:{}".format(*address), connect_timeout=0.2) as client,
        ):
            assert send(client) == answers.NotSent("connect_timeout")


def test_a_name_that_does_not_exist_proves_that_nothing_was_sent():
    with make_client("http://nobody.invalid") as client:
        assert send(client) == answers.NotSent("dns")


def test_a_failed_tls_handshake_proves_that_nothing_was_sent(server):
    server.reply(OK)

    with make_client(server.url.replace("http:", "https:")) as client:
        assert send(client) == answers.NotSent("tls")

    assert server.seen == []


@pytest.mark.parametrize("address", ["http://[broken", "ftp://files.example", "nowhere"])
def test_an_impossible_address_proves_that_nothing_was_sent(address):
    with make_client(address) as client:
        assert isinstance(send(client), answers.NotSent)


# --- the session -----------------------------------------------------------------------------


def test_connections_are_used_again(server, client):
    server.reply(OK)

    for _ in range(3):
        send(client)

    assert len({seen.client_port for seen in server.seen}) == 1


def test_many_threads_share_one_client(server):
    server.reply(OK)

    with make_client(server.url, pool_size=8) as client, ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: send(client), range(80)))

    assert {type(outcome) for outcome in outcomes} == {answers.Accepted}
    assert len(server.seen) == 80


def test_a_provider_differs_in_path_and_header_only(server):
    server.reply(OK)

    with make_client(server.url, provider=DIALOG_360) as client:
        send(client)

    (seen,) = server.seen
    assert seen.path == "/messages"
    assert seen.headers["D360-API-KEY"] == SECRET
    assert "Authorization" not in seen.headers
    assert seen.json()["to"] == PHONE


def test_a_netrc_file_does_not_replace_our_key(server, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.reply(OK)

    send(client)

    assert server.seen[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_cookies_are_not_kept(server, client):
    server.reply(web.raw(200, b"{}", Set_Cookie="a=b"))

    send(client)
    send(client)

    assert "Cookie" not in server.seen[1].headers
