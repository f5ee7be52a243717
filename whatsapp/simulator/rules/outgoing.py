"""The body of `POST /{phone_number_id}/messages`.

Source: "Send messages" in Meta's Cloud API documentation. Order of the checks:
envelope, recipient, content; the first complaint is the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from whatsapp.simulator.errors import GraphError, invalid, missing
from whatsapp.simulator.records import Attachment, Content, MediaFile, Template
from whatsapp.simulator.rules.filling import fill
from whatsapp.simulator.rules.interactive import read_interactive
from whatsapp.simulator.rules.reading import Reader, reading

TEXT = 4096  # characters
CAPTION = 1024  # characters
TOKEN = 512  # characters of biz_opaque_callback_data
WAMID = 512  # characters; Meta promises no length
FILENAME = 240  # characters
LINK = 2048  # characters


class Shelf(Protocol):
    """What the business has in store and a message may refer to."""

    def media(self, media_id: str) -> MediaFile | None: ...

    def template(self, name: str, language: str) -> Template: ...  # may raise GraphError


@dataclass(frozen=True)
class Outgoing:
    """A message that satisfies all rules about its form."""

    to: str | None
    recipient: str | None
    type: str
    content: Content
    token: str | None
    reply_to: str | None
    template: Template | None = None


@dataclass(frozen=True)
class ReadReceipt:
    """The business tells a person that it has read up to this message."""

    message_id: str


def check_product(body: dict[str, Any]) -> None:
    """Refuse what does not even claim to be for WhatsApp."""
    if body.get("messaging_product") is None:
        raise GraphError(100, "The parameter messaging_product is required.")
    if body["messaging_product"] != "whatsapp":
        raise GraphError(100, "Param messaging_product must be one of {WHATSAPP}.")


def read_outgoing(body: dict[str, Any], *, shelf: Shelf) -> Outgoing | ReadReceipt:
    """Return what the business wants. Raises GraphError."""
    check_product(body)
    with reading(body) as envelope:
        envelope.take("messaging_product")
        if envelope.has("status"):
            return _read_receipt(envelope)
        return _read_message(envelope, shelf=shelf)


def _read_receipt(envelope: Reader) -> ReadReceipt:
    envelope.choice("status", "read")
    if envelope.has("typing_indicator"):
        with envelope.object("typing_indicator") as indicator:
            indicator.choice("type", "text")
    return ReadReceipt(envelope.text("message_id", most=WAMID))


def _read_message(envelope: Reader, *, shelf: Shelf) -> Outgoing:
    if envelope.has("recipient_type"):
        envelope.choice("recipient_type", "individual")
    to = envelope.optional_text("to", most=64) or None
    recipient = envelope.optional_text("recipient", most=131) or None
    if not to and not recipient:
        raise missing("to")
    token = envelope.optional_text("biz_opaque_callback_data", most=TOKEN) or None
    reply_to = _read_context(envelope)
    kind = envelope.text("type", most=64) if envelope.has("type") else "text"
    if kind not in _CONTENT:
        raise GraphError(131051, f"Message type {kind} is not supported.")
    content, template = _CONTENT[kind](envelope, shelf)
    return Outgoing(to, recipient, kind, content, token, reply_to, template)


def _read_context(envelope: Reader) -> str | None:
    if not envelope.has("context"):
        return None
    with envelope.object("context") as context:
        message_id = context.text("message_id", most=WAMID)
        if not message_id.startswith("wamid."):
            raise invalid(context.name("message_id"), "is not a message id")
        return message_id


Result = tuple[Content, Template | None]


def _text(envelope: Reader, _shelf: Shelf) -> Result:
    with envelope.object("text") as text:
        text.flag("preview_url")
        return Content(text=text.text("body", most=TEXT)), None


def _media(kind: str) -> Callable[[Reader, Shelf], Result]:
    def read(envelope: Reader, shelf: Shelf) -> Result:
        with envelope.object(kind) as part:
            content = Content(media=read_attachment(part, kind=kind, shelf=shelf))
            if caption := part.optional_text("caption", most=CAPTION):
                content["text"] = caption
            return content, None

    return read


def read_attachment(part: Reader, *, kind: str, shelf: Shelf) -> Attachment:
    """Read `{id}` or `{link}`, for a document with `filename`. Raises GraphError."""
    if part.has("id") == part.has("link"):
        raise GraphError(100, f"Param {kind} must have either an id or a link.")
    if part.has("id"):
        attachment = _uploaded(part, kind=kind, shelf=shelf)
    else:
        attachment = Attachment(kind=kind, link=_link(part))
    if kind == "document":
        attachment["filename"] = part.optional_text("filename", most=FILENAME)
    return attachment


def _uploaded(part: Reader, *, kind: str, shelf: Shelf) -> Attachment:
    media_id = part.text("id", most=64)
    file = shelf.media(media_id)
    if not file:
        name = part.name("id")
        raise GraphError(100, f"Param {name} is not a valid media attachment ID.")
    return Attachment(kind=kind, id=media_id, mime_type=file.mime_type, size=file.size)


def _link(part: Reader) -> str:
    link = part.text("link", most=LINK)
    url = urlsplit(link)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise invalid(part.name("link"), "is not a http or https address")
    return link


def _interactive(envelope: Reader, shelf: Shelf) -> Result:
    with envelope.object("interactive") as part:
        return read_interactive(
            part, attach=lambda reader, kind: read_attachment(reader, kind=kind, shelf=shelf)
        ), None


def _reaction(envelope: Reader, _shelf: Shelf) -> Result:
    with envelope.object("reaction") as part:
        target = part.text("message_id", most=WAMID)
        return Content(target=target, emoji=part.text("emoji", most=16, least=0)), None


def _template(envelope: Reader, shelf: Shelf) -> Result:
    with envelope.object("template") as part:
        name = part.text("name", most=512)
        with part.object("language") as language:
            code = language.text("code", most=16)
            if language.has("policy"):
                language.choice("policy", "deterministic")
        components = part.array("components", most=14, least=0) if part.has("components") else []
        template = shelf.template(name, code)
        content = fill(
            template,
            components,
            attach=lambda reader, kind: read_attachment(reader, kind=kind, shelf=shelf),
        )
        return content, template


_CONTENT: dict[str, Callable[[Reader, Shelf], Result]] = {
    "text": _text,
    "image": _media("image"),
    "video": _media("video"),
    "document": _media("document"),
    "interactive": _interactive,
    "reaction": _reaction,
    "template": _template,
}
