"""Filling a template with the values of one message.

Source: "Send message templates" in Meta's Cloud API documentation. 132000 is a
wrong number of values, 132012 a wrong kind of value, 132018 a value with
characters that Meta does not let through, 132005 a text that got too long.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from whatsapp.simulator.errors import GraphError, invalid
from whatsapp.simulator.records import Button, Content, Template
from whatsapp.simulator.rules.interactive import Attach
from whatsapp.simulator.rules.reading import Reader, reading
from whatsapp.simulator.rules.variables import component, replace_variables, variables_in

BODY = 1024  # characters with the values filled in, as the next two
HEADER = 60
URL = 2000
VALUE = 32_768  # characters of one value, before the text around it is looked at
PAYLOAD = 256  # characters that come back when somebody taps
FORBIDDEN = re.compile(r"[\n\r\t]| {5,}")  # Meta: no line break, no tab, at most four spaces

Values = list[tuple[str, str]]  # (parameter_name or "", text)


def fill(template: Template, components: list[Any], *, attach: Attach) -> Content:
    """Return what the phone shows. Raises GraphError."""
    given = _sorted_by_place(components)
    content = Content()
    _fill_header(template, given.pop("header", None), content, attach=attach)
    _fill_body(template, given.pop("body", None), content)
    footer = component(template, "FOOTER")
    if footer:
        content["footer"] = footer["text"]
    _fill_buttons(template, given, content)
    return content


def _sorted_by_place(components: list[Any]) -> dict[str, Reader]:
    """Return the components by where they belong: header, body, button 0, button 1 ..."""
    given: dict[str, Reader] = {}
    for number, entry in enumerate(components):
        part = Reader(entry, path=f"template['components'][{number}]")
        place = part.choice("type", "header", "body", "button", "HEADER", "BODY", "BUTTON").lower()
        if place == "button":
            place = f"button {_index(part)}"
        if place in given:
            raise GraphError(100, f"Template has two components for {place}.")
        given[place] = part
    return given


def _index(part: Reader) -> int:
    value = part.require("index")
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]", str(value)):
        raise invalid(part.name("index"), "must be 0 to 9")
    return int(value)


def _parameters(part: Reader | None) -> Iterator[Reader]:
    if part is None:
        return
    if part.has("parameters"):
        yield from part.objects("parameters", most=100, least=0)
    part.close()


def _fill_header(
    template: Template, part: Reader | None, content: Content, *, attach: Attach
) -> None:
    header = component(template, "HEADER")
    if header is None or header["format"] == "TEXT":
        text = header["text"] if header else ""
        text = _fill_text(text, _text_values(part, place="header"), template, place="header")
        if len(text) > HEADER:
            raise GraphError(132005, f"header: text is longer than {HEADER} characters.")
        if text:
            content["header"] = text
    else:
        _fill_header_media(header["format"].lower(), part, content, attach=attach)


def _fill_header_media(kind: str, part: Reader | None, content: Content, *, attach: Attach) -> None:
    parameters = list(_raw_parameters(part))
    if len(parameters) != 1:
        raise GraphError(132012, f"header: Format mismatch, expected one {kind}.")
    with reading(parameters[0], path="header") as parameter:
        found = parameter.text("type", most=64)
        if found != kind:
            raise GraphError(132012, f"header: Format mismatch, expected {kind}, received {found}.")
        with parameter.object(kind) as media:
            content["media"] = attach(media, kind)


def _raw_parameters(part: Reader | None) -> list[Any]:
    if part is None:
        return []
    parameters = part.array("parameters", most=1) if part.has("parameters") else []
    part.close()
    return parameters


def _fill_body(template: Template, part: Reader | None, content: Content) -> None:
    body = component(template, "BODY")
    text = body["text"] if body else ""
    content["text"] = _fill_text(text, _text_values(part, place="body"), template, place="body")
    if len(content["text"]) > BODY:
        raise GraphError(132005, f"body: text is longer than {BODY} characters.")


def _text_values(part: Reader | None, *, place: str) -> Values:
    return [_text_value(parameter, place=place) for parameter in _parameters(part)]


def _text_value(parameter: Reader, *, place: str) -> tuple[str, str]:
    name = parameter.optional_text("parameter_name", most=64)
    kind = parameter.text("type", most=64)
    if kind == "text":
        value = parameter.require("text")
    elif kind in ("currency", "date_time"):
        value = _fallback(parameter, kind)
    else:
        raise GraphError(132012, f"{place}: Format mismatch, expected text, received {kind}.")
    return name, _allowed(value, place=place)


def _fallback(parameter: Reader, kind: str) -> str:
    """Meta once localised these; today phones show the fallback."""
    with parameter.object(kind) as part:
        for detail in ("code", "amount_1000") if kind == "currency" else ():
            part.require(detail)
        return part.text("fallback_value", most=VALUE)


def _allowed(value: Any, *, place: str) -> str:
    if not isinstance(value, str):
        raise GraphError(100, f"{place}: parameter text must be a string.")
    if not value.strip():
        raise GraphError(131008, f"{place}: Parameter of type text is missing text value.")
    if len(value) > VALUE:
        raise GraphError(132005, f"{place}: a value is longer than {VALUE} characters.")
    if FORBIDDEN.search(value):
        raise GraphError(
            132018, f"{place}: a value has a line break, a tab or more than four spaces in a row."
        )
    return value


def _fill_text(text: str, values: Values, template: Template, *, place: str) -> str:
    names = variables_in(text)
    if len(values) != len(names):
        raise GraphError(
            132000,
            f"{place}: number of localizable_params ({len(values)}) does not match "
            f"the expected number of params ({len(names)}).",
        )
    return replace_variables(text, _lookup(names, values, template, place=place))


def _lookup(
    names: list[str], values: Values, template: Template, *, place: str
) -> Callable[[str], str]:
    if template.parameter_format != "NAMED":
        if any(name for name, _ in values):
            raise GraphError(132012, f"{place}: the parameters of this template have no names.")
        # {{1}} is the first value, wherever in the text it stands.
        return {name: values[int(name) - 1][1] for name in names}.__getitem__
    if any(not name for name, _ in values):
        raise GraphError(100, f"{place}: Parameter name is missing or empty.")
    given = dict(values)
    if set(given) != set(names):
        raise GraphError(132000, f"{place}: expected the parameters {', '.join(names)}.")
    return given.__getitem__


def _fill_buttons(template: Template, given: dict[str, Reader], content: Content) -> None:
    part = component(template, "BUTTONS")
    defined = part["buttons"] if part else []
    buttons = []
    for index, button in enumerate(defined):
        buttons.append(_fill_button(button, given.pop(f"button {index}", None), index=index))
    for place in given:
        raise GraphError(132018, f"buttons: the template has no {place}.")
    if buttons:
        content["buttons"] = buttons


def _fill_button(button: dict[str, Any], part: Reader | None, *, index: int) -> Button:
    kind, title = button["type"], button.get("text", "")
    value = _button_value(kind, part, index=index) if part else ""
    if kind == "QUICK_REPLY":
        return Button(kind="reply", id=value or title, title=title)
    if kind == "URL":
        return Button(kind="url", title=title, value=_url(button["url"], value, index=index))
    if kind == "COPY_CODE":
        if not value:
            raise GraphError(131008, f"buttons: Button at index {index} requires a coupon code.")
        return Button(kind="copy", title=title or "Copy code", value=value)
    return Button(kind="phone", title=title, value=button["phone_number"])


# type of the button -> sub_type, type and key of its only parameter, longest value
_BUTTON_PARAMETERS = {
    "QUICK_REPLY": ("quick_reply", "payload", "payload", PAYLOAD),
    "URL": ("url", "text", "text", URL),
    "COPY_CODE": ("copy_code", "coupon_code", "coupon_code", 15),
}


def _button_value(kind: str, part: Reader, *, index: int) -> str:
    sub_type = part.text("sub_type", most=64).lower()
    expected = _BUTTON_PARAMETERS.get(kind)
    if not expected or sub_type != expected[0]:
        raise GraphError(132018, f"buttons: Button at index {index} is not of type {sub_type}.")
    _, parameter_type, key, most = expected
    values = []
    for parameter in _parameters(part):
        parameter.choice("type", parameter_type)
        values.append(parameter.text(key, most=most))
    if len(values) != 1:
        raise GraphError(132000, f"buttons: Button at index {index} takes exactly one parameter.")
    return values[0]


def _url(pattern: str, value: str, *, index: int) -> str:
    if bool(variables_in(pattern)) != bool(value):
        problem = "does not take" if value else "requires"
        raise GraphError(131008, f"buttons: Button at index {index} {problem} a parameter.")
    url = replace_variables(pattern, lambda _: value)
    if len(url) > URL:
        raise GraphError(132005, f"buttons: the address is longer than {URL} characters.")
    return url
