"""Opens the envelope of a webhook: entry[] > changes[] > field and value."""

from collections.abc import Iterator

from whatsapp import reading
from whatsapp.events import messages, notices
from whatsapp.events.elements import Broken, Found, each
from whatsapp.events.kinds import Origin, Problem, Webhook
from whatsapp.reading import JsonObject


class MalformedWebhook(ValueError):
    """The body is no JSON object at all; `reason` is one of the slugs of reading.Unreadable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(body: bytes) -> Webhook:
    """Read everything a webhook says. Check its signature first.

    Raises MalformedWebhook, and only for a body that is no JSON object.
    """
    try:
        envelope = reading.load(body)
    except reading.Unreadable as exc:
        raise MalformedWebhook(exc.reason) from None
    found = list(each(envelope, "entry", where="", read=_entry))
    return Webhook(
        events=tuple(item for item in found if not isinstance(item, Problem)),
        problems=tuple(item for item in found if isinstance(item, Problem)),
    )


def _entry(entry: JsonObject, where: str) -> Iterator[Found]:
    def change(element: JsonObject, place: str) -> Iterator[Found]:
        yield from _change(element, entry=entry, where=place)

    yield from each(entry, "changes", where=where, read=change)


def _change(change: JsonObject, *, entry: JsonObject, where: str) -> Iterator[Found]:
    field, value = reading.text(change, "field"), change.get("value")
    if not isinstance(value, dict):
        raise Broken("no_value")
    metadata = reading.child(value, "metadata")
    origin = Origin(
        business_account_id=reading.identifier(entry, "id") or None,
        phone_number_id=reading.identifier(metadata, "phone_number_id") or None,
        reported_at=None if field == "messages" else reading.moment(entry, "time"),
    )
    if field == "messages":
        yield from messages.read(value, origin=origin, where=f"{where}.value")
    else:
        yield from notices.read(value, field=field, origin=origin, where=f"{where}.value")
