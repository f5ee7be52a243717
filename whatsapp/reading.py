"""Reads what Meta sends, without trusting a byte of it.

`load` turns bytes into a JSON object or says in one word why it cannot. The other functions
take single things out of such an object: whatever is missing or has the wrong type reads as
"nothing there", so one odd field never spoils the fields around it.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias

JsonObject: TypeAlias = Mapping[str, object]

# Meta's largest ids have 20 digits. Longer numbers mean nothing, and Python refuses to read
# more than 4,300 digits, which would cost us the whole body instead of one field.
MAX_DIGITS: Final = 20

# A moment outside these years is a mistake (milliseconds, zero), not a time.
EARLIEST: Final = datetime(2016, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

BIGGEST: Final = 2**31 - 1  # PostgreSQL's integer

# A limit that nobody reaches, which still compares like any other number.
UNLIMITED: Final = BIGGEST

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_DIGITS: Final = re.compile(r"[0-9]{1,12}")
_DAILY_LIMIT: Final = re.compile(r"(?:TIER_)?([0-9]{1,9})(K?)")


class Unreadable(ValueError):
    """The bytes are not a JSON object.

    `reason` is one of "not_utf8", "not_json", "too_deep", "not_an_object".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def load(body: bytes) -> JsonObject:
    """Read a JSON object from UTF-8 bytes; a byte order mark is tolerated.

    Of keys that occur twice the last one counts. Numbers too long to mean anything read as
    None. NaN and Infinity are no JSON (RFC 8259) and spoil the body.

    Raises Unreadable. Its cause is cut off on purpose: a decoding error carries the whole
    body along, and with it phone numbers.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"), parse_int=_integer, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise Unreadable("not_utf8") from None
    except RecursionError:
        raise Unreadable("too_deep") from None
    except ValueError:
        raise Unreadable("not_json") from None
    if not isinstance(value, dict):
        raise Unreadable("not_an_object")
    return value


def storable(text: str) -> str:
    """Replace what PostgreSQL cannot keep as UTF-8: NUL and halves of surrogate pairs."""
    return _UNSTORABLE.sub("\ufffd", text)


def text(source: JsonObject, key: str) -> str:
    """The text under `key`, fit to be stored; "" if there is none."""
    value = source.get(key)
    return storable(value) if isinstance(value, str) else ""


def number(source: JsonObject, key: str) -> int | None:
    """The whole number under `key`, whether written as number or as digits; else None."""
    value = source.get(key)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def identifier(source: JsonObject, key: str) -> str:
    """An id as text; Meta writes the same id as text in one place and as number in another."""
    value = source.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(source, key)


def flag(source: JsonObject, key: str) -> bool | None:
    """The truth value under `key`, None if there is none."""
    value = source.get(key)
    return value if isinstance(value, bool) else None


def child(source: JsonObject, key: str) -> JsonObject:
    """The object under `key`, an empty one if there is none."""
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def children(source: JsonObject, key: str) -> list[JsonObject]:
    """The objects in the list under `key`; anything else in that list is passed over."""
    value = source.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def code(source: JsonObject, key: str = "code") -> int | None:
    """An error code that fits a database's integer, else None."""
    value = number(source, key)
    return value if value is not None and 0 <= value <= BIGGEST else None


def codes(source: JsonObject) -> tuple[int, ...]:
    """The codes of `errors[]`. Titles and details stay behind: they may name the number."""
    found = [code(error) for error in children(source, "errors")]
    return tuple(value for value in found if value is not None)


def moment(source: JsonObject, key: str) -> datetime | None:
    """Epoch seconds under `key` as UTC; None if absent or outside the years 2016 to 2099.

    Meta writes them as text in messages and as number elsewhere (webhooks reference, 2026-09).
    """
    seconds = number(source, key)
    if seconds is None or not EARLIEST.timestamp() <= seconds < LATEST.timestamp():
        return None
    return datetime.fromtimestamp(seconds, tz=UTC)


def daily_limit(value: object) -> int | None:
    """How many people a business may reach in 24 hours; None if the value says nothing.

    Meta writes this limit as 2000, "2000", "TIER_2K", "UNLIMITED" or "TIER_UNLIMITED"
    (webhook business_capability_update and messaging limits page, 2026-09).
    """
    spelled = str(value).upper()
    if spelled in {"UNLIMITED", "TIER_UNLIMITED", "-1"}:
        return UNLIMITED
    found = _DAILY_LIMIT.fullmatch(spelled)
    if found is None:
        return None
    return min(int(found[1]) * (1000 if found[2] else 1), UNLIMITED)


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
