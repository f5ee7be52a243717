"""The JSON of every kind of message, as Meta's send-messages pages show it (2026-09)."""

import json

import pytest

from tests.whatsapp.examples import KIM, PHONE, USER_ID, WAMID
from whatsapp.payloads import (
    Button,
    Buttons,
    Document,
    Image,
    ListMenu,
    Recipient,
    Row,
    Section,
    Template,
    Text,
    Video,
    request,
)


def written(content):
    """What stands in the request besides the envelope, read back from its bytes."""
    sent = json.loads(json.dumps(request(content, to=KIM)))
    for key in ("messaging_product", "recipient_type", "to"):
        del sent[key]
    return sent


# --- the envelope ----------------------------------------------------------------------------


def test_a_request_has_an_envelope_around_its_content():
    sent = request(Text(body="Hallo"), to=KIM, token="t-1", reply_to=WAMID)

    assert sent == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+4915100000001",
        "type": "text",
        "text": {"body": "Hallo", "preview_url": False},
        "context": {"message_id": WAMID},
        "biz_opaque_callback_data": "t-1",
    }


def test_without_token_and_reply_their_fields_are_absent():
    sent = request(Text(body="Hallo"), to=KIM)

    assert set(sent) == {"messaging_product", "recipient_type", "to", "type", "text"}


@pytest.mark.parametrize("user_id", [USER_ID, "DE.ENT.118abc", "US." + "a" * 128])
def test_a_user_id_takes_the_place_of_the_number(user_id):
    sent = request(Text(body="Hallo"), to=Recipient(user_id=user_id))

    assert sent["recipient"] == user_id
    assert "to" not in sent


# --- free-form messages ----------------------------------------------------------------------


def test_a_text_may_show_a_preview_of_its_link():
    assert written(Text(body="https://example.de", preview_url=True)) == {
        "type": "text",
        "text": {"body": "https://example.de", "preview_url": True},
    }


@pytest.mark.parametrize(("kind", "name"), [(Image, "image"), (Video, "video")])
def test_a_picture_or_film_goes_by_id_or_link(kind, name):
    assert written(kind(media_id="545", caption="Tor 3")) == {
        "type": name,
        name: {"id": "545", "caption": "Tor 3"},
    }
    assert written(kind(link="https://example.de/a"))[name] == {"link": "https://example.de/a"}


def test_a_document_shows_its_filename():
    assert written(Document(media_id="545", caption="Plan", filename="Plan.pdf")) == {
        "type": "document",
        "document": {"id": "545", "caption": "Plan", "filename": "Plan.pdf"},
    }
    assert written(Document(media_id="545"))["document"] == {"id": "545"}


def test_buttons_are_an_interactive_message():
    content = Buttons(
        body="Möchten Sie?",
        buttons=(Button(id="consent:mini", title="MINI"), Button(id="consent:no", title="NEIN")),
        header="Frage",
        footer="Stadtwerke",
    )

    assert written(content) == {
        "type": "interactive",
        "interactive": {
            "type": "button",
            "header": {"type": "text", "text": "Frage"},
            "body": {"text": "Möchten Sie?"},
            "footer": {"text": "Stadtwerke"},
            "action": {
                "buttons": [
                    {"type": "reply", "reply": {"id": "consent:mini", "title": "MINI"}},
                    {"type": "reply", "reply": {"id": "consent:no", "title": "NEIN"}},
                ]
            },
        },
    }


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (Image(media_id="5"), {"type": "image", "image": {"id": "5"}}),
        (Video(link="http://e.de/v"), {"type": "video", "video": {"link": "http://e.de/v"}}),
        (
            Document(media_id="5", filename="a.pdf"),
            {"type": "document", "document": {"id": "5", "filename": "a.pdf"}},
        ),
    ],
)
def test_buttons_may_have_a_file_above_them(header, expected):
    content = Buttons(body="x", buttons=(Button(id="1", title="Ja"),), header=header)

    assert written(content)["interactive"]["header"] == expected


