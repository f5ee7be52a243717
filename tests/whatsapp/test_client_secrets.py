"""What the client knows stays with the client: token, address, phone numbers, message ids."""

import logging
import traceback

import pytest

from tests.whatsapp import server as web
from tests.whatsapp.examples import OK, PHONE, SECRET, USER_ID, WAMID, make_client, send
from whatsapp import errors


@pytest.mark.parametrize("token", ["", "with\nbreak", "schlüssel"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(token):
    with pytest.raises(ValueError, match="printable ASCII") as caught:
        make_client("http://localhost", access_token=token)

    assert not token or token not in str(caught.value)


def test_the_repr_of_a_client_shows_neither_token_nor_address_nor_ids():
    with make_client("http://graph.internal:8443") as client:
        shown = repr(client)

    for hidden in (SECRET, "graph.internal", "8443", "111", "222", "v25.0"):
        assert hidden not in shown


@pytest.mark.parametrize("code", [190, 131016, 100])
def test_the_token_is_not_part_of_any_exception(server, client, code):
    server.reply(web.graph_error(400, code, error_user_msg=f"bad token {SECRET}"))

    with pytest.raises(errors.WhatsAppError) as caught:
        client.phone_number_health()

    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in repr(vars(caught.value))


def test_the_words_of_meta_are_not_part_of_an_exception(server, client):
    server.reply(web.graph_error(400, 100, error_user_msg=f"{PHONE} did not get {WAMID}"))

    with pytest.raises(errors.Refused) as caught:
        client.phone_number_health()

    shown = str(caught.value) + repr(caught.value)
    assert PHONE not in shown
    assert WAMID not in shown


def test_an_exception_does_not_hold_on_to_the_request_that_failed(nobody):
    with pytest.raises(errors.NoAnswer) as caught:
        nobody.phone_number_health()

    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("answer", [OK, web.html_answer(503), web.graph_error(400, 190), web.reset])
def test_not_even_the_finest_log_shows_a_token_a_number_or_a_message_id(
    server, client, caplog, answer
):
    server.reply(answer)

    with caplog.at_level(logging.DEBUG):
        shown = repr(send(client))

    for hidden in (SECRET, PHONE, PHONE[1:], USER_ID, WAMID):
        assert hidden not in caplog.text
        assert hidden not in shown


def test_an_ordinary_log_is_silent_about_sending(server, client, caplog):
    server.reply(OK, web.html_answer(503), web.reset)

    with caplog.at_level(logging.INFO):
        for _ in range(3):
            send(client)

    assert caplog.records == []


def test_the_address_of_the_next_page_is_not_followed_because_it_holds_the_token(server, client):
    paging = {"cursors": {"after": "c1"}, "next": f"{server.url}/?access_token={SECRET}"}
    server.reply(
        web.json_answer(200, {"data": [], "paging": paging}), web.json_answer(200, {"data": []})
    )

    list(client.templates())

    assert len(server.seen) == 2
    assert all("access_token" not in seen.query for seen in server.seen)
