"""What an answer to POST /messages proves, read without any network."""

import json

import pytest

from tests.whatsapp.examples import PHONE, USER_ID, WAMID
from whatsapp import answers
from whatsapp.answers import GraphError, graph_error, interpret


def accepted(*, contacts=None, **message):
    found = contacts if contacts is not None else [{"input": PHONE, "wa_id": "4915100000001"}]
    return json.dumps({"contacts": found, "messages": [{"id": WAMID} | message]}).encode()


def error(code, **more):
    return json.dumps({"error": {"code": code, "message": "(#) no"} | more}).encode()


# --- accepted --------------------------------------------------------------------------------


def test_an_accepted_message_has_an_id_and_the_number_as_meta_understood_it():
    outcome = interpret(status=200, body=accepted())

    assert outcome == answers.Accepted(WAMID, wa_id="4915100000001")


def test_a_message_to_a_user_id_is_accepted_without_a_number():
    outcome = interpret(status=200, body=accepted(contacts=[{"user_id": USER_ID}]))

    assert outcome == answers.Accepted(WAMID, user_id=USER_ID)


@pytest.mark.parametrize("word", ["accepted", "held_for_quality_assessment", "paused"])
def test_a_template_says_whether_it_is_held_back(word):
    outcome = interpret(status=200, body=accepted(message_status=word))

    assert outcome.message_status == word


@pytest.mark.parametrize("odd", ["", "Call +4915100000001", 7, None, ["accepted"]])
def test_a_message_status_that_is_no_word_is_dropped(odd):
    outcome = interpret(status=200, body=accepted(message_status=odd))

    assert outcome == answers.Accepted(WAMID, wa_id="4915100000001")


@pytest.mark.parametrize("contacts", [[], {}, [7], [{"wa_id": None, "user_id": 4}], "x"])
def test_odd_contacts_do_not_spoil_an_accepted_message(contacts):
    assert interpret(status=200, body=accepted(contacts=contacts)) == answers.Accepted(WAMID)


def test_every_2xx_with_a_message_id_is_an_acceptance():
    assert isinstance(interpret(status=202, body=accepted()), answers.Accepted)


# --- in doubt --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"<html>", "not_json"),
        (b"\xff", "not_utf8"),
        (b"[]", "not_an_object"),
        (b'{"a":' * 100_000, "too_deep"),
        (b"{}", "no_message_id"),
        (b'{"messages": []}', "no_message_id"),
        (b'{"messages": [{"id": ""}]}', "no_message_id"),
        (b'{"messages": [{"id": 7}]}', "no_message_id"),
        (b'{"messages": {"id": "wamid.A"}}', "no_message_id"),
        (error(190), "no_message_id"),
    ],
)
def test_a_200_without_a_message_id_leaves_the_message_in_doubt(body, reason):
    assert interpret(status=200, body=body) == answers.InDoubt(reason)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
@pytest.mark.parametrize("body", [b"", b"<html>", error(131016), error(190), accepted()])
def test_a_5xx_leaves_the_message_in_doubt_whatever_it_says(status, body):
    assert interpret(status=status, body=body) == answers.InDoubt("server_error")


@pytest.mark.parametrize("status", [301, 307, 400, 403, 404, 429])
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"error": "no"}', b'{"error": {}}'])
def test_a_page_of_some_proxy_leaves_the_message_in_doubt(status, body):
    assert interpret(status=status, body=body) == answers.InDoubt("no_graph_error")


def test_a_redirect_proves_nothing_even_with_an_error_inside():
    assert interpret(status=302, body=error(190)) == answers.InDoubt("no_graph_error")


# --- rejected --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (2, answers.TryAgain(2)),
        (130429, answers.SlowDown(130429, "number")),
        (131056, answers.SlowDown(131056, "recipient")),
        (4, answers.SlowDown(4, "account")),
        (131026, answers.RecipientRefused(131026)),
        (132015, answers.BroadcastStopped(132015)),
        (190, answers.AccountStopped(190)),
        (100, answers.OurMistake(100)),
        (139100, answers.OurMistake(139100)),
        (999999, answers.OurMistake(999999)),
    ],
)
def test_a_rejection_is_named_after_the_next_step(code, outcome):
    assert interpret(status=400, body=error(code)) == outcome


def test_the_http_status_decides_only_about_unknown_codes():
    assert interpret(status=403, body=error(999999)) == answers.AccountStopped(999999)
    assert interpret(status=403, body=error(131026)) == answers.RecipientRefused(131026)


def test_an_unknown_code_that_meta_calls_transient_is_tried_again():
    body = error(999999, is_transient=True)

    assert interpret(status=400, body=body) == answers.TryAgain(999999)


@pytest.mark.parametrize(
    "more",
    [
        {"error_data": {"details": "Recipient phone number is not valid"}},
        {"error_data": "recipient is not valid"},
        {"message": "(#131009) Recipient?"},
        {"error_user_msg": "The recipient does not exist"},
    ],
)
def test_a_bad_number_refuses_one_person_wherever_meta_says_so(more):
    assert interpret(status=400, body=error(131009, **more)) == answers.RecipientRefused(131009)


# --- the error itself ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (100, 33, 33),
        (100, "33", 33),
        (100, 2388299, 2388299),
        (100, 2494055, 100),
        (100, None, 100),
        (190, 463, 190),
        (131056, 33, 131056),
    ],
)
def test_a_known_subcode_makes_the_generic_code_precise_and_no_other(code, subcode, expected):
    found = graph_error(error(code, error_subcode=subcode))

    assert found.code == expected


@pytest.mark.parametrize("code", [None, "x", -1, 1.5, True, [], 2**31])
def test_an_error_without_a_usable_code_is_none(code):
    assert graph_error(error(code)) is None


@pytest.mark.parametrize("transient", [False, None, "true", 1])
def test_only_a_plain_yes_is_transient(transient):
    assert graph_error(error(2, is_transient=transient)).transient is False


def test_the_words_for_people_come_first():
    body = error(100, error_user_msg="Say this.", error_data={"details": "Or this."})

    assert graph_error(body) == GraphError(100, transient=False, details="Say this.")


@pytest.mark.parametrize(
    "value",
    [
        answers.Accepted(WAMID, wa_id="4915100000001", user_id=USER_ID),
        GraphError(100, transient=False, details=f"{PHONE} {WAMID} {USER_ID}"),
        interpret(status=400, body=error(131009, message=f"recipient {PHONE} {WAMID} {USER_ID}")),
    ],
)
def test_the_printed_form_shows_nobody(value):
    for hidden in (PHONE[1:], WAMID, USER_ID):
        assert hidden not in repr(value)
