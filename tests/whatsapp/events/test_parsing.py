"""The envelope, and whatever anybody may put into it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.whatsapp.events.examples import (
    ACCOUNT,
    CONTACT,
    NAME,
    NUMBER,
    PARENT_ID,
    change,
    message,
    of_messages,
    read,
    status,
    webhook,
)
from tests.whatsapp.examples import PHONE, USER_ID, WAMID
from whatsapp.events import MalformedWebhook, Problem, Unknown, Webhook, parse

TEXT = message(type="text", text={"body": "STOP"})


def test_everything_comes_out_in_the_order_of_the_body():
    first = change(of_messages(messages=[TEXT], statuses=[status(id="wamid.2")]))
    second = change({"event": "PIN_CHANGED"}, field="security")
    third = change(of_messages(statuses=[status(id="wamid.3"), status(id="wamid.4")]))

    kinds = [type(event).__name__ for event in parse(webhook(first, second, third)).events]

    assert kinds == [
        "InboundMessage",
        "StatusUpdate",
        "SecurityNotice",
        "StatusUpdate",
        "StatusUpdate",
    ]


def test_each_entry_keeps_its_own_account():
    entries = [{"id": name, "changes": [change({}, field="calls")]} for name in ("1", 2, None)]

    events = parse(json.dumps({"entry": entries}).encode()).events

    assert [event.origin.business_account_id for event in events] == ["1", "2", None]


@pytest.mark.parametrize("metadata", [None, {}, "x", {"phone_number_id": None}])
def test_a_message_without_metadata_belongs_to_no_number(metadata):
    (event,) = read({"metadata": metadata, "messages": [TEXT]}).events

    assert event.origin.business_account_id == ACCOUNT
    assert event.origin.phone_number_id is None


def test_meta_writes_other_letters_escaped_and_they_are_read_as_they_were():
    body = webhook(change(of_messages(messages=[message(type="text", text={"body": "Grüße 😀"})])))

    (event,) = parse(body).events

    assert b"\\u00fc" in body
    assert event.content.body == "Grüße 😀"


# --- broken bodies ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"entry=1", "not_json"),
        (b"[]", "not_an_object"),
        (b"\xff\xfe", "not_utf8"),
        (b'{"entry":' * 200_000, "too_deep"),
    ],
)
def test_only_a_body_that_is_no_object_is_malformed(body, reason):
    with pytest.raises(MalformedWebhook) as caught:
        parse(body)

    assert caught.value.reason == str(caught.value) == reason


def test_a_malformed_body_is_not_part_of_its_exception():
    with pytest.raises(MalformedWebhook) as caught:
        parse(json.dumps({"from": PHONE}).encode()[:-1])

    assert PHONE not in repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("body", [b"{}", b'{"entry": []}', b'{"entry": null}', b'{"object": ""}'])
def test_a_body_that_says_nothing_is_no_mistake(body):
    assert parse(body) == Webhook(events=())


@pytest.mark.parametrize(
    ("envelope", "where", "why"),
    [
        ({"entry": {}}, "entry", "not_a_list"),
        ({"entry": ["x"]}, "entry[0]", "not_an_object"),
        ({"entry": [{"changes": "x"}]}, "entry[0].changes", "not_a_list"),
        ({"entry": [{"changes": [None]}]}, "entry[0].changes[0]", "not_an_object"),
        ({"entry": [{"changes": [{}]}]}, "entry[0].changes[0]", "no_value"),
        ({"entry": [{"changes": [change([])]}]}, "entry[0].changes[0]", "no_value"),
        (
            {"entry": [{"changes": [change({"messages": "x"})]}]},
            "entry[0].changes[0].value.messages",
            "not_a_list",
        ),
    ],
)
def test_a_broken_part_is_named_by_its_place(envelope, where, why):
    found = parse(json.dumps(envelope).encode())

    assert found == Webhook(events=(), problems=(Problem(where, why),))


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (None, "not_an_object"),
        ([], "not_an_object"),
        (message(id=None, type="text"), "no_id"),
        (message(id=7, type="text"), "no_id"),
        (message(timestamp=None, type="text"), "bad_timestamp"),
        (message(timestamp="soon", type="text"), "bad_timestamp"),
    ],
)
def test_a_broken_message_does_not_stop_the_stop_behind_it(broken, why):
    found = read(of_messages(messages=[broken, TEXT]))

    assert [event.content.body for event in found.events] == ["STOP"]
    assert found.problems == (Problem("entry[0].changes[0].value.messages[0]", why),)


def test_a_broken_change_does_not_stop_the_one_behind_it():
    found = parse(webhook(change(None), change({}, field="calls")))

    assert [type(event) for event in found.events] == [Unknown]
    assert len(found.problems) == 1


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [{"a": value}]
    return value


@pytest.mark.parametrize("depth", [1, 50, 200])
def test_depths_that_json_can_read_harm_nobody(depth):
    odd = message(type="text", text=nested(depth), context=nested(depth), extra=nested(depth))

    found = read(of_messages(contacts=nested(depth), messages=[odd, TEXT]))

    assert len(found.events) == 2


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *["from", "from_user_id", "id", "timestamp", "type", "text", "button", "interactive"],
        *["image", "location", "contacts", "reaction", "edit", "system", "context", "errors"],
        *["status", "recipient_id", "pricing", "biz_opaque_callback_data"],
    ]
)


@given(parts=st.dictionaries(KEYS, JSON))
def test_whatever_a_message_or_status_holds_the_others_are_read(parts):
    value = of_messages(
        contacts=[CONTACT], messages=[message(**parts), TEXT], statuses=[status(**parts), status()]
    )

    found = parse(json.dumps({"entry": [{"changes": [change(value)]}]}).encode())

    assert len(found.events) + len(found.problems) == 4
    assert len(found.events) >= 2


@given(body=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_whatsoever_raises_anything_unexpected(body):
    try:
        found = parse(body)
    except MalformedWebhook as exc:
        found = exc

    assert isinstance(found, Webhook | MalformedWebhook)


# --- the printed form ------------------------------------------------------------------------


CONTENTS = [
    {"type": "text", "text": {"body": f"{PHONE} {NAME}"}},
    {"type": "button", "button": {"payload": WAMID, "text": NAME}},
    {
        "type": "interactive",
        "interactive": {"type": "list_reply", "list_reply": {"id": PHONE, "title": NAME}},
    },
    {"type": "image", "image": {"id": "5", "caption": f"{PHONE} {NAME}", "filename": NAME}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": NAME}, "phones": [PHONE]}]},
    {"type": "reaction", "reaction": {"message_id": WAMID, "emoji": NAME}},
    {"type": "edit", "edit": {"original_message_id": WAMID}},
    {
        "type": "system",
        "system": {
            "type": "user_changed_number",
            "body": f"{NAME} {PHONE}",
            "wa_id": PHONE[1:],
            "user_id": USER_ID,
            "previous_user_id": PARENT_ID,
        },
    },
    {"type": f"{NAME} {PHONE}"},
]


@pytest.mark.parametrize("content", CONTENTS)
def test_the_printed_form_of_a_message_shows_nobody_and_no_text(content):
    ids = {"from_user_id": USER_ID, "from_parent_user_id": PARENT_ID, "context": {"id": WAMID}}

    found = read(of_messages(contacts=[CONTACT], messages=[message(**ids, **content)]))

    assert len(found.events) == 1
    for hidden in (PHONE[1:], USER_ID, PARENT_ID, WAMID, NAME, "kim.muster"):
        assert hidden not in repr(found)


def test_the_printed_form_of_a_status_shows_nobody():
    row = status(
        recipient_user_id=USER_ID,
        recipient_parent_user_id=PARENT_ID,
        biz_opaque_callback_data="t-secret",
        errors=[{"code": 131026, "message": PHONE, "error_data": {"details": WAMID}}],
    )

    shown = repr(read(of_messages(contacts=[CONTACT], statuses=[row])))

    for hidden in (PHONE[1:], USER_ID, PARENT_ID, WAMID, NAME, "t-secret"):
        assert hidden not in shown


def test_the_printed_form_of_a_problem_shows_nobody():
    found = read(of_messages(messages=[message(timestamp=f"{PHONE}")], statuses=[{"id": WAMID}]))

    assert len(found.problems) == 2
    assert PHONE[1:] not in repr(found)
    assert WAMID not in repr(found)


def test_an_origin_names_our_number_by_its_id_and_not_by_its_digits():
    found = read(of_messages(statuses=[status()]))

    assert NUMBER in repr(found)
    assert "4920100000" not in repr(found)
