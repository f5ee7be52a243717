"""The definition of a template, as `POST /{waba}/message_templates` takes it.

Source: "Template components" and "Create and manage templates" in Meta's
documentation. Where Meta explains a mistake to the human who wrote the text,
the code is 100 and the subcode says which rule was broken.
"""

import re
from dataclasses import dataclass
from typing import Any

from whatsapp.simulator.errors import GraphError, invalid
from whatsapp.simulator.rules.reading import Reader, reading
from whatsapp.simulator.rules.template_buttons import check_buttons
from whatsapp.simulator.rules.variables import NAMED, NUMBERED, VARIABLE, variables_in

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
HEADER_TEXT = 60  # characters, as the next two
BODY = 1024
FOOTER = 60
TTL_SECONDS = {
    "AUTHENTICATION": (30, 900),
    "UTILITY": (30, 43_200),
    "MARKETING": (43_200, 2_592_000),
}
THIRTY_DAYS = -1  # how a utility template asks for the longest time

TOO_LONG, BAD_HEADER, BAD_BODY, BAD_FOOTER = 2388040, 2388047, 2388072, 2388073
TOO_MANY_VARIABLES, VARIABLE_AT_THE_EDGE = 2388293, 2388299


@dataclass(frozen=True)
class Definition:
    """A template that satisfies all rules about its form."""

    name: str
    language: str
    category: str
    parameter_format: str
    components: list[dict[str, Any]]
    ttl_seconds: int | None


def refused(subcode: int, title: str, details: str) -> GraphError:
    return GraphError(100, details, subcode=subcode, user_title=title)


def read_definition(body: dict[str, Any]) -> Definition:
    """Return the template that somebody wants. Raises GraphError."""
    with reading(body) as form:
        name = form.text("name", most=512)
        if not NAME.fullmatch(name):
            raise invalid("name", "may contain lower-case letters, digits and underscores only")
        language = form.text("language", most=16)
        if not LANGUAGE.fullmatch(language):
            raise invalid("language", "is not a language code")
        category = form.choice("category", *CATEGORIES)
        parameter_format = read_format(form)
        components = read_components(form, parameter_format=parameter_format)
        return Definition(
            name, language, category, parameter_format, components, read_ttl(form, category)
        )


def read_format(form: Reader) -> str:
    if not form.has("parameter_format"):
        return "POSITIONAL"
    return form.choice("parameter_format", "positional", "named", "POSITIONAL", "NAMED").upper()


def read_ttl(form: Reader, category: str) -> int | None:
    value = form.take("message_send_ttl_seconds")
    if value is None:
        return None
    low, high = TTL_SECONDS[category]
    longest = category == "UTILITY" and value == THIRTY_DAYS
    if isinstance(value, int) and (longest or low <= value <= high):
        return value
    raise invalid("message_send_ttl_seconds", f"must be {low} to {high} for {category}")


def read_components(form: Reader, *, parameter_format: str) -> list[dict[str, Any]]:
    """Return the components with their types in capitals, as Meta gives them back."""
    components: dict[str, dict[str, Any]] = {}
    for part in form.objects("components", most=4):
        kind = part.text("type", most=16).upper()
        if kind not in _COMPONENTS:
            raise invalid(part.name("type"), "must be one of HEADER, BODY, FOOTER, BUTTONS")
        if kind in components:
            raise invalid("components", f"have more than one {kind}")
        components[kind] = {"type": kind} | _COMPONENTS[kind](part, parameter_format)
    if "BODY" not in components:
        raise refused(BAD_BODY, "Body is missing", "A template needs a BODY.")
    return list(components.values())


def _header(part: Reader, parameter_format: str) -> dict[str, Any]:
    form = part.text("format", most=16).upper()
    if form in ("IMAGE", "VIDEO", "DOCUMENT"):
        with part.object("example") as example:
            handles = example.array("header_handle", most=1)
        return {"format": form, "example": {"header_handle": handles}}
    if form != "TEXT":
        raise refused(BAD_HEADER, "Header format", f"A header of format {form} is not supported.")
    text = part.text("text", most=BODY)
    if len(text) > HEADER_TEXT:
        raise refused(TOO_LONG, "Header too long", f"Header: at most {HEADER_TEXT} characters.")
    if len(variables_in(text)) > 1:
        raise refused(BAD_HEADER, "Header variables", "A header takes at most one variable.")
    found: dict[str, Any] = {"format": form, "text": text}
    return found | _examples(part, text, key="header_text", parameter_format=parameter_format)


