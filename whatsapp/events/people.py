"""Reads who somebody is, from the many places where Meta writes it in 2026.

Phone numbers may be missing for people with a username, and a field made for digits may hold
a business-scoped user id (Meta, business-scoped user ids page, 2026-09). Profile names and
usernames stand beside these fields; nothing here reads them.
"""

import re
from collections.abc import Mapping
from typing import Final

from whatsapp import reading
from whatsapp.events.kinds import Sender
from whatsapp.limits import USER_ID
from whatsapp.reading import JsonObject

_DIGITS: Final = re.compile(r"[1-9][0-9]{4,14}")  # E.164 without its plus


def phone(source: JsonObject, *keys: str) -> str | None:
    """The first of these fields that holds a phone number, as +E.164."""
    values = [reading.identifier(source, key).removeprefix("+") for key in keys]
    return next((f"+{value}" for value in values if _DIGITS.fullmatch(value)), None)


def user_id(source: JsonObject, *keys: str) -> str | None:
    """The first of these fields that holds a business-scoped user id."""
    values = [reading.text(source, key) for key in keys]
    return next((value for value in values if USER_ID.fullmatch(value)), None)


def contacts(value: JsonObject) -> dict[str, Sender]:
    """The people in `contacts[]` of a change, under their phone number and their user id."""
    people = [person(contact) for contact in reading.children(value, "contacts")]
    return {key: each for each in people for key in (each.phone, each.user_id) if key}


def author(message: JsonObject, *, known: Mapping[str, Sender]) -> Sender:
    """Who sent this message, completed from the contacts of the same change."""
    own = Sender(
        phone=phone(message, "from"),
        user_id=user_id(message, "from_user_id", "from"),
        parent_user_id=user_id(message, "from_parent_user_id"),
    )
    contact = known.get(own.phone or "") or known.get(own.user_id or "") or Sender()
    return Sender(
        phone=own.phone or contact.phone,
        user_id=own.user_id or contact.user_id,
        parent_user_id=own.parent_user_id or contact.parent_user_id,
    )


def person(source: JsonObject) -> Sender:
    """An element of `contacts[]` or `user_preferences[]`."""
    return Sender(
        phone=phone(source, "wa_id"),
        user_id=user_id(source, "user_id", "wa_id"),
        parent_user_id=user_id(source, "parent_user_id"),
    )
