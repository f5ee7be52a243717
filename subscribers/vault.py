"""Sealing of identities: AES-256-GCM, a data key per subscriber, a blind index.

Pure: bytes in, bytes out, no database. What it promises:

* A sealed value opens only in the place it was sealed for (table, row, column), with the data
  key of its subscriber, which in turn opens only with a key-encryption key from the key ring.
* Opening fails loudly. Nothing here ever returns sealed bytes as if they were the value.
* Equal identities have equal blind indexes, and nobody without the index key can compute one.
  A plain hash would not do: all German mobile numbers are hashed within an hour.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"\x01"  # first byte of everything sealed, so that a later format can be told apart
KEY_BYTES = 32  # AES-256, and as much for the HMAC keys
NONCE_BYTES = 12  # what GCM wants; random, and a data key seals a handful of values at most


class VaultError(Exception):
    """Something sealed does not open, or a key is missing or malformed. Never ignore it."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key, sealed by the key-encryption key `key_id`."""

    key_id: str
    sealed: bytes


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Key-encryption keys by id. New keys are wrapped by `current`; all of them unwrap."""

    keys: Mapping[str, bytes]
    current: str

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `id:base64,id:base64`, the current key first; also one pair a line.

        Raises VaultError if there is no key, an id appears twice or a key is not 32 bytes.
        """
        pairs = [pair.strip() for pair in text.replace("\n", ",").split(",") if pair.strip()]
        keys: dict[str, bytes] = {}
        for pair in pairs:
            key_id, _, encoded = pair.partition(":")
            if not key_id or key_id in keys:
                raise VaultError("Each vault key needs an id of its own: id:base64.")
            keys[key_id] = read_key(encoded)
        if not keys:
            raise VaultError("There is no vault key.")
        return cls(keys=keys, current=next(iter(keys)))

    def __getitem__(self, key_id: str) -> bytes:
        try:
            return self.keys[key_id]
        except KeyError:
            raise VaultError(f"The vault key “{key_id}” is not on the key ring.") from None


def read_keys(encoded: str) -> tuple[bytes, ...]:
    """Decode keys separated by commas, the current one first; raises VaultError."""
    keys = tuple(read_key(part.strip()) for part in encoded.split(","))
    if len(set(keys)) < len(keys):
        raise VaultError("The same key is given twice.")
    return keys


