"""Uploads: files for messages, and samples for the reviewers of templates."""

import re

import pytest

from tests.whatsapp import server as web
from tests.whatsapp.examples import SECRET, make_client
from whatsapp import errors


def upload(client):
    return client.upload_media(b"\x89PNG...", mime_type="image/png", filename='Tür "3".png')


def upload_sample(client):
    return client.upload_sample(
        b"\xff\xd8", app_id="999", mime_type="image/jpeg", filename="a&b.jpg"
    )


def test_media_are_uploaded_as_a_form(server, client):
    server.reply(web.json_answer(200, {"id": "545"}))

    assert upload(client) == "545"
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/v25.0/111/media")
    assert re.match("multipart/form-data; boundary=", seen.headers["Content-Type"])
    for part in (
        b'name="messaging_product"\r\n\r\nwhatsapp\r\n',
        b'name="type"\r\n\r\nimage/png\r\n',
        'filename="Tür %223%22.png"\r\nContent-Type: image/png\r\n\r\n'.encode(),
        b"\r\n\r\n\x89PNG...\r\n",
    ):
        assert part in seen.body


def test_a_media_id_may_be_written_as_a_number(server, client):
    server.reply(web.json_answer(200, {"id": 545}))

    assert upload(client) == "545"


@pytest.mark.parametrize(
    ("answer", "exception", "words"),
    [
        (web.json_answer(200, {"success": True}), errors.NoAnswer, "no_id"),
        (web.html_answer(503), errors.NoAnswer, "server_error"),
        (web.html_answer(413), errors.NoAnswer, "no_graph_error"),
        (web.html_answer(200), errors.NoAnswer, "not_json"),
        (web.reset, errors.NoAnswer, "connection"),
        (web.graph_error(400, 131053), errors.TryLater, "131053"),
        (web.graph_error(400, 100), errors.Refused, "100"),
        (web.graph_error(401, 190), errors.StopAccount, "190"),
    ],
)
def test_an_upload_that_fails_is_not_repeated(server, client, answer, exception, words):
    server.reply(answer)

    with pytest.raises(exception, match=words):
        upload(client)

    assert len(server.seen) == 1


def test_an_upload_to_a_closed_port_was_not_sent(nobody):
    with pytest.raises(errors.NotSent, match="connect"):
        upload(nobody)


def test_an_upload_waits_longer_for_its_answer_than_a_message(server):
    server.reply(web.later(0.5, web.json_answer(200, {"id": "545"})))

    with make_client(server.url, read_timeout=0.1) as client:
        assert upload(client) == "545"


def test_a_sample_for_a_template_is_uploaded_in_two_steps(server, client):
    server.reply(
        web.json_answer(200, {"id": "upload:abc?sig=d"}), web.json_answer(200, {"h": "4:handle"})
    )

    assert upload_sample(client) == "4:handle"
    opened, sent = server.seen
    assert (opened.method, opened.path) == ("POST", "/v25.0/999/uploads")
    assert opened.query == {
        "file_name": ["a&b.jpg"],
        "file_length": ["2"],
        "file_type": ["image/jpeg"],
    }
    assert sent.path == "/v25.0/upload:abc"
    assert sent.query == {"sig": ["d"]}


def test_the_second_step_of_a_sample_has_headers_of_its_own(server, client):
    server.reply(web.json_answer(200, {"id": "upload:abc"}), web.json_answer(200, {"h": "4:x"}))

    upload_sample(client)

    sent = server.seen[1]
    assert sent.headers["file_offset"] == "0"
    assert sent.headers["Authorization"] == f"OAuth {SECRET}"
    assert sent.headers["Content-Type"] == "image/jpeg"
    assert sent.body == b"\xff\xd8"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([web.json_answer(200, {})], "no_id"),
        ([web.json_answer(200, {"id": "upload:abc"}), web.json_answer(200, {})], "no_h"),
    ],
)
def test_a_sample_without_its_ids_has_no_answer(server, client, answers, words):
    server.reply(*answers)

    with pytest.raises(errors.NoAnswer, match=words):
        upload_sample(client)
