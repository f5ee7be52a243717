"""What we send: messages as small frozen values, and the JSON that Meta wants for them.

A value of these types has passed Meta's rules as far as they can be known beforehand; making
one raises InvalidPayload otherwise. Lengths and counts: Meta, send-messages and interactive
message pages, 2026-09, and Meta's OpenAPI file v23.0 (InteractiveObject).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeAlias

import phonenumbers

from whatsapp.limits import (
    BODY_MAX,
    LINE_MAX,
    USER_ID,
    InvalidPayload,
    check_count,
    check_id,
    check_line,
    check_template_identity,
    check_text,
    check_unique,
    check_value,
)

TEXT_MAX: Final = 4096
CAPTION_MAX: Final = 1024
TOKEN_MAX: Final = 512  # biz_opaque_callback_data; 256 in documents before 2025
BUTTONS_MAX: Final = 3
BUTTON_TITLE_MAX: Final = 20
BUTTON_ID_MAX: Final = 256
LIST_BODY_MAX: Final = 4096
LIST_BUTTON_MAX: Final = 20
SECTIONS_MAX: Final = 10
SECTION_TITLE_MAX: Final = 24
ROWS_MAX: Final = 10  # of all sections together
ROW_ID_MAX: Final = 200
ROW_TITLE_MAX: Final = 24
ROW_DESCRIPTION_MAX: Final = 72
TEMPLATE_BUTTONS_MAX: Final = 10
FILENAME_MAX: Final = 240  # no limit is documented; this is what common file systems take

_VALUE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_GERMAN_MOBILE: Final = re.compile(r"\+491[567][0-9]{8,9}")

Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person, by phone number (+E.164) or by business-scoped user id, never by both.

    The plus matters: without it Meta may put the country code of the sending number in front
    (Meta, phone number formats page, 2026-09).
    """

    phone: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.phone is None) == (self.user_id is None):
            raise InvalidPayload("phone", "exactly_one")
        if self.phone is not None and not _is_e164(self.phone):
            raise InvalidPayload("phone", "not_e164")
        if self.user_id is not None and not USER_ID.fullmatch(self.user_id):
            raise InvalidPayload("user_id", "not_user_id")

    def to_json(self) -> Json:
        return {"recipient": self.user_id} if self.phone is None else {"to": self.phone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A free-form text. `preview_url` shows a preview of its first link."""

    kind: ClassVar = "text"
    body: str = field(repr=False)
    preview_url: bool = False

    def __post_init__(self) -> None:
        check_text(self.body, field="body", limit=TEXT_MAX)

    def to_json(self) -> Json:
        return {"body": self.body, "preview_url": self.preview_url}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Media:
    """A file, by the id of an upload (lives 30 days) or by a public link, never by both."""

    kind: ClassVar[str]
    media_id: str = ""
    link: str = ""
    caption: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if bool(self.media_id) == bool(self.link):
            raise InvalidPayload("media_id", "exactly_one")
        if self.link and not self.link.startswith(("https://", "http://")):
            raise InvalidPayload("link", "not_a_link")
        if self.caption:
            check_text(self.caption, field="caption", limit=CAPTION_MAX)

    def to_json(self) -> Json:
        parts = {"id": self.media_id, "link": self.link, "caption": self.caption}
        return {name: part for name, part in parts.items() if part}


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(_Media):
    """A picture, JPEG or PNG, at most 5 MB."""

    kind: ClassVar = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Video(_Media):
    """A film, MP4 or 3GPP, at most 16 MB."""

    kind: ClassVar = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(_Media):
    """A file to open, at most 100 MB. `filename` is what the phone shows."""

    kind: ClassVar = "document"
    filename: str = ""

    def __post_init__(self) -> None:
        _Media.__post_init__(self)  # super() without arguments does not work with slots
        if self.filename:
            check_line(self.filename, field="filename", limit=FILENAME_MAX)

    def to_json(self) -> Json:
        parts = _Media.to_json(self)
        return parts | {"filename": self.filename} if self.filename else parts


Header: TypeAlias = str | Image | Video | Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A reply button. Checked by the message that holds it, which knows its place."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """A text with one to three buttons; `header` is a line of text or a file without caption."""

    kind: ClassVar = "interactive"
    body: str = field(repr=False)
    buttons: tuple[Button, ...]
    header: Header = None
    footer: str = ""

    def __post_init__(self) -> None:
        _check_frame(self.header, self.body, self.footer, body_max=BODY_MAX)
        check_count(self.buttons, field="buttons", limit=BUTTONS_MAX)
        for index, button in enumerate(self.buttons):
            check_line(button.title, field=f"buttons[{index}].title", limit=BUTTON_TITLE_MAX)
            check_id(button.id, field=f"buttons[{index}].id", limit=BUTTON_ID_MAX)
        # Both must be unique (Meta, interactive object reference: reply buttons).
        check_unique((f"buttons[{i}].id", each.id) for i, each in enumerate(self.buttons))
        check_unique((f"buttons[{i}].title", each.title) for i, each in enumerate(self.buttons))

    def to_json(self) -> Json:
        replies = [{"id": button.id, "title": button.title} for button in self.buttons]
        buttons = [{"type": "reply", "reply": reply} for reply in replies]
        frame = _frame(self.header, self.body, self.footer)
        return {"type": "button"} | frame | {"action": {"buttons": buttons}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line to choose in a list."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A group of rows; needs a title as soon as there is a second section."""

    rows: tuple[Row, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMenu:
    """A text with one button, which opens a list of at most ten rows."""

    kind: ClassVar = "interactive"
    body: str = field(repr=False)
    button: str
    sections: tuple[Section, ...]
    header: str | None = None
    footer: str = ""

    def __post_init__(self) -> None:
        _check_frame(self.header, self.body, self.footer, body_max=LIST_BODY_MAX)
        check_line(self.button, field="button", limit=LIST_BUTTON_MAX)
        check_count(self.sections, field="sections", limit=SECTIONS_MAX)
        for index, section in enumerate(self.sections):
            place = f"sections[{index}]"
            if section.title or len(self.sections) > 1:
                check_line(section.title, field=f"{place}.title", limit=SECTION_TITLE_MAX)
            check_count(section.rows, field=f"{place}.rows", limit=ROWS_MAX)
        rows = list(self._rows())
        check_count(rows, field="sections", limit=ROWS_MAX)
        for place, row in rows:
            _check_row(row, place=place)
        check_unique((f"{place}.id", row.id) for place, row in rows)

    def _rows(self) -> Iterator[tuple[str, Row]]:
        for index, section in enumerate(self.sections):
            for number, row in enumerate(section.rows):
                yield f"sections[{index}].rows[{number}]", row

    def to_json(self) -> Json:
        action = {"button": self.button, "sections": [_section(each) for each in self.sections]}
        frame = _frame(self.header, self.body, self.footer)
        return {"type": "list"} | frame | {"action": action}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An approved template with its values.

    `values` fill the body: a tuple for {{1}}, {{2}}, a mapping for {{names}}. `header` is a
    file without caption, or the value of the header's only placeholder; `header_name` is the
    name of that placeholder in a template with names. `payloads` says by button index (from
    0) what comes back when a quick-reply button is tapped.
    """

    kind: ClassVar = "template"
    name: str
    language: str
    values: tuple[str, ...] | Mapping[str, str] = field(default=(), repr=False)
    header: Header = field(default=None, repr=False)
    header_name: str = ""
    payloads: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_template_identity(name=self.name, language=self.language)
        _check_values(self.values)
        _check_header(self.header)
        if isinstance(self.header, str):
            check_value(self.header, field="header", limit=LINE_MAX)
        if self.header_name and not _VALUE_NAME.fullmatch(self.header_name):
            raise InvalidPayload("header_name", "malformed")
        for index, payload in self.payloads.items():
            if not 0 <= index < TEMPLATE_BUTTONS_MAX:
                raise InvalidPayload(f"payloads[{index}]", "out_of_range", TEMPLATE_BUTTONS_MAX - 1)
            # No limit is documented for payloads; the one for button ids is the nearest.
            check_id(payload, field=f"payloads[{index}]", limit=BUTTON_ID_MAX)

    def to_json(self) -> Json:
        components = [*self._header(), *self._body(), *self._buttons()]
        parts: Json = {"name": self.name, "language": {"code": self.language}}
        return parts | {"components": components} if components else parts

    def _header(self) -> Iterator[Json]:
        if isinstance(self.header, str):
            yield {"type": "header", "parameters": [_text_value(self.header_name, self.header)]}
        elif self.header is not None:
            yield {"type": "header", "parameters": [_file(self.header)]}

    def _body(self) -> Iterator[Json]:
        if self.values:
            values = [_text_value(name, value) for name, value in _named(self.values)]
            yield {"type": "body", "parameters": values}

    def _buttons(self) -> Iterator[Json]:
        for index, payload in sorted(self.payloads.items()):
            yield {
                "type": "button",
                "sub_type": "quick_reply",
                "index": str(index),
                "parameters": [{"type": "payload", "payload": payload}],
            }


Content: TypeAlias = Text | Image | Video | Document | Buttons | ListMenu | Template


def request(
    content: Content, *, to: Recipient, token: str | None = None, reply_to: str | None = None
) -> Json:
    """The body of POST /messages.

    `token` comes back in every status webhook of this message and is never shown to anybody
    (biz_opaque_callback_data). `reply_to` is the id of the message that is being answered.

    Raises InvalidPayload if `token` or `reply_to` is not fit to be sent.
    """
    body: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **to.to_json(),
        "type": content.kind,
        content.kind: content.to_json(),
    }
    if reply_to is not None:
        check_text(reply_to, field="reply_to", limit=TEXT_MAX)
        body["context"] = {"message_id": reply_to}
    if token is not None:
        check_text(token, field="token", limit=TOKEN_MAX)
        body["biz_opaque_callback_data"] = token
    return body


def _is_e164(phone: str) -> bool:
    # A possible number is enough: whether somebody owns it, only sending can tell.
    if _GERMAN_MOBILE.fullmatch(phone):  # what nearly everybody has; 30 times faster
        return True
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return False
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return phonenumbers.is_possible_number(number) and written == phone


def _check_row(row: Row, *, place: str) -> None:
    check_id(row.id, field=f"{place}.id", limit=ROW_ID_MAX)
    check_line(row.title, field=f"{place}.title", limit=ROW_TITLE_MAX)
    if row.description:
        check_line(row.description, field=f"{place}.description", limit=ROW_DESCRIPTION_MAX)


def _check_frame(header: Header, body: str, footer: str, *, body_max: int) -> None:
    _check_header(header)
    if isinstance(header, str):
        check_line(header, field="header", limit=LINE_MAX)
    check_text(body, field="body", limit=body_max)
    if footer:
        check_line(footer, field="footer", limit=LINE_MAX)


def _check_header(header: Header) -> None:
    if isinstance(header, _Media) and header.caption:
        raise InvalidPayload("header.caption", "not_allowed")


def _frame(header: Header, body: str, footer: str) -> Json:
    frame: Json = {"body": {"text": body}}
    if isinstance(header, str):
        frame["header"] = {"type": "text", "text": header}
    elif header is not None:
        frame["header"] = _file(header)
    if footer:
        frame["footer"] = {"text": footer}
    return frame


def _file(media: Image | Video | Document) -> Json:
    return {"type": media.kind, media.kind: media.to_json()}


def _section(section: Section) -> Json:
    rows = [_row(row) for row in section.rows]
    return {"title": section.title, "rows": rows} if section.title else {"rows": rows}


def _row(row: Row) -> Json:
    parts: Json = {"id": row.id, "title": row.title}
    return parts | {"description": row.description} if row.description else parts


def _check_values(values: tuple[str, ...] | Mapping[str, str]) -> None:
    if not isinstance(values, tuple) and not all(map(_VALUE_NAME.fullmatch, values)):
        raise InvalidPayload("values", "malformed")
    for number, (name, value) in enumerate(_named(values), start=1):
        check_value(value, field=f"values.{name or number}")


def _named(values: tuple[str, ...] | Mapping[str, str]) -> list[tuple[str, str]]:
    """Names and values in order; positional values have no name."""
    if isinstance(values, tuple):
        return [("", value) for value in values]
    return list(values.items())


def _text_value(name: str, text: str) -> Json:
    parts: Json = {"type": "text", "text": text}
    return parts | {"parameter_name": name} if name else parts