def read_key(encoded: str) -> bytes:
    """Decode a base64 key of 32 bytes; raises VaultError for anything else."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise VaultError("A key is not valid base64.") from None
    if len(key) != KEY_BYTES:
        raise VaultError(f"A key has {len(key)} bytes instead of {KEY_BYTES}.")
    return key


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """The keys of this installation and what can be done with them."""

    ring: KeyRing
    index_keys: tuple[bytes, ...]  # the first makes indexes, the others still find
    # The keys of message hashes that are alive at the moment, likewise.
    message_keys: Callable[[], tuple[bytes, ...]] = field(repr=False)
    proof_key: X25519PublicKey | None = None  # whose private half is not here

    def new_data_key(self, *, subject: UUID) -> tuple[bytes, WrappedKey]:
        """Draw a data key for a subscriber; return it in clear and wrapped for storage."""
        data_key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        key_id = self.ring.current
        sealed = seal(data_key, key=self.ring[key_id], place=_key_place(subject, key_id))
        return data_key, WrappedKey(key_id=key_id, sealed=sealed)

    def data_key(self, wrapped: WrappedKey, *, subject: UUID) -> bytes:
        """Unwrap a data key. Raises VaultError if it is not this subscriber's."""
        place = _key_place(subject, wrapped.key_id)
        return unseal(wrapped.sealed, key=self.ring[wrapped.key_id], place=place)

    def rewrap(self, wrapped: WrappedKey, *, subject: UUID) -> WrappedKey:
        """Wrap a data key anew, by the current key. The data key itself stays the same."""
        data_key = self.data_key(wrapped, subject=subject)
        key_id = self.ring.current
        sealed = seal(data_key, key=self.ring[key_id], place=_key_place(subject, key_id))
        return WrappedKey(key_id=key_id, sealed=sealed)

    @property
    def index_id(self) -> str:
        """Which key new indexes are made with: a fingerprint that says nothing about it."""
        return fingerprint(self.index_keys[0])

    @property
    def alias_key(self) -> bytes:
        """Return the key that draws the aliases of threads, for which it is used only once."""
        return _derived(self.ring[self.ring.current], "alias")

    def blind_index(self, kind: str, value: str) -> bytes:
        """Return 32 bytes by which an identity is found again without opening any."""
        return self.blind_indexes(kind, value)[0]

    def blind_indexes(self, kind: str, value: str) -> list[bytes]:
        """Return every index an identity may be stored under while the key is rotated."""
        return [_keyed_hash(key, f"identity|v1|{kind}|{value}") for key in self.index_keys]

    def message_hash(self, message_id: str) -> bytes:
        """Return 32 bytes that stand for a WhatsApp message id (which contains the number)."""
        return self.message_hashes(message_id)[0]

    def message_hashes(self, message_id: str) -> list[bytes]:
        """Return every hash a message id may be stored as; the first is today's."""
        return [_keyed_hash(key, f"message|v1|{message_id}") for key in self.message_keys()]

    def body_hash(self, body: bytes) -> bytes:
        """Return 32 bytes by which a webhook body is recognised when it comes again.

        Not across a change of the key; what is in the body is then recognised one by one.
        """
        return hmac.new(self.message_keys()[0], b"body|v1|" + body, hashlib.sha256).digest()

    def code_hash(self, code: str) -> bytes:
        """Return 32 bytes that stand for a code for a quarter of an hour: too short a text to be
        stored as a plain hash."""
        return _keyed_hash(_derived(self.ring[self.ring.current], "code"), code)

    def seal_body(self, body: bytes) -> bytes:
        """Seal a webhook body for the hours until it has been applied."""
        key_id = self.ring.current
        name = key_id.encode()
        sealed = seal(body, key=_derived(self.ring[key_id], "body"), place=b"webhook|" + name)
        return bytes([len(name)]) + name + sealed

    def open_body(self, sealed: bytes) -> bytes:
        """Open what `seal_body` sealed; raises VaultError."""
        length = int.from_bytes(sealed[:1])
        name = sealed[1 : 1 + length]
        key = _derived(self.ring[name.decode(errors="replace")], "body")
        return unseal(sealed[1 + length :], key=key, place=b"webhook|" + name)


def seal(value: bytes, *, key: bytes, place: bytes) -> bytes:
    """Encrypt `value` so that it opens only with `key` and only for `place`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, value, place)


def unseal(sealed: bytes, *, key: bytes, place: bytes) -> bytes:
    """Decrypt what `seal` made; raises VaultError on any difference of key, place or bytes."""
    start = len(FORMAT) + NONCE_BYTES
    if sealed[: len(FORMAT)] != FORMAT or len(sealed) < start:
        raise VaultError("A sealed value has an unknown format.")
    try:
        return AESGCM(key).decrypt(sealed[len(FORMAT) : start], sealed[start:], place)
    except InvalidTag:
        raise VaultError("A sealed value does not open with this key in this place.") from None


def place(table: str, row: object, column: str) -> bytes:
    """Name the one place where a sealed value belongs (the associated data of AES-GCM)."""
    return f"{table}|{row}|{column}|v1".encode()


def fingerprint(key: bytes) -> str:
    """Return 16 characters that tell keys apart and help nobody to guess one."""
    return hmac.new(key, b"fingerprint|v1", hashlib.sha256).hexdigest()[:16]


def _key_place(subject: UUID, key_id: str) -> bytes:
    return f"data-key|{subject}|{key_id}|v1".encode()


@lru_cache(
    maxsize=64
)  # keys live as long as the process; a webhook is sealed in a tenth of the time
def _derived(key: bytes, purpose: str) -> bytes:
    # One key, one use: bodies are sealed under a key of their own, derived by HKDF.
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def _keyed_hash(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
