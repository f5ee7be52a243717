"""The placeholders in a template's texts: `{{1}}` or `{{first_name}}`."""

import re
from collections.abc import Callable
from typing import Any

from whatsapp.simulator.records import Template

VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
NUMBERED = re.compile(r"[1-9][0-9]*")
NAMED = re.compile(r"[a-z][a-z0-9_]*")


def variables_in(text: str) -> list[str]:
    """Return the names in the order of their first appearance, each once."""
    return list(dict.fromkeys(VARIABLE.findall(text)))


def replace_variables(text: str, value_of: Callable[[str], str]) -> str:
    return VARIABLE.sub(lambda match: value_of(match.group(1)), text)


def component(template: Template, kind: str) -> dict[str, Any] | None:
    """Return the template's HEADER, BODY, FOOTER or BUTTONS."""
    return next((part for part in template.components if part["type"] == kind), None)
