"""Reads the webhook field "messages": what people send, and what became of our messages."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from whatsapp import reading
from whatsapp.events import people
from whatsapp.events.elements import Broken, Found, each
from whatsapp.events.kinds import (
    Choice,
    Contacts,
    Content,
    IdentityChange,
    InboundMessage,
    Location,
    Media,
    MessageChange,
    Origin,
    Other,
    PlatformError,
    Pricing,
    Reaction,
    Sender,
    StatusUpdate,
    Tap,
    Text,
)
from whatsapp.reading import JsonObject

_STATUS: Final = re.compile(r"[a-z_]{1,32}")
_KIND: Final = re.compile(r"[a-z_]{1,64}")
_MEDIA: Final = frozenset({"image", "video", "document", "audio", "sticker"})


def read(value: JsonObject, *, origin: Origin, where: str) -> Iterator[Found]:
    """Everything in one change of the field "messages"."""
    known = people.contacts(value)

    def message(element: JsonObject, _: str) -> Iterator[Found]:
        yield _message(element, known=known, origin=origin)

    def status(element: JsonObject, _: str) -> Iterator[Found]:
        yield _status(element, origin=origin)

    def error(element: JsonObject, _: str) -> Iterator[Found]:
        yield _error(element, origin=origin)

    yield from each(value, "messages", where=where, read=message)
    yield from each(value, "statuses", where=where, read=status)
    yield from each(value, "errors", where=where, read=error)


def _message(message: JsonObject, *, known: Mapping[str, Sender], origin: Origin) -> InboundMessage:
    return InboundMessage(
        origin=origin,
        wamid=_wamid(message),
        sender=people.author(message, known=known),
        at=_at(message),
        content=_content(message),
        reply_to=reading.text(reading.child(message, "context"), "id") or None,
    )


def _status(status: JsonObject, *, origin: Origin) -> StatusUpdate:
    word = reading.text(status, "status")
    if not _STATUS.fullmatch(word):
        raise Broken("no_status")
    return StatusUpdate(
        origin=origin,
        wamid=_wamid(status),
        status=word,
        at=_at(status),
        token=reading.text(status, "biz_opaque_callback_data") or None,
        recipient_phone=people.phone(status, "recipient_id"),
        recipient_user_id=people.user_id(status, "recipient_user_id", "recipient_id"),
        # Meta's pages and other programs disagree about the name of this field.
        recipient_parent_user_id=people.user_id(
            status, "recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"
        ),
        codes=reading.codes(status),
        pricing=_pricing(reading.child(status, "pricing")),
    )


def _error(error: JsonObject, *, origin: Origin) -> PlatformError:
    code = reading.code(error)
    if code is None:
        raise Broken("no_code")
    return PlatformError(origin=origin, code=code)


def _wamid(source: JsonObject) -> str:
    wamid = reading.text(source, "id")
    if not wamid:
        raise Broken("no_id")
    return wamid


def _at(source: JsonObject) -> datetime:
    at = reading.moment(source, "timestamp")
    if at is None:
        raise Broken("bad_timestamp")
    return at


def _pricing(pricing: JsonObject) -> Pricing | None:
    if not pricing:
        return None
    return Pricing(
        category=reading.text(pricing, "category"),
        type=reading.text(pricing, "type"),
        model=reading.text(pricing, "pricing_model"),
        billable=reading.flag(pricing, "billable"),
    )


def _content(message: JsonObject) -> Content:
    kind = reading.text(message, "type")
    reader = _READERS.get(kind)
    content = reader(message, kind) if reader else None
    if content is not None:
        return content
    return Other(kind if _KIND.fullmatch(kind) else "", codes=reading.codes(message))


def _text(message: JsonObject, kind: str) -> Text:
    return Text(reading.text(reading.child(message, kind), "body"))


def _tap(message: JsonObject, kind: str) -> Tap:
    button = reading.child(message, kind)
    return Tap(reading.text(button, "payload"), reading.text(button, "text"))


def _choice(message: JsonObject, kind: str) -> Choice | None:
    # At times the object is missing altogether and value.errors[] holds 131000 instead.
    interactive = reading.child(message, kind)
    kinds: dict[str, Literal["button", "list"]] = {"button_reply": "button", "list_reply": "list"}
    for key, word in kinds.items():
        if chosen := reading.child(interactive, key):
            return Choice(word, id=reading.text(chosen, "id"), title=reading.text(chosen, "title"))
    return None


def _media(message: JsonObject, kind: str) -> Media:
    media = reading.child(message, kind)
    return Media(
        kind,
        media_id=reading.identifier(media, "id"),
        mime_type=reading.text(media, "mime_type"),
        caption=reading.text(media, "caption"),
    )


def _location(message: JsonObject, kind: str) -> Location:
    place = reading.child(message, kind)
    return Location(_coordinate(place, "latitude"), _coordinate(place, "longitude"))


def _coordinate(place: JsonObject, key: str) -> float | None:
    value = place.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _contacts(message: JsonObject, kind: str) -> Contacts:
    return Contacts(count=len(reading.children(message, kind)))


def _reaction(message: JsonObject, kind: str) -> Reaction:
    reaction = reading.child(message, kind)
    return Reaction(reading.text(reaction, "message_id"), reading.text(reaction, "emoji"))


def _change(message: JsonObject, kind: str) -> MessageChange:
    original = reading.text(reading.child(message, kind), "original_message_id")
    return MessageChange("edit" if kind == "edit" else "revoke", wamid=original)


def _identity(message: JsonObject, kind: str) -> IdentityChange:
    system = reading.child(message, kind)
    return IdentityChange(
        reading.text(system, "type"),
        phone=people.phone(system, "wa_id"),
        user_id=people.user_id(system, "user_id"),
        previous_user_id=people.user_id(system, "previous_user_id"),
    )


_READERS: Final[dict[str, Callable[[JsonObject, str], Content | None]]] = {
    "text": _text,
    "button": _tap,
    "interactive": _choice,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "edit": _change,
    "revoke": _change,
    "system": _identity,
    **dict.fromkeys(_MEDIA, _media),
}