def _body(part: Reader, parameter_format: str) -> dict[str, Any]:
    text = part.text("text", most=100 * BODY)
    if len(text) > BODY:
        raise refused(TOO_LONG, "Body too long", f"Body: at most {BODY} characters.")
    _check_edges(text)
    examples = _examples(part, text, key="body_text", parameter_format=parameter_format)
    return {"text": text} | examples


def _footer(part: Reader, _parameter_format: str) -> dict[str, Any]:
    text = part.text("text", most=BODY)
    if len(text) > FOOTER:
        raise refused(TOO_LONG, "Footer too long", f"Footer: at most {FOOTER} characters.")
    if variables_in(text):
        raise refused(BAD_FOOTER, "Footer variables", "A footer takes no variables.")
    return {"text": text}


def _buttons(part: Reader, _parameter_format: str) -> dict[str, Any]:
    return {"buttons": check_buttons(part)}


def _check_edges(text: str) -> None:
    """Meta wants words before, between and after the variables, and enough of them."""
    stripped = text.strip()
    pieces = VARIABLE.split(stripped)[::2]  # the texts around the variables
    if len(pieces) == 1:
        return
    if not pieces[0] or not pieces[-1]:
        raise refused(
            VARIABLE_AT_THE_EDGE,
            "Leading or trailing params not allowed",
            "Variables can't be at the start or end of the template.",
        )
    if any(not piece.strip() for piece in pieces[1:-1]):
        raise refused(BAD_BODY, "Adjacent variables", "Put words between two variables.")
    words = sum(len(piece.split()) for piece in pieces)
    if words < 2 * (len(pieces) - 1) + 1:
        raise refused(
            TOO_MANY_VARIABLES,
            "Too many variables",
            "This template has too many variables for its length.",
        )


def _examples(part: Reader, text: str, *, key: str, parameter_format: str) -> dict[str, Any]:
    names = variables_in(text)
    _check_names(names, parameter_format=parameter_format)
    if not names:
        if part.has("example"):
            raise invalid(part.name("example"), "is given, but the text has no variable")
        return {}
    if not part.has("example"):
        raise refused(
            BAD_BODY, "Example is missing", "Component does not contain the expected field example."
        )
    with part.object("example") as example:
        if parameter_format == "NAMED":
            return {"example": _named_examples(example, f"{key}_named_params", names)}
        return {"example": _numbered_examples(example, key, names)}


def _check_names(names: list[str], *, parameter_format: str) -> None:
    pattern = NAMED if parameter_format == "NAMED" else NUMBERED
    if not all(pattern.fullmatch(name) for name in names):
        raise refused(BAD_BODY, "Variable names", "Variables do not fit the parameter format.")
    if pattern is NUMBERED and sorted(map(int, names)) != list(range(1, len(names) + 1)):
        raise refused(BAD_BODY, "Variable numbers", "Number the variables from 1, without gaps.")


def _named_examples(example: Reader, key: str, names: list[str]) -> dict[str, Any]:
    found = {}
    for entry in example.objects(key, most=100):
        found[entry.text("param_name", most=64)] = entry.text("example", most=BODY)
    if set(found) != set(names):
        raise invalid(example.name(key), "must give one example for each variable")
    return {key: [{"param_name": name, "example": text} for name, text in found.items()]}


def _numbered_examples(example: Reader, key: str, names: list[str]) -> dict[str, Any]:
    values = example.array(key, most=100)
    # The body's examples are a list of sets of values, the header's a single set.
    row = values[0] if key == "body_text" else values
    if not isinstance(row, list) or not all(isinstance(item, str) and item for item in row):
        raise invalid(example.name(key), "must be a list of texts")
    if len(row) != len(names):
        raise invalid(example.name(key), "must give one example for each variable")
    return {key: values}


_COMPONENTS = {"HEADER": _header, "BODY": _body, "FOOTER": _footer, "BUTTONS": _buttons}
