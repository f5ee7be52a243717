"""What people do with their phones, and how the business hears of it."""

from typing import Any

from whatsapp.simulator import identifiers
from whatsapp.simulator.chats import Chats, Offer
from whatsapp.simulator.envelopes import Update
from whatsapp.simulator.media import INBOUND_LIVES, MediaShelf, kind_of
from whatsapp.simulator.outbox import Outbox
from whatsapp.simulator.people import People
from whatsapp.simulator.records import Attachment, Content, MediaFile, Message, Person
from whatsapp.simulator.world import World

TEXT = 4096  # characters


class NothingToTapError(LookupError):
    """The person sees no such button."""


class Phones:
    """Lets people write, tap, send files, change their number and mind."""

    def __init__(
        self, world: World, *, people: People, chats: Chats, media: MediaShelf, outbox: Outbox
    ) -> None:
        self._world = world
        self._people = people
        self._chats = chats
        self._media = media
        self._outbox = outbox

    def say(self, person: Person, words: str, *, reply_to: str | None = None) -> Message:
        content = Content(text=words[:TEXT])
        payload = {"text": {"body": content["text"]}}
        return self._write(person, "text", content, payload, reply_to=reply_to)

    def tap(
        self,
        person: Person,
        wanted: str,
        *,
        message_id: str | None = None,
        fresh: bool = False,
        with_context: bool = True,
    ) -> Message:
        """Tap the newest button with this title or id. Raises NothingToTapError."""
        offer = self._chats.find_button(person, wanted, message_id=message_id, fresh=fresh)
        if not offer:
            raise NothingToTapError(f"{person.name} sees no button {wanted}")
        kind, payload = _tapped(offer)
        self._chats.change(offer.message, tapped=offer.button["id"])
        content = Content(text=offer.button["title"])
        context = offer.message.id if with_context else None
        return self._write(person, kind, content, payload, reply_to=context)

    def send(self, person: Person, data: bytes, *, mime_type: str, **about: str) -> Message:
        """Send a file with `caption` and `filename`. Raises GraphError for an unwelcome one."""
        filename, caption = about.get("filename", ""), about.get("caption", "")
        file = self._media.add(data, declared=mime_type, filename=filename, lives=INBOUND_LIVES)
        kind = kind_of(file.mime_type) or "document"
        payload: dict[str, Any] = {
            "id": file.id,
            "mime_type": file.mime_type,
            "sha256": file.sha256,
        }
        content = Content(media=_attachment(file, kind))
        if caption:
            payload["caption"] = content["text"] = caption
        if filename and kind == "document":
            payload["filename"] = filename
        return self._write(person, kind, content, {kind: payload}, reply_to=None)

    def change_number(self, person: Person, phone: str) -> None:
        """Move to a new number; the user id changes with it. Raises WrongValueError."""
        old_phone, old_user_id = person.phone, person.user_id
        self._people.move(person, phone=phone)
        item = {
            "from": old_phone,
            "id": identifiers.wamid(user=old_phone, outgoing=False),
            "timestamp": self._timestamp(),
            "type": "system",
            "system": {
                "type": "user_changed_number",
                "body": f"{person.name} changed from {old_phone} to {phone}",
                "wa_id": phone,
                "user_id": person.user_id,
                "previous_user_id": old_user_id,
            },
        }
        self._outbox.put(Update(person.id, "messages", item, part="messages"))

    def prefer(self, person: Person, value: str) -> None:
        """Stop or resume marketing messages in WhatsApp's own menu."""
        self._people.change(person, marketing_stopped=value == "stop")
        contact = self._people.contact(person, now=self._world.now())
        item = {
            "user_id": person.user_id,
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": int(self._world.now()),  # a number here, unlike everywhere else
        }
        if "wa_id" in contact:
            item["wa_id"] = contact["wa_id"]
        part = "user_preferences"
        self._outbox.put(Update(person.id, part, item, part=part, contact=contact))

    def _write(
        self,
        person: Person,
        kind: str,
        content: Content,
        payload: dict[str, Any],
        *,
        reply_to: str | None,
    ) -> Message:
        now = self._world.now()
        contact = self._people.contact(person, now=now)
        message = Message(
            id=identifiers.wamid(user=contact.get("wa_id", person.user_id), outgoing=False),
            seq=self._chats.next_seq(),
            person_id=person.id,
            phone=person.phone,
            from_person=True,
            type=kind,
            at=now,
            content=content,
            reply_to=reply_to,
        )
        self._people.change(person, wrote_at=now)
        self._chats.add(message)
        self._world.counts["messages written"] += 1
        item: dict[str, Any] = {
            "from_user_id": person.user_id,
            "id": message.id,
            "timestamp": self._timestamp(),
            "type": kind,
        } | payload
        if "wa_id" in contact:
            item["from"] = contact["wa_id"]
        if reply_to:
            item["context"] = {"from": self._world.account.phone, "id": reply_to}
        self._outbox.put(
            Update(person.id, "messages", item, "messages", contact, message_id=message.id)
        )
        return message

    def _timestamp(self) -> str:
        return str(int(self._world.now()))


def _tapped(offer: Offer) -> tuple[str, dict[str, Any]]:
    """Return type and payload of the answer that a tap sends."""
    button, content = offer.button, offer.message.content
    if offer.message.type == "template":
        return "button", {"button": {"payload": button["id"], "text": button["title"]}}
    reply = {"id": button["id"], "title": button["title"]}
    if "menu" not in content:
        return "interactive", {"interactive": {"type": "button_reply", "button_reply": reply}}
    if button.get("description"):
        reply["description"] = button["description"]
    return "interactive", {"interactive": {"type": "list_reply", "list_reply": reply}}


def _attachment(file: MediaFile, kind: str) -> Attachment:
    return Attachment(
        kind=kind, id=file.id, mime_type=file.mime_type, size=file.size, filename=file.filename
    )
