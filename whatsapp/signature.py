"""Proves that a webhook comes from Meta.

Meta signs the raw bytes of the body with the app secret (Meta, webhooks overview, 2026-09).
The signature must be checked before anything reads those bytes: JSON that was parsed and
written again has other bytes.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

PREFIX: Final = "sha256="


def sign(body: bytes, *, secret: str) -> str:
    """The value of X-Hub-Signature-256 for this body."""
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_valid(body: bytes, header: str | None, *, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets signed this body; several are normal while one is replaced.

    Only the spelling that Meta uses is accepted, lower-case hexadecimal: a second spelling
    would add nothing but code in front of the comparison. An empty secret, the mark of a
    setting that was forgotten, signs nothing.
    """
    # Bytes, because compare_digest() refuses text beyond ASCII, and anybody may send that.
    given = (header or "").encode("utf-8", "replace")
    expected = [sign(body, secret=secret).encode() for secret in secrets if secret]
    # All are compared, so that the time does not tell which secret it was.
    return sum(hmac.compare_digest(given, signature) for signature in expected) > 0


def verify_challenge(params: Mapping[str, str], *, verify_token: str) -> str | None:
    """The challenge to send back, as text/plain, when Meta subscribes; None means refuse.

    `params` is the query of the GET request.
    """
    given = params.get("hub.verify_token", "").encode("utf-8", "replace")
    is_ours = bool(verify_token) and hmac.compare_digest(given, verify_token.encode())
    if params.get("hub.mode") != "subscribe" or not is_ours:
        return None
    return params.get("hub.challenge") or None
