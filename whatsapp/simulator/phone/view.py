"""People and messages as the page shows them: JSON without anything it does not need."""

from typing import Any

from whatsapp.simulator.chats import is_visible
from whatsapp.simulator.clock import Moment
from whatsapp.simulator.platform import Platform
from whatsapp.simulator.records import Attachment, Message, Person, plain_text

PREVIEW = 160  # characters of the last message in the list, and of a quoted one
FLAGS = ("reachable", "read_receipts", "hides_phone", "by_hand", "marketing_stopped")


def person(one: Person, *, platform: Platform) -> dict[str, Any]:
    """Return a line of the list, with the state of the person's switches."""
    shown = [message for message in platform.chats.of(one) if is_visible(message)]
    last = max(shown, key=shown_at, default=None)
    entry = {
        "id": one.id,
        "name": one.name,
        "phone": one.phone,
        "username": one.username,
        "unread": platform.chats.unread(one),
        "last": _preview(last) | {"at": shown_at(last), "ticks": last.ticks} if last else None,
    }
    return entry | {flag: getattr(one, flag) for flag in FLAGS}


def chat(one: Person, *, platform: Platform) -> list[dict[str, Any]]:
    """Return the bubbles on the person's phone, in the order in which they stand there."""
    return [_message(message, platform=platform) for message in platform.chats.visible(one)]


def shown_at(message: Message) -> Moment:
    """Return when the message appeared on the person's phone."""
    return message.arrived_at or message.at


def _message(message: Message, *, platform: Platform) -> dict[str, Any]:
    content = message.content
    entry: dict[str, Any] = {
        "id": message.id,
        "type": message.type,
        "from_person": message.from_person,
        "at": shown_at(message),
        "ticks": message.ticks,
        "tapped": message.tapped,
        "reaction": message.reaction,
        "header": content.get("header", ""),
        "text": content.get("text", ""),
        "footer": content.get("footer", ""),
        "buttons": content.get("buttons", []),
        "menu": content.get("menu"),
    }
    if media := content.get("media"):
        entry["media"] = _media(media, platform=platform)
    quoted = platform.chats.get(message.reply_to)
    if quoted and quoted.person_id == message.person_id:
        entry["quote"] = _preview(quoted) | {"id": quoted.id}
    return entry


def _preview(message: Message) -> dict[str, Any]:
    media = message.content.get("media", {})
    return {
        "from_person": message.from_person,
        "text": plain_text(message.content)[:PREVIEW],
        "media": media.get("kind", ""),
    }


def _media(media: Attachment, *, platform: Platform) -> dict[str, Any]:
    """Describe a file; `url` is None if it is too old, or somewhere else on the web."""
    file = platform.media(media.get("id", ""))
    return {
        "kind": media["kind"],
        "url": f"/phone/media/{file.id}" if file else None,
        "link": media.get("link"),
        "filename": media.get("filename") or (file.filename if file else ""),
        "mime_type": media.get("mime_type", ""),
        "size": media.get("size", 0),
    }