def test_a_list_opens_sections_of_rows():
    content = ListMenu(
        body="Was?",
        button="Wählen",
        sections=(
            Section(title="Tarif", rows=(Row(id="mini", title="Mini", description="wenig"),)),
            Section(title="Mehr", rows=(Row(id="stop", title="Ende"),)),
        ),
        header="Auswahl",
        footer="Stadtwerke",
    )

    assert written(content) == {
        "type": "interactive",
        "interactive": {
            "type": "list",
            "header": {"type": "text", "text": "Auswahl"},
            "body": {"text": "Was?"},
            "footer": {"text": "Stadtwerke"},
            "action": {
                "button": "Wählen",
                "sections": [
                    {
                        "title": "Tarif",
                        "rows": [{"id": "mini", "title": "Mini", "description": "wenig"}],
                    },
                    {"title": "Mehr", "rows": [{"id": "stop", "title": "Ende"}]},
                ],
            },
        },
    }


def test_a_single_section_needs_no_title_and_a_frame_only_a_body():
    content = ListMenu(
        body="Was?", button="Wählen", sections=(Section(rows=(Row(id="a", title="A"),)),)
    )

    assert written(content)["interactive"] == {
        "type": "list",
        "body": {"text": "Was?"},
        "action": {"button": "Wählen", "sections": [{"rows": [{"id": "a", "title": "A"}]}]},
    }


# --- templates -------------------------------------------------------------------------------


def components(**parts):
    return written(Template(name="news", language="de", **parts))["template"]["components"]


def test_a_template_without_variables_has_no_components():
    assert written(Template(name="news", language="de_DE")) == {
        "type": "template",
        "template": {"name": "news", "language": {"code": "de_DE"}},
    }


def test_numbered_values_come_in_their_order():
    assert components(values=("Kim", "Tor 3")) == [
        {
            "type": "body",
            "parameters": [{"type": "text", "text": "Kim"}, {"type": "text", "text": "Tor 3"}],
        }
    ]


def test_named_values_carry_their_names():
    assert components(values={"vorname": "Kim", "inhalt": "Tor 3"}) == [
        {
            "type": "body",
            "parameters": [
                {"type": "text", "parameter_name": "vorname", "text": "Kim"},
                {"type": "text", "parameter_name": "inhalt", "text": "Tor 3"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"header": "Tor 3"}, {"type": "text", "text": "Tor 3"}),
        (
            {"header": "Tor 3", "header_name": "ort"},
            {"type": "text", "parameter_name": "ort", "text": "Tor 3"},
        ),
        ({"header": Image(media_id="5")}, {"type": "image", "image": {"id": "5"}}),
        ({"header": Video(media_id="5")}, {"type": "video", "video": {"id": "5"}}),
        ({"header": Document(media_id="5")}, {"type": "document", "document": {"id": "5"}}),
    ],
)
def test_a_header_carries_a_value_or_a_file(parts, expected):
    assert components(**parts) == [{"type": "header", "parameters": [expected]}]


def test_payloads_of_buttons_come_in_the_order_of_the_buttons():
    assert components(payloads={2: "later", 0: "read:1"}) == [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "0",
            "parameters": [{"type": "payload", "payload": "read:1"}],
        },
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "2",
            "parameters": [{"type": "payload", "payload": "later"}],
        },
    ]


def test_the_components_come_as_header_body_and_buttons():
    found = components(values=("Kim",), header=Image(media_id="5"), payloads={0: "read:1"})

    assert [component["type"] for component in found] == ["header", "body", "button"]


# --- the printed form ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        Recipient(phone=PHONE),
        Recipient(user_id=USER_ID),
        Text(body=f"{PHONE} {USER_ID}"),
        Image(media_id="5", caption=f"{PHONE} {USER_ID}"),
        Buttons(body=f"{PHONE} {USER_ID}", buttons=(Button(id="1", title="Ja"),)),
        Template(name="news", language="de", values=(PHONE,), header=USER_ID),
        Template(name="news", language="de", values={"a": PHONE, "b": USER_ID}),
    ],
)
def test_the_printed_form_shows_neither_persons_nor_texts(value):
    assert PHONE not in repr(value)
    assert USER_ID not in repr(value)
