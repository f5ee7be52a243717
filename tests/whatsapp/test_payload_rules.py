"""What no message may look like, and the name of the field that is to blame."""

import phonenumbers
import pytest

from tests.whatsapp.examples import KIM, PHONE, USER_ID, refusal
from whatsapp.limits import InvalidPayload
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


def buttons(*titles, **parts):
    made = tuple(Button(id=f"id-{n}", title=title) for n, title in enumerate(titles))
    return Buttons(**{"body": "Was?", "buttons": made} | parts)


def menu(*rows, **parts):
    return ListMenu(
        **{"body": "Was?", "button": "Wählen", "sections": (Section(rows=rows),)} | parts
    )


def row(**parts):
    return Row(**{"id": "a", "title": "A"} | parts)


def rows(count, *, start=0):
    return tuple(row(id=str(number)) for number in range(start, start + count))


def template(**parts):
    return Template(**{"name": "news", "language": "de"} | parts)


# --- people ----------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["+4915100000001", "+12025550123", "+43123456"])
def test_a_phone_number_in_e164_is_fine(phone):
    assert Recipient(phone=phone).phone == phone


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "+",
        "4915100000001",
        "004915100000001",
        "015100000001",
        "+49 151 00000001",
        "+49-15100000001",
        "+49(0)15100000001",
        "+4915100000001 ",
        "+4915100000001;ext=1",
        "+４９15100000001",
        "+491",
        "+491510000000123456",
        "+99915100000001",
        "tel:+4915100000001",
        "kim",
        USER_ID,
    ],
)
def test_every_other_spelling_of_a_number_is_refused(phone):
    assert refusal(Recipient, phone=phone) == ("phone", "not_e164", None)


def test_a_refused_number_is_not_part_of_the_refusal():
    with pytest.raises(InvalidPayload) as caught:
        Recipient(phone=PHONE + "0000000")

    assert PHONE not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "user_id",
    ["", "DE", "DE.", "de.123", "DEU.123", "DE.12 3", "DE." + "1" * 129, "DE.ENT.", PHONE],
)
def test_what_is_no_user_id_is_refused(user_id):
    assert refusal(Recipient, user_id=user_id) == ("user_id", "not_user_id", None)


@pytest.mark.parametrize("parts", [{}, {"phone": PHONE, "user_id": USER_ID}])
def test_a_recipient_has_exactly_one_address(parts):
    assert refusal(Recipient, **parts) == ("phone", "exactly_one", None)


# --- token and reply -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"token": ""}, ("token", "empty", None)),
        ({"token": "t" * 513}, ("token", "too_long", 512)),
        ({"token": "a\x00"}, ("token", "unencodable", None)),
        ({"reply_to": ""}, ("reply_to", "empty", None)),
        ({"reply_to": "\ud800"}, ("reply_to", "unencodable", None)),
    ],
)
def test_an_unfit_token_or_reply_is_refused(parts, expected):
    assert refusal(request, Text(body="Hallo"), to=KIM, **parts) == expected


def test_a_token_may_use_all_its_room():
    sent = request(Text(body="Hallo"), to=KIM, token="t" * 512)

    assert sent["biz_opaque_callback_data"] == "t" * 512


# --- texts and files -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rule", "limit"),
    [
        ("", "empty", None),
        (" \n", "empty", None),
        ("x" * 4097, "too_long", 4096),
        ("😀" * 2049, "too_long", 4096),
        ("a\x00", "unencodable", None),
    ],
)
def test_a_text_that_meta_refuses(body, rule, limit):
    assert refusal(Text, body=body) == ("body", rule, limit)


@pytest.mark.parametrize("kind", [Image, Video, Document])
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, ("media_id", "exactly_one", None)),
        ({"media_id": "5", "link": "https://e.de"}, ("media_id", "exactly_one", None)),
        ({"link": "ftp://e.de"}, ("link", "not_a_link", None)),
        ({"link": "example.de/a.png"}, ("link", "not_a_link", None)),
        ({"media_id": "5", "caption": "x" * 1025}, ("caption", "too_long", 1024)),
        ({"media_id": "5", "caption": " "}, ("caption", "empty", None)),
    ],
)
def test_a_file_that_meta_refuses(kind, parts, expected):
    assert refusal(kind, **parts) == expected


