"""What Meta refuses, found out before Meta is asked.

Every check raises InvalidPayload, which names the field and the broken rule, so that a form
can say it in the editor's language.

Lengths are counted in UTF-16 code units. Meta does not say what it counts; code units are
never fewer than characters, so what passes here passes either way (an emoji costs two).
"""

import re
from collections.abc import Iterable, Sized
from typing import Final, Literal, TypeAlias

Rule: TypeAlias = Literal[
    "adjacent",
    "duplicate",
    "edge",
    "empty",
    "exactly_one",
    "line_break",
    "malformed",
    "missing",
    "mixed",
    "not_a_link",
    "not_allowed",
    "not_consecutive",
    "not_e164",
    "not_user_id",
    "out_of_range",
    "spaces",
    "tab",
    "too_long",
    "too_many",
    "unencodable",
    "unknown",
]

_SENTENCES: Final[dict[Rule, str]] = {
    "adjacent": "{field} must not have two placeholders side by side.",
    "duplicate": "{field} must differ from the ones before it.",
    "edge": "{field} must neither begin nor end with a placeholder.",
    "empty": "{field} must not be empty.",
    "exactly_one": "{field} or its alternative must be given, but not both.",
    "line_break": "{field} must not contain a line break.",
    "malformed": "{field} does not have the form that Meta asks for.",
    "missing": "{field} is missing.",
    "mixed": "{field} must not mix named and numbered placeholders.",
    "not_a_link": "{field} must begin with https:// or http://.",
    "not_allowed": "{field} is not allowed here.",
    "not_consecutive": "{field} must number its placeholders 1, 2, 3 without a gap.",
    "not_e164": "{field} must be a phone number in the form +491701234567.",
    "not_user_id": "{field} must be a business-scoped user id.",
    "out_of_range": "{field} must not be less than 0 or more than {limit}.",
    "spaces": "{field} must not contain more than {limit} spaces in a row.",
    "tab": "{field} must not contain a tab.",
    "too_long": "{field} must not be longer than {limit} characters.",
    "too_many": "{field} must not have more than {limit} entries.",
    "unencodable": "{field} contains a character that cannot be sent.",
    "unknown": "{field} belongs to no placeholder.",
}

TEMPLATE_NAME_MAX: Final = 512  # Meta, template reference, 2026-09
LINE_MAX: Final = 60  # headers and footers, of templates and of interactive messages
SPACES_MAX: Final = 4  # in a row, inside a template value
BODY_MAX: Final = 1024  # body of a template with its values filled in, or of a button message

# Meta, business-scoped user ids page, 2026-09. "ENT" marks an id of linked portfolios.
USER_ID: Final = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")

_TEMPLATE_NAME: Final = re.compile(r"[a-z0-9_]+")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?")
_UNENCODABLE: Final = re.compile("[\x00\ud800-\udfff]")
# Meta speaks of "new-line" characters; we take everything that some program shows as one.
_LINE_BREAK: Final = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

# Comes after the checks for line breaks and tabs. Any kind of space counts, to be safe.
_SPACES: Final = re.compile(rf"\s{{{SPACES_MAX + 1},}}")


class InvalidPayload(ValueError):
    """Meta would refuse this.

    `field` is a dotted path such as "buttons[2].title", `rule` a stable slug, `limit` the
    number that belongs to the rule, or None.
    """

    # Positional, and handed on unchanged, so that the exception survives pickling.
    def __init__(self, field: str, rule: Rule, limit: int | None = None) -> None:
        super().__init__(field, rule, limit)
        self.field = field
        self.rule = rule
        self.limit = limit

    def __str__(self) -> str:
        return _SENTENCES[self.rule].format(field=self.field, limit=self.limit)


def length(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def check_length(text: str, *, field: str, limit: int) -> None:
    """Refuse a text of more than `limit` UTF-16 code units."""
    if length(text) > limit:
        raise InvalidPayload(field, "too_long", limit)


def check_text(text: str, *, field: str, limit: int) -> None:
    """Refuse a text that is blank, too long, or cannot be written as UTF-8."""
    if not text.strip():
        raise InvalidPayload(field, "empty")
    if _UNENCODABLE.search(text):
        raise InvalidPayload(field, "unencodable")
    check_length(text, field=field, limit=limit)


def check_line(text: str, *, field: str, limit: int) -> None:
    """Refuse what `check_text` refuses, and line breaks and tabs."""
    check_text(text, field=field, limit=limit)
    if _LINE_BREAK.search(text):
        raise InvalidPayload(field, "line_break")
    if "\t" in text:
        raise InvalidPayload(field, "tab")


def check_value(text: str, *, field: str, limit: int = BODY_MAX) -> None:
    """Refuse a value that a template may not carry; for a form, while somebody types.

    Meta answers such values with error 132018 (Meta, error codes page, 2026-09).
    """
    check_line(text, field=field, limit=limit)
    if _SPACES.search(text):
        raise InvalidPayload(field, "spaces", SPACES_MAX)


def check_id(text: str, *, field: str, limit: int) -> None:
    """Refuse an id that Meta would not hand back unchanged.

    No blanks around it (Meta, interactive object reference: reply buttons).
    """
    check_line(text, field=field, limit=limit)
    if text != text.strip():
        raise InvalidPayload(field, "malformed")


def check_count(items: Sized, *, field: str, limit: int) -> None:
    """Refuse no items at all, or more than `limit`."""
    if not len(items):
        raise InvalidPayload(field, "empty")
    if len(items) > limit:
        raise InvalidPayload(field, "too_many", limit)


def check_unique(places: Iterable[tuple[str, str]]) -> None:
    """Refuse the first value that was there before; takes pairs of field and value."""
    seen: set[str] = set()
    for field, value in places:
        if value in seen:
            raise InvalidPayload(field, "duplicate")
        seen.add(value)


def check_template_identity(*, name: str, language: str) -> None:
    """Refuse a template name or language code that Meta cannot know."""
    check_text(name, field="name", limit=TEMPLATE_NAME_MAX)
    if not _TEMPLATE_NAME.fullmatch(name):
        raise InvalidPayload("name", "malformed")
    if not _LANGUAGE.fullmatch(language):
        raise InvalidPayload("language", "malformed")
