"""From a consent event to the leaf of the ledger that stands for it.

The leaf holds a commitment: HMAC-SHA-256 of the event's bytes under a salt of its own. Event and
salt may be erased one day; then the commitment is a number that says nothing, and the tree over
all leaves is as whole as before. Without the salt nobody can test a guess.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

# Part of what is hashed. Bytes that have been committed to never change their meaning: another
# form of event or leaf is another version, and the old one stays here.
VERSION = 1
SALT_BYTES = 32
NO_LINK = bytes(32)  # what the first leaf links to
LARGEST_NUMBER = 2**53 - 1  # beyond it JSON's readers disagree (RFC 8785, 3.2.2.3)
LEAF, LINK = b"\x00", b"\x02"  # 0x00 as in RFC 6962, 2.1; its 0x01 is for inner nodes


def canonical(value: Mapping[str, object]) -> bytes:
    """Return the one form of a JSON object that is hashed: RFC 8785, for what we need of it.

    Raises TypeError or ValueError for what the two could write differently: numbers with a
    fraction, very large numbers, keys beyond ASCII.
    """
    _check(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def body(
    *,
    kind: str,
    act: str,
    subject: UUID | None,
    tier: str,
    notice: str | None,
    notice_sha256: str,
    happened_at: datetime,
    recorded_at: datetime,
    message_hash: bytes | memoryview | None,
    receipt_code: str | None,
    details: Mapping[str, object],
) -> dict[str, object]:
    """Return an event as the object that is committed to. `notice` is language/version."""
    return {
        "v": VERSION,
        "kind": kind,
        "act": act,
        "subject": str(subject) if subject else None,
        "tier": tier,
        "notice": notice,
        "notice_sha256": notice_sha256,
        "happened_at": _moment(happened_at),
        "recorded_at": _moment(recorded_at),
        "message": bytes(message_hash).hex() if message_hash is not None else None,
        "receipt": receipt_code,
        "details": details,
    }


def commitment(body: Mapping[str, object], *, salt: bytes) -> bytes:
    """Return 32 bytes that bind an event and, without the salt, tell nothing about it."""
    return hmac.digest(salt, canonical(body), "sha256")


def leaf_hash(seq: int, commitment: bytes) -> bytes:
    """Return the hash of the leaf at a place in the tree, counted from 0.

    The database computes the same for every event (migration 0003).
    """
    leaf = f'{{"commit":"{commitment.hex()}","seq":{seq},"v":{VERSION}}}'
    return hashlib.sha256(LEAF + leaf.encode()).digest()


def link(previous: bytes, leaf: bytes) -> bytes:
    """Return the link of a leaf to the one before it: the cheap, early sign of a change."""
    return hashlib.sha256(LINK + previous + leaf).digest()


def _moment(at: datetime) -> str:
    """Write a moment as the database keeps it: UTC, microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _check(value: object) -> None:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) and key.isascii() for key in value):
            raise TypeError("The keys of what is committed to are ASCII texts.")
        for part in value.values():
            _check(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _check(part)
    elif isinstance(value, int):
        if abs(value) > LARGEST_NUMBER:
            raise ValueError("A number is too large to be written in one way only.")
    elif value is not None and not isinstance(value, str):
        raise TypeError(f"A {type(value).__name__} cannot be committed to.")