@pytest.mark.parametrize(
    ("filename", "rule", "limit"),
    [("x" * 241, "too_long", 240), ("a\nb.pdf", "line_break", None), (" ", "empty", None)],
)
def test_a_filename_that_no_phone_can_show(filename, rule, limit):
    found = refusal(Document, media_id="5", filename=filename)

    assert found == ("filename", rule, limit)


# --- buttons ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"body": ""}, ("body", "empty", None)),
        ({"body": "x" * 1025}, ("body", "too_long", 1024)),
        ({"header": "x" * 61}, ("header", "too_long", 60)),
        ({"header": ""}, ("header", "empty", None)),
        ({"header": "a\nb"}, ("header", "line_break", None)),
        (
            {"header": Image(media_id="5", caption="no")},
            ("header.caption", "not_allowed", None),
        ),
        ({"footer": "x" * 61}, ("footer", "too_long", 60)),
        ({"footer": "a\tb"}, ("footer", "tab", None)),
        ({"buttons": ()}, ("buttons", "empty", None)),
    ],
)
def test_a_frame_around_buttons_that_meta_refuses(parts, expected):
    assert refusal(buttons, "Ja", **parts) == expected


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["1", "2", "3", "4"], ("buttons", "too_many", 3)),
        (["Ja", ""], ("buttons[1].title", "empty", None)),
        (["Ja", "Nein", "x" * 21], ("buttons[2].title", "too_long", 20)),
        (["Ja\nNein"], ("buttons[0].title", "line_break", None)),
        (["Ja", "Nein", "Ja"], ("buttons[2].title", "duplicate", None)),
    ],
)
def test_titles_of_buttons_that_meta_refuses(titles, expected):
    assert refusal(buttons, *titles) == expected


@pytest.mark.parametrize(
    ("button_id", "rule", "limit"),
    [
        ("", "empty", None),
        ("x" * 257, "too_long", 256),
        (" b", "malformed", None),
        ("a", "duplicate", None),
    ],
)
def test_ids_of_buttons_that_meta_refuses(button_id, rule, limit):
    pair = (Button(id="a", title="Ja"), Button(id=button_id, title="Nein"))

    assert refusal(buttons, buttons=pair) == ("buttons[1].id", rule, limit)


def test_buttons_may_use_all_their_room():
    made = buttons("1" * 20, "2" * 20, "3" * 20, body="x" * 1024, header="h" * 60, footer="f" * 60)

    assert len(made.buttons) == 3


# --- lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"body": "x" * 4097}, ("body", "too_long", 4096)),
        ({"header": "x" * 61}, ("header", "too_long", 60)),
        ({"footer": "x" * 61}, ("footer", "too_long", 60)),
        ({"button": ""}, ("button", "empty", None)),
        ({"button": "x" * 21}, ("button", "too_long", 20)),
        ({"sections": ()}, ("sections", "empty", None)),
        ({"sections": (Section(rows=()),)}, ("sections[0].rows", "empty", None)),
        ({"sections": (Section(rows=rows(11)),)}, ("sections[0].rows", "too_many", 10)),
        (
            {"sections": (Section(rows=rows(1), title="x" * 25),)},
            ("sections[0].title", "too_long", 24),
        ),
        (
            {"sections": (Section(rows=rows(1), title="A"), Section(rows=rows(1, start=1)))},
            ("sections[1].title", "empty", None),
        ),
        (
            {
                "sections": (
                    Section(rows=rows(6), title="A"),
                    Section(rows=rows(5, start=6), title="B"),
                )
            },
            ("sections", "too_many", 10),
        ),
        (
            {"sections": tuple(Section(rows=rows(1, start=n), title="A") for n in range(11))},
            ("sections", "too_many", 10),
        ),
        (
            {"sections": (Section(rows=rows(1), title="A"), Section(rows=rows(1), title="B"))},
            ("sections[1].rows[0].id", "duplicate", None),
        ),
    ],
)
def test_a_list_that_meta_refuses(parts, expected):
    assert refusal(menu, row(), **parts) == expected


