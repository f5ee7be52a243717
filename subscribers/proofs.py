"""Who agreed, kept so that we cannot read it: the `sealed` mode of proof.

Whoever writes to us leaves, beside the identity that we open to send, a box for the holders of
the envelopes. Of people who never agreed the box goes with everything else; of those who did it
stays, when they have left, until claims have run out (erasure, retention). In the mode `none`
there is no key to seal to, and nothing stays: proof is then what the person kept, the receipt.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from subscribers import sealed_box
from subscribers.models import SealedProof
from subscribers.vault import Vault, place


def seal(ref: UUID, parts: Iterable[tuple[str, str]], *, vault: Vault, now: datetime) -> None:
    """Close a box for each part of an address; nothing without a key to seal to."""
    if vault.proof_key is None:
        return
    SealedProof.objects.bulk_create(
        (
            SealedProof(
                ref=ref,
                kind=kind,
                box=sealed_box.close(value.encode(), to=vault.proof_key, place=_place(ref, kind)),
                sealed_at=now,
            )
            for kind, value in parts
        ),
        ignore_conflicts=True,
    )


def open_all(ref: UUID, *, key: X25519PrivateKey) -> dict[str, str]:
    """Open the boxes of one person; raises VaultError. For break_glass alone."""
    return {
        proof.kind: sealed_box.open_box(
            bytes(proof.box), key=key, place=_place(ref, proof.kind)
        ).decode()
        for proof in SealedProof.objects.filter(ref=ref).order_by("kind")
    }


def _place(ref: UUID, kind: str) -> bytes:
    return place("proof", ref, kind)
