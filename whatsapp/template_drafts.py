"""Templates before Meta has seen them: what they may look like, and how they read when filled.

Limits: Meta, template components and template categorisation pages, 2026-09.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from whatsapp.limits import (
    BODY_MAX,
    LINE_MAX,
    InvalidPayload,
    check_count,
    check_length,
    check_line,
    check_template_identity,
    check_text,
    check_unique,
    check_value,
)
from whatsapp.payloads import TEMPLATE_BUTTONS_MAX, Json

QUICK_REPLY_MAX: Final = 25

_PLACEHOLDER: Final = re.compile(r"\{\{([a-z][a-z0-9_]*|[1-9][0-9]*)\}\}")
_SIDE_BY_SIDE: Final = re.compile(r"\}\}\s*\{\{")

Category: TypeAlias = Literal["MARKETING", "UTILITY"]
Values: TypeAlias = tuple[str, ...] | Mapping[str, str]


def placeholders(text: str) -> tuple[str, ...]:
    """The names ("1", "2" for numbered ones) in the order in which a reader meets them.

    A name that occurs twice is listed twice.
    """
    return tuple(_PLACEHOLDER.findall(text))


def render(text: str, *, values: Values, limit: int = BODY_MAX) -> str:
    """The text as the phone will show it, every placeholder replaced by its value.

    Values are put in as they are: braces inside a value are not looked at again.

    Raises InvalidPayload when a value is missing or left over, or when the result is longer
    than `limit`: Meta refuses that with 132005 although text and values were fine by themselves.
    """
    by_name = _by_name(values)
    _check_names(placeholders(text), by_name, field="values")
    filled = _PLACEHOLDER.sub(lambda found: by_name[found[1]], text)
    check_length(filled, field="body", limit=limit)
    return filled


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHeader:
    """A line above the body, with at most one placeholder and then an example for it."""

    text: str
    example: str = ""

    def to_json(self) -> Json:
        return {"type": "HEADER", "format": "TEXT", "text": self.text} | self._example()

    def _example(self) -> Json:
        if not self.example:
            return {}
        (name,) = placeholders(self.text)
        if name.isdigit():
            return {"example": {"header_text": [self.example]}}
        named = [{"param_name": name, "example": self.example}]
        return {"example": {"header_text_named_params": named}}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaHeader:
    """A file above the body. `handle` names the sample that reviewers will see.

    Handles come from the Resumable Upload API; the ids of uploaded media do not fit here.
    """

    kind: Literal["image", "video", "document"]
    handle: str

    def to_json(self) -> Json:
        example = {"header_handle": [self.handle]}
        return {"type": "HEADER", "format": self.kind.upper(), "example": example}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDraft:
    """A template to be created: POST /{business account}/message_templates.

    `examples` hold one value for each placeholder of the body: a tuple for {{1}}, {{2}}, a
    mapping for {{names}}. `buttons` are the texts of quick-reply buttons.
    """

    name: str
    language: str
    category: Category
    body: str
    examples: Values = ()
    header: TextHeader | MediaHeader | None = None
    footer: str = ""
    buttons: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        check_template_identity(name=self.name, language=self.language)
        self._check_body()
        self._check_header()
        if self.footer:
            check_line(self.footer, field="footer", limit=LINE_MAX)
            _check_no_placeholder(self.footer, field="footer")
        if self.buttons:
            self._check_buttons()

    def to_json(self) -> Json:
        components: list[Json] = [self._body()]
        if self.header:
            components.insert(0, self.header.to_json())
        if self.footer:
            components.append({"type": "FOOTER", "text": self.footer})
        if self.buttons:
            buttons = [{"type": "QUICK_REPLY", "text": text} for text in self.buttons]
            components.append({"type": "BUTTONS", "buttons": buttons})
        return {
            "name": self.name,
            "language": self.language,
            "category": self.category,
            "parameter_format": "named" if self._has_names() else "positional",
            "components": components,
        }

    def _check_body(self) -> None:
        check_text(self.body, field="body", limit=BODY_MAX)
        _check_placeholders(self.body, field="body")
        text = self.body.strip()
        if text.startswith("{{") or text.endswith("}}"):
            raise InvalidPayload("body", "edge")  # Meta's error 2388299
        if _SIDE_BY_SIDE.search(text):
            raise InvalidPayload("body", "adjacent")
        examples = _by_name(self.examples)
        _check_names(placeholders(self.body), examples, field="examples")
        for name, example in examples.items():
            check_value(example, field=f"examples.{name}")
        render(self.body, values=self.examples)

    def _check_header(self) -> None:
        match self.header:
            case MediaHeader(handle=handle):
                if not handle:
                    raise InvalidPayload("header.handle", "empty")
            case TextHeader(text=text, example=example):
                check_line(text, field="header.text", limit=LINE_MAX)
                _check_placeholders(text, field="header.text")
                self._check_header_example(text, example)

    def _check_header_example(self, text: str, example: str) -> None:
        names = placeholders(text)
        if len(names) > 1:
            raise InvalidPayload("header.text", "too_many", 1)
        if bool(names) != bool(example):
            raise InvalidPayload("header.example", "missing" if names else "unknown")
        if example:
            check_value(example, field="header.example", limit=LINE_MAX)
        # One template is either named or numbered throughout.
        if names and names[0].isdigit() == self._has_names():
            raise InvalidPayload("header.text", "mixed")

    def _check_buttons(self) -> None:
        check_count(self.buttons, field="buttons", limit=TEMPLATE_BUTTONS_MAX)
        places = [(f"buttons[{index}]", text) for index, text in enumerate(self.buttons)]
        for place, text in places:
            check_line(text, field=place, limit=QUICK_REPLY_MAX)
            _check_no_placeholder(text, field=place)
        check_unique(places)

    def _has_names(self) -> bool:
        header = self.header.text if isinstance(self.header, TextHeader) else ""
        return any(not name.isdigit() for name in placeholders(self.body) or placeholders(header))

    def _body(self) -> Json:
        body: Json = {"type": "BODY", "text": self.body}
        names, examples = placeholders(self.body), _by_name(self.examples)
        if not names:
            return body
        if not self._has_names():
            return body | {"example": {"body_text": [[examples[name] for name in names]]}}
        named = [{"param_name": name, "example": examples[name]} for name in names]
        return body | {"example": {"body_text_named_params": named}}


def _by_name(values: Values) -> dict[str, str]:
    if isinstance(values, tuple):
        return {str(number): value for number, value in enumerate(values, start=1)}
    return dict(values)


def _check_names(names: tuple[str, ...], given: Mapping[str, str], *, field: str) -> None:
    for name in names:
        if name not in given:
            raise InvalidPayload(f"{field}.{name}", "missing")
    for name in given:
        if name not in names:
            raise InvalidPayload(f"{field}.{name}", "unknown")


def _check_placeholders(text: str, *, field: str) -> None:
    # Three braces in a row: nobody can say which of them belong to the placeholder.
    if re.search(r"\{{3}|\}{3}", text) or re.search(r"\{\{|\}\}", _PLACEHOLDER.sub("", text)):
        raise InvalidPayload(field, "malformed")
    names = placeholders(text)
    numbers = [name for name in names if name.isdigit()]
    if 0 < len(numbers) < len(names):
        raise InvalidPayload(field, "mixed")
    # Meta does not say whether a placeholder may return; ours do not.
    check_unique((field, name) for name in names)
    if numbers and numbers != [str(number) for number in range(1, len(numbers) + 1)]:
        raise InvalidPayload(field, "not_consecutive")


def _check_no_placeholder(text: str, *, field: str) -> None:
    if "{{" in text or "}}" in text:
        raise InvalidPayload(field, "not_allowed")
