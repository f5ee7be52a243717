"""A box that we can close and only the holders of the envelopes can open.

Pure: bytes in, bytes out. The identifier behind a consent is encrypted to an X25519 public key
(an ephemeral key pair per box, HKDF-SHA256, AES-256-GCM); the server has only that public key.

The private key is split into three shares of which any two open a box and one alone says
nothing at all: it is the XOR of three random parts, and each holder lacks one of them
(replicated secret sharing, Ito, Saito and Nishizeki 1987).
"""

import base64
import binascii
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from subscribers.vault import KEY_BYTES, VaultError, fingerprint, read_key, seal, unseal

FORMAT = b"\x01"
HOLDERS = 3


@dataclass(frozen=True, slots=True)
class Share:
    """What one of the three holders keeps in an envelope: two of the three parts."""

    holder: int  # 1 to 3: also the part that is missing
    key_id: str  # of the public key, so that nobody mixes up two splits
    parts: tuple[bytes, bytes] = field(repr=False)

    def __str__(self) -> str:
        encoded = (base64.b64encode(part).decode() for part in self.parts)
        return ":".join([f"share{self.holder}", self.key_id, *encoded])

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Read what `str` wrote; raises VaultError."""
        name, *rest = "".join(text.split()).split(":")
        holder = name.removeprefix("share")
        if len(rest) != 3 or holder not in {"1", "2", "3"}:
            raise VaultError("This is not a share.")
        key_id, first, second = rest
        return cls(int(holder), key_id, (read_key(first), read_key(second)))


def draw() -> tuple[str, list[Share]]:
    """Draw a key pair; return the public key for PROOF_PUBLIC_KEY and the three shares."""
    private = X25519PrivateKey.generate()
    public = private.public_key()
    first, second = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
    parts = [first, second, _xor(private.private_bytes_raw(), first, second)]
    shares = []
    for missing in range(HOLDERS):
        kept = (parts[(missing + 1) % HOLDERS], parts[(missing + 2) % HOLDERS])
        shares.append(Share(missing + 1, key_id(public), kept))
    return base64.b64encode(public.public_bytes_raw()).decode(), shares


def join(shares: Collection[Share]) -> X25519PrivateKey:
    """Put two shares together. Raises VaultError unless they are two of one key."""
    by_holder = {share.holder: share for share in shares}
    if len(by_holder) < 2:
        raise VaultError("Two different shares are needed.")
    # Of two shares one part is in both, so that three different ones make the key.
    parts = {
        ((holder + turn) % HOLDERS, part)
        for holder, share in by_holder.items()
        for turn, part in enumerate(share.parts)
    }
    private = X25519PrivateKey.from_private_bytes(_xor(*(part for _, part in parts)))
    ids = {share.key_id for share in shares}
    if len(parts) != HOLDERS or ids != {key_id(private.public_key())}:
        raise VaultError("These shares do not belong together.")
    return private


def read_public_key(encoded: str) -> X25519PublicKey | None:
    """Decode PROOF_PUBLIC_KEY; None for an empty one. Raises VaultError."""
    if not encoded:
        return None
    try:
        return X25519PublicKey.from_public_bytes(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise VaultError("PROOF_PUBLIC_KEY is not an X25519 public key.") from None


def key_id(public: X25519PublicKey) -> str:
    """Return 16 characters that tell public keys apart."""
    return fingerprint(public.public_bytes_raw())


def close(value: bytes, *, to: X25519PublicKey, place: bytes) -> bytes:
    """Encrypt so that only the private key opens it, and only for this place."""
    ephemeral = X25519PrivateKey.generate()
    sender = ephemeral.public_key().public_bytes_raw()
    key = _key(ephemeral.exchange(to), sender=sender, receiver=to)
    return FORMAT + sender + seal(value, key=key, place=place)


def open_box(box: bytes, *, key: X25519PrivateKey, place: bytes) -> bytes:
    """Decrypt what `close` made; raises VaultError."""
    start = len(FORMAT) + KEY_BYTES
    if box[: len(FORMAT)] != FORMAT or len(box) < start:
        raise VaultError("A sealed box has an unknown format.")
    sender = box[len(FORMAT) : start]
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(sender))
    except ValueError:  # a point that no honest sender uses
        raise VaultError("A sealed box does not open.") from None
    return unseal(
        box[start:], key=_key(shared, sender=sender, receiver=key.public_key()), place=place
    )


def _key(shared: bytes, *, sender: bytes, receiver: X25519PublicKey) -> bytes:
    info = b"sealed-box|v1|" + sender + receiver.public_bytes_raw()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(shared)


def _xor(*parts: bytes) -> bytes:
    total = 0
    for part in parts:
        total ^= int.from_bytes(part)
    return total.to_bytes(KEY_BYTES)
