"""The buttons in the definition of a template.

Source of the limits: "Template components" in Meta's documentation.
"""

import re
from collections import Counter
from itertools import groupby
from typing import Any

from whatsapp.simulator.errors import invalid
from whatsapp.simulator.rules.reading import Reader
from whatsapp.simulator.rules.variables import VARIABLE

BUTTONS = 10
MOST_OF_A_KIND = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
TITLE = 25  # characters, as the next three
URL = 2000
PHONE = 20
CODE = 15
VARIABLE_AT_THE_END = re.compile(r"https?://[^{}\s]+(\{\{1\}\})?")


def check_buttons(part: Reader) -> list[dict[str, Any]]:
    """Return the buttons in Meta's spelling. Raises GraphError."""
    buttons = [_read_button(entry) for entry in part.objects("buttons", most=BUTTONS)]
    for kind, count in Counter(button["type"] for button in buttons).items():
        if count > MOST_OF_A_KIND[kind]:
            raise invalid("buttons", f"have more than {MOST_OF_A_KIND[kind]} of type {kind}")
    runs = [is_reply for is_reply, _ in groupby(b["type"] == "QUICK_REPLY" for b in buttons)]
    if len(runs) > 2:
        raise invalid("buttons", "must keep quick replies and other buttons apart")
    titles = [button.get("text") for button in buttons]
    if len(set(titles)) < len(titles):
        raise invalid("buttons", "must not use the same text twice")
    return buttons


def _read_button(entry: Reader) -> dict[str, Any]:
    kind = entry.text("type", most=32).upper()
    if kind not in MOST_OF_A_KIND:
        raise invalid(entry.name("type"), f"must be one of {', '.join(MOST_OF_A_KIND)}")
    if kind == "COPY_CODE":
        return {"type": kind, "text": "Copy code", "example": _code(entry)}
    button: dict[str, Any] = {"type": kind, "text": entry.text("text", most=TITLE)}
    if VARIABLE.search(button["text"]):
        raise invalid(entry.name("text"), "must not contain a variable")
    if kind == "URL":
        button |= _read_url(entry)
    if kind == "PHONE_NUMBER":
        button["phone_number"] = entry.text("phone_number", most=PHONE)
    return button


def _code(entry: Reader) -> str:
    value = entry.require("example")
    code = value[0] if isinstance(value, list) and value else value
    if not isinstance(code, str) or not 1 <= len(code) <= CODE:
        raise invalid(entry.name("example"), f"must be a code of at most {CODE} characters")
    return code


def _read_url(entry: Reader) -> dict[str, Any]:
    url = entry.text("url", most=URL)
    if not VARIABLE_AT_THE_END.fullmatch(url):
        raise invalid(entry.name("url"), "must be an address with at most {{1}} at its end")
    if not VARIABLE.search(url):
        return {"url": url}
    return {"url": url, "example": entry.array("example", most=1)}
