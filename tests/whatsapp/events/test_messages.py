"""What people send us."""

from datetime import UTC, datetime

import pytest

from tests.whatsapp.events.examples import (
    ACCOUNT,
    CONTACT,
    NUMBER,
    PARENT_ID,
    change,
    message,
    of_messages,
    read,
    read_message,
    webhook,
)
from tests.whatsapp.examples import PHONE, USER_ID, WAMID
from whatsapp.events import (
    Choice,
    Contacts,
    IdentityChange,
    InboundMessage,
    Location,
    Media,
    MessageChange,
    Origin,
    Other,
    PlatformError,
    Reaction,
    Sender,
    Tap,
    Text,
    parse,
)

KIM = Sender(phone=PHONE, user_id=USER_ID, parent_user_id=PARENT_ID)


def test_a_text_is_read_with_everything_around_it():
    event = read_message(type="text", text={"body": "STOP"}, context={"id": "wamid.Q"})

    assert event == InboundMessage(
        origin=Origin(business_account_id=ACCOUNT, phone_number_id=NUMBER),
        wamid=WAMID,
        sender=KIM,
        at=datetime(2025, 11, 24, 16, 1, tzinfo=UTC),
        content=Text("STOP"),
        reply_to="wamid.Q",
    )


@pytest.mark.parametrize("context", [{}, None, "wamid.Q", {"id": None}, {"forwarded": True}])
def test_a_message_without_a_usable_context_is_no_reply(context):
    event = read_message(type="text", text={"body": "STOP"}, context=context)

    assert event.reply_to is None


# --- contents --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "content"),
    [
        ("text", {"body": "Grüße 😀"}, Text("Grüße 😀")),
        ("text", {"body": "a\x00b"}, Text("a\ufffdb")),
        ("button", {"payload": "read:1", "text": "Gelesen"}, Tap("read:1", "Gelesen")),
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "consent:mini", "title": "MINI"}},
            Choice("button", id="consent:mini", title="MINI"),
        ),
        (
            "interactive",
            {"type": "list_reply", "list_reply": {"id": "a", "title": "A", "description": "d"}},
            Choice("list", id="a", title="A"),
        ),
        (
            "location",
            {"latitude": 51.45, "longitude": 7, "name": "Tor 3"},
            Location(51.45, 7.0),
        ),
        ("contacts", [{"name": {"formatted_name": "Jo"}}, {"vcard": "x"}], Contacts(count=2)),
        ("reaction", {"message_id": "wamid.Q", "emoji": "👍"}, Reaction("wamid.Q", "👍")),
        ("reaction", {"message_id": "wamid.Q", "emoji": ""}, Reaction("wamid.Q", "")),
        ("reaction", {"message_id": "wamid.Q"}, Reaction("wamid.Q", "")),
        ("edit", {"original_message_id": "wamid.Q"}, MessageChange("edit", "wamid.Q")),
        ("revoke", {"original_message_id": "wamid.Q"}, MessageChange("revoke", "wamid.Q")),
    ],
)
def test_every_kind_of_message_has_its_content(kind, value, content):
    assert read_message(type=kind, **{kind: value}).content == content


@pytest.mark.parametrize("kind", ["image", "video", "document", "audio", "sticker"])
def test_a_file_is_known_by_its_id_and_not_by_its_name_or_address(kind):
    file = {
        "id": 545,
        "mime_type": "application/x",
        "caption": "Tor 3",
        "sha256": "abc",
        "filename": "Kim.pdf",
        "url": "https://lookaside.fbsbx.com/x",
    }

    content = read_message(type=kind, **{kind: file}).content

    assert content == Media(kind, media_id="545", mime_type="application/x", caption="Tor 3")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", Text("")),
        ("button", Tap("", "")),
        ("interactive", Other("interactive")),
        ("image", Media("image", media_id="", mime_type="", caption="")),
        ("location", Location(None, None)),
        ("contacts", Contacts(0)),
        ("reaction", Reaction("", "")),
        ("edit", MessageChange("edit", "")),
        ("system", IdentityChange("")),
    ],
)
@pytest.mark.parametrize("broken", [None, {}, [], "x", 7, [None]])
def test_a_message_whose_object_is_broken_still_comes_in(kind, content, broken):
    assert read_message(type=kind, **{kind: broken}).content == content


@pytest.mark.parametrize("latitude", [b'"51"', b"true", b"null", b"1e999", b"[1]", b"{}"])
def test_a_coordinate_that_is_no_number_is_none(latitude):
    place = {"latitude": "HERE", "longitude": 7.5}
    body = webhook(change(of_messages(messages=[message(type="location", location=place)])))

    (event,) = parse(body.replace(b'"HERE"', latitude)).events

    assert event.content == Location(None, 7.5)