@pytest.mark.parametrize(
    ("parts", "field", "rule", "limit"),
    [
        ({"id": ""}, "id", "empty", None),
        ({"id": "x" * 201}, "id", "too_long", 200),
        ({"id": "b "}, "id", "malformed", None),
        ({"id": "first"}, "id", "duplicate", None),
        ({"title": ""}, "title", "empty", None),
        ({"title": "x" * 25}, "title", "too_long", 24),
        ({"title": "a\nb"}, "title", "line_break", None),
        ({"description": "x" * 73}, "description", "too_long", 72),
        ({"description": "a\nb"}, "description", "line_break", None),
    ],
)
def test_a_row_that_meta_refuses(parts, field, rule, limit):
    found = refusal(menu, row(id="first"), row(**parts))

    assert found == (f"sections[0].rows[1].{field}", rule, limit)


def test_a_list_may_use_all_its_room():
    full = tuple(row(id=str(n) * 200, title="t" * 24, description="d" * 72) for n in range(10))

    made = menu(*full, body="x" * 4096, button="b" * 20)

    assert len(made.sections[0].rows) == 10


# --- templates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"name": "News"}, ("name", "malformed", None)),
        ({"language": "deutsch"}, ("language", "malformed", None)),
        ({"values": ("Kim", "")}, ("values.2", "empty", None)),
        ({"values": ("a\nb",)}, ("values.1", "line_break", None)),
        ({"values": {"inhalt": "a\tb"}}, ("values.inhalt", "tab", None)),
        ({"values": {"inhalt": "a     b"}}, ("values.inhalt", "spaces", 4)),
        ({"values": {"inhalt": "x" * 1025}}, ("values.inhalt", "too_long", 1024)),
        ({"values": {"Inhalt": "x"}}, ("values", "malformed", None)),
        ({"values": {"": "x"}}, ("values", "malformed", None)),
        ({"values": {"1": "x"}}, ("values", "malformed", None)),
        ({"header": "x" * 61}, ("header", "too_long", 60)),
        ({"header": "a\nb"}, ("header", "line_break", None)),
        ({"header": "a     b"}, ("header", "spaces", 4)),
        ({"header": Image(media_id="5", caption="no")}, ("header.caption", "not_allowed", None)),
        ({"header": "x", "header_name": "Ort"}, ("header_name", "malformed", None)),
        ({"payloads": {-1: "x"}}, ("payloads[-1]", "out_of_range", 9)),
        ({"payloads": {10: "x"}}, ("payloads[10]", "out_of_range", 9)),
        ({"payloads": {0: ""}}, ("payloads[0]", "empty", None)),
        ({"payloads": {9: "x" * 257}}, ("payloads[9]", "too_long", 256)),
        ({"payloads": {0: " x"}}, ("payloads[0]", "malformed", None)),
    ],
)
def test_a_template_that_meta_refuses(parts, expected):
    assert refusal(template, **parts) == expected


def test_a_template_may_use_all_its_room():
    made = template(values=("x" * 1024,), header="h" * 60, payloads={9: "p" * 256})

    assert len(made.to_json()["components"]) == 3


@pytest.mark.parametrize("prefix", ["15", "16", "17"])
@pytest.mark.parametrize("digits", [8, 9])
def test_numbers_that_are_let_through_quickly_are_numbers_indeed(prefix, digits):
    phone = f"+49{prefix}{'0' * digits}"

    parsed = phonenumbers.parse(phone)

    assert Recipient(phone=phone).phone == phone
    assert phonenumbers.is_possible_number(parsed)
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == phone
