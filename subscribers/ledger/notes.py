"""Checkpoints: the size and root of the ledger, signed in the form that C2SP describes.

A signed note is text, an empty line, and a line with the signature (c2sp.org/signed-note); a
checkpoint is a note of origin, size and root (c2sp.org/tlog-checkpoint). Both are made to be
mailed, printed and read by programs of others.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"  # C2SP's number for the kind of signature
KEY_BYTES = 32


class SigningKeyError(Exception):
    """The key that signs checkpoints is malformed, or its name cannot be written in a note."""


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A name and the Ed25519 key that signs under it. The name is the origin of the ledger."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def read(cls, encoded: str, *, name: str) -> "Signer":
        """Read the base64 of the 32 secret bytes; raises SigningKeyError."""
        if not name or "+" in name or any(sign.isspace() for sign in name):
            raise SigningKeyError("The name of the ledger has neither blanks nor a plus sign.")
        try:
            secret = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise SigningKeyError("The key of the ledger is not valid base64.") from None
        if len(secret) != KEY_BYTES:
            raise SigningKeyError(
                f"The key of the ledger has {len(secret)} bytes, not {KEY_BYTES}."
            )
        return cls(name=name, key=Ed25519PrivateKey.from_private_bytes(secret))

    @property
    def public_key(self) -> str:
        """The key to check with, in one line: name, key id, base64 of kind and key."""
        encoded = base64.b64encode(ED25519 + self._public_bytes).decode()
        return f"{self.name}+{self._key_id.hex()}+{encoded}"

    def sign(self, text: str) -> str:
        """Return the text as a signed note. It must end with a line break."""
        signature = base64.b64encode(self._key_id + self.key.sign(text.encode())).decode()
        return f"{text}\n— {self.name} {signature}\n"

    def checkpoint(self, *, size: int, root: bytes) -> str:
        """Return the signed checkpoint of a ledger with this many leaves."""
        return self.sign(f"{self.name}\n{size}\n{base64.b64encode(root).decode()}\n")

    @property
    def _public_bytes(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def _key_id(self) -> bytes:
        # The first four bytes of a hash over name, line break, kind and key (signed-note).
        named = self.name.encode() + b"\n" + ED25519 + self._public_bytes
        return hashlib.sha256(named).digest()[:4]