@pytest.mark.parametrize("kind", ["nfm_reply", "call_permission_reply", "something_new"])
def test_an_answer_to_a_question_we_never_ask_is_known_by_its_kind_only(kind):
    content = read_message(type="interactive", interactive={"type": kind, kind: {"id": 1}}).content

    assert content == Other("interactive")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("order", "order"),
        ("request_welcome", "request_welcome"),
        ("Kim +4915100000001", ""),
        ("x" * 65, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_kind_nobody_knows_is_kept_only_if_it_is_a_word(kind, expected):
    assert read_message(type=kind).content == Other(expected)


def test_an_unsupported_message_keeps_the_codes_of_meta():
    errors = [{"code": 131051, "title": "Message type unknown"}]

    content = read_message(type="unsupported", errors=errors, unsupported={"type": "poll"}).content

    assert content == Other("unsupported", codes=(131051,))


def test_a_tap_may_come_with_an_error_in_the_place_of_its_object():
    value = of_messages(messages=[message(type="interactive")], errors=[{"code": 131000}])

    tap, error = read(value).events

    assert tap.content == Other("interactive")
    assert error == PlatformError(origin=tap.origin, code=131000)


# --- changes of identity ---------------------------------------------------------------------


def test_a_new_number_is_told_with_the_new_ids_but_the_sender_is_the_old_one():
    system = {
        "type": "user_changed_number",
        "body": "Kim changed from 1 to 2",
        "wa_id": "4915100000002",
        "user_id": "DE.2",
        "previous_user_id": USER_ID,
    }

    event = read_message(people=[], type="system", system=system)

    assert event.sender == Sender(phone=PHONE)
    assert event.content == IdentityChange(
        "user_changed_number", phone="+4915100000002", user_id="DE.2", previous_user_id=USER_ID
    )


def test_a_new_user_id_may_come_without_any_number():
    system = {"type": "user_changed_user_id", "user_id": "DE.2", "previous_user_id": USER_ID}

    event = read_message(**{"from": None}, people=[], type="system", system=system)

    assert event.sender == Sender()
    assert event.content.user_id == "DE.2"
    assert event.content.phone is None


# --- people ----------------------------------------------------------------------------------

HIDDEN = {"user_id": USER_ID, "profile": {"username": "kim.muster"}}


@pytest.mark.parametrize(
    ("people", "parts", "sender"),
    [
        ([CONTACT], {}, KIM),
        ([], {}, Sender(phone=PHONE)),
        ([], {"from": PHONE}, Sender(phone=PHONE)),
        ([], {"from": 4915100000001}, Sender(phone=PHONE)),
        ([], {"from": USER_ID}, Sender(user_id=USER_ID)),
        ([], {"from": None, "from_user_id": USER_ID}, Sender(user_id=USER_ID)),
        ([], {"from_user_id": USER_ID}, Sender(phone=PHONE, user_id=USER_ID)),
        ([], {"from": None, "from_parent_user_id": PARENT_ID}, Sender(parent_user_id=PARENT_ID)),
        ([CONTACT], {"from": None, "from_user_id": USER_ID}, KIM),
        ([HIDDEN], {"from": None, "from_user_id": USER_ID}, Sender(user_id=USER_ID)),
        ([HIDDEN | {"wa_id": USER_ID}], {"from": USER_ID}, Sender(user_id=USER_ID)),
        ([CONTACT | {"wa_id": "4915100000009"}], {}, Sender(phone=PHONE)),
        ([CONTACT], {"from": None}, Sender()),
        ([None, 7, {}, CONTACT], {}, KIM),
        ([], {"from": "kim"}, Sender()),
        ([], {"from": "0151"}, Sender()),
        ([], {"from": "1234567890123456"}, Sender()),
        ([], {"from": {"phone": PHONE}}, Sender()),
        ([], {"from": None, "from_user_id": "de.1"}, Sender()),
    ],
)
def test_a_sender_is_put_together_from_wherever_meta_says_who_it_is(people, parts, sender):
    event = read_message(people=people, type="text", text={"body": "STOP"}, **parts)

    assert event.sender == sender


def test_two_people_in_one_change_are_kept_apart():
    jo = {"wa_id": "4915100000002", "user_id": "DE.2"}
    texts = [
        message(type="text", text={"body": "a"}),
        message(**{"from": "4915100000002"}, type="text", text={"body": "b"}),
    ]

    first, second = read(of_messages(contacts=[jo, CONTACT], messages=texts)).events

    assert first.sender == KIM
    assert second.sender == Sender(phone="+4915100000002", user_id="DE.2")
