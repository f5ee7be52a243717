"""From what the desk wrote to what WhatsApp is asked to send.

Meta's limits are known to `whatsapp.payloads`; here they become sentences that an editor
understands, at the field where they belong.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns import links
from campaigns.models import Message, MessageTemplate, PhoneTest
from campaigns.models.media import HeaderKind
from subscribers.identities import Address
from whatsapp import payloads, template_drafts
from whatsapp.limits import BODY_MAX, InvalidPayload, check_value, length

READ = "read"  # the button under a template that brings the full text
READ_BUTTON = [READ, "Jetzt lesen"]
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TEST = "test"  # whatever button under a test to a phone of the desk

_HEADERS: Mapping[str, Callable[..., payloads.Image | payloads.Video | payloads.Document]] = {
    HeaderKind.IMAGE: payloads.Image,
    HeaderKind.VIDEO: payloads.Video,
    HeaderKind.DOCUMENT: payloads.Document,
}

_SENTENCES: Mapping[str, Promise] = {
    "empty": _("Please fill this in; WhatsApp accepts no empty text here."),
    "line_break": _("WhatsApp allows no line break here. Please write one line."),
    "tab": _("WhatsApp allows no tab here."),
    "spaces": _("WhatsApp allows no more than four spaces in a row."),
    "unencodable": _("There is an invisible character here that WhatsApp does not allow."),
}


def content(message: Message, *, media_id: str) -> payloads.Template:
    """Return the message as the template send that WhatsApp gets.

    Raises InvalidPayload, which names the field, for anything that Meta would refuse.
    """
    buttons = [_payload(button, message) for button, _label in message.template.buttons]
    return _template(message.template, message.values, media_id=media_id, buttons=buttons)


def content_of_test(test: PhoneTest, *, media_id: str) -> payloads.Template | payloads.Text:
    """Return a test as it is sent: by the template of the message itself, or its full text.

    Its buttons bring back the id of the test, so that a tap makes nobody a subscriber. Raises
    InvalidPayload.
    """
    if test.template is None:
        return payloads.Text(body=test.full_text)
    buttons = [f"{TEST}:{test.pk}"] * len(test.template.buttons)
    return _template(test.template, test.values, media_id=media_id, buttons=buttons)


def _template(
    template: MessageTemplate, values: Mapping[str, str], *, media_id: str, buttons: Sequence[str]
) -> payloads.Template:
    return payloads.Template(
        name=template.name,
        language=template.language,
        values=dict(values),
        header=_HEADERS[template.header](media_id=media_id) if template.header else None,
        payloads=dict(enumerate(buttons)),
    )


def broadcast_to_read(button_id: str) -> int | None:
    """Return the broadcast whose full text a tapped button asks for; None for other buttons."""
    name, _colon, broadcast_id = button_id.partition(":")
    is_one = name == READ and re.fullmatch(r"[0-9]{1,18}", broadcast_id)
    return int(broadcast_id) if is_one else None


def tapped_test(button_id: str) -> UUID | None:
    """Return the test whose button was tapped; None for buttons of other messages."""
    ours = re.fullmatch(rf"{TEST}:({_UUID})", button_id)
    return UUID(ours[1]) if ours else None


def recipient(address: Address) -> payloads.Recipient:
    """Return whom to send to: by number while we know one, else by user id."""
    if address.phone:
        return payloads.Recipient(phone=address.phone)
    return payloads.Recipient(user_id=address.user_id)


def is_reachable(address: Address) -> bool:
    """Tell whether anything can be sent there: a damaged record may hold anything."""
    try:
        recipient(address)
    except InvalidPayload:
        return False
    return True


def preview(template: MessageTemplate, values: Mapping[str, str]) -> str:
    """Return the text as readers will see it; what is not written yet shows its label."""
    shown = {
        name: values.get(name, "").strip() or f"‹{label}›"
        for name, label in labels(template).items()
    }
    return template_drafts.render(template.body, values=shown, limit=sys.maxsize)


def value_problems(template: MessageTemplate, values: Mapping[str, str]) -> dict[str, str]:
    """Return what Meta would refuse, by value name, in the reader's language."""
    problems: dict[str, str] = {}
    for name in template.value_names:
        try:
            check_value(values.get(name, ""), field=name)
        except InvalidPayload as refusal:
            problems[name] = sentence(refusal)
        if found := links.tracked(values.get(name, "")):
            problems.setdefault(name, _tracking(found))
    return problems


def _tracking(names: list[str]) -> str:
    """Say what in a link would give readers away."""
    words = _("This link tells its owner how readers came (%(names)s). Please take that off it.")
    return str(words % {"names": ", ".join(names)})


def room_left(template: MessageTemplate, values: Mapping[str, str]) -> int:
    """Return how many characters the whole text may still grow; negative if it is too long."""
    filled = {name: values.get(name, "") for name in template.value_names}
    return BODY_MAX - length(
        template_drafts.render(template.body, values=filled, limit=sys.maxsize)
    )


def length_problem(template: MessageTemplate, values: Mapping[str, str]) -> str:
    """Say by how much the whole text is too long; "" if it fits."""
    room = room_left(template, values)
    if room >= 0:
        return ""
    return str(_("The whole message is too long for WhatsApp, by %(n)s characters.") % {"n": -room})


def longest(values: Mapping[str, str]) -> str:
    """Return the name of the value in which most can be cut."""
    return max(values, key=lambda name: length(values[name]), default="")


def plain(text: str) -> str:
    """Return a full text as it is stored and sent: a browser posts other line breaks."""
    return text.replace("\r\n", "\n").strip()


def full_text_problem(text: str) -> str:
    """Say why WhatsApp would refuse a full text; "" if it would not, or there is none."""
    try:
        payloads.Text(body=text or "–")
    except InvalidPayload as refusal:
        return sentence(refusal)
    found = links.tracked(text)
    return _tracking(found) if found else ""


def full_text_room(text: str) -> int:
    """Return how many characters a full text may still grow; negative if it is too long."""
    return payloads.TEXT_MAX - length(text)


def _payload(button: str, message: Message) -> str:
    """What comes back when somebody taps a button."""
    return f"{READ}:{message.broadcast.pk}" if button == READ else button


def sentence(refusal: InvalidPayload) -> str:
    """Say a refusal in the reader's language."""
    if refusal.rule == "too_long":
        return str(_("Too long: WhatsApp allows %(n)s characters.") % {"n": refusal.limit})
    return str(_SENTENCES.get(refusal.rule, _("WhatsApp would not accept this.")))


def labels(template: MessageTemplate) -> dict[str, str]:
    """Return how each value is called on the form, in the reader's language."""
    language = "de" if (get_language() or "de").startswith("de") else "en"
    return {
        value["name"]: value.get(f"label_{language}", value["name"]) for value in template.values
    }
