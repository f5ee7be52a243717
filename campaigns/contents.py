"""What is stored of what was typed: a template, the values that it knows, maybe a full text."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns import composing, corrections
from campaigns.models import Broadcast, Category, Message, MessageTemplate
from campaigns.refusals import NotPossible


def of(
    template: MessageTemplate, values: Mapping[str, str], full_text: str, *, corrects: bool
) -> dict[str, Any]:
    """Return the fields of a message; its full text with the line breaks that WhatsApp uses."""
    known = {name: values.get(name, "").strip() for name in template.value_names}
    if corrects:
        known = corrections.marked(template, known)
    return {"template": template, "values": known, "full_text": composing.plain(full_text)}


def changed(
    broadcast: Broadcast,
    values: Mapping[str, str],
    full_text: str | None,
    *,
    template: MessageTemplate | None,
) -> dict[str, Any]:
    """Return the fields of a message that is changed; `full_text` None leaves it as it is.

    Without a template it keeps its own, unless a full text comes or goes. Raises NotPossible.
    """
    full_text = broadcast.message.full_text if full_text is None else full_text
    template = template or _kept(broadcast.message, full_text)
    return of(template, values, full_text, corrects=broadcast.corrects is not None)


def template_for(category: Category, full_text: str) -> MessageTemplate:
    """Return the template for a message with this full text. Raises NotPossible."""
    full_text = composing.plain(full_text)
    if full_text and not category.has_full_text:
        raise NotPossible(_("Messages of this category have no full text."))
    return category.template_for(full_text=full_text)


def _kept(message: Message, full_text: str) -> MessageTemplate:
    if bool(composing.plain(full_text)) == bool(message.full_text):
        return message.template
    return template_for(message.category, full_text)
