"""Ids and numbers in the form in which Meta writes them.

Ids are the one thing that does not come from the seed: they must never occur
twice, not even after a reset.
"""

import base64
import hashlib
import re
import secrets

SEPARATORS = re.compile(r"[\s()./-]")
PHONE = re.compile(r"[1-9][0-9]{6,14}")  # E.164 without its plus sign
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")

COUNTRIES = {
    "1": "US", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "39": "IT", "41": "CH",
    "43": "AT", "44": "GB", "45": "DK", "48": "PL", "49": "DE", "90": "TR",
}  # fmt: skip


def wamid(*, user: str, outgoing: bool) -> str:
    """Return a new message id, in which the user can be read.

    Observed in recorded ids, documented nowhere: Base64 of two tagged strings,
    the user's digits and a random hexadecimal number. What takes the place of
    the digits when Meta hides them is unknown; here it is the user id.
    """
    number = secrets.token_hex(9 if outgoing else 10).upper().encode()
    name = user.encode()
    head = b"\x1c\x18" + bytes([len(name)]) + name
    body = b"\x15\x02\x00" + (b"\x11" if outgoing else b"\x12")
    tail = b"\x18" + bytes([len(number)]) + number + b"\x00"
    return "wamid." + base64.b64encode(head + body + tail).decode()


def user_id(*, phone: str, business: str) -> str:
    """Return the business-scoped user id (BSUID): a new number means a new id."""
    digest = hashlib.sha256(f"{business}/{phone}".encode()).digest()
    return f"{_country(phone)}.{int.from_bytes(digest[:8], 'big'):020d}"


def graph_id() -> str:
    """Return a new id of a Graph object: a string of digits."""
    return str(10**14 + secrets.randbelow(9 * 10**14))


def trace_id() -> str:
    """Return what Meta's support asks for when something went wrong."""
    return "A" + secrets.token_urlsafe(16)


def normalise_phone(value: str, *, country_code: str) -> str | None:
    """Return the digits that Meta makes of a recipient, or None if it is no number.

    Without a plus sign Meta may take the number for a national one and put the
    sender's country code in front, even if it is there already. The simulator
    always does, so that nobody forgets the plus sign unpunished.
    """
    number = SEPARATORS.sub("", value)
    national = country_code + number.removeprefix("0")
    digits = number[1:] if number.startswith("+") else national
    return digits if PHONE.fullmatch(digits) else None


def _country(phone: str) -> str:
    return COUNTRIES.get(phone[:2]) or COUNTRIES.get(phone[:1]) or "ZZ"
