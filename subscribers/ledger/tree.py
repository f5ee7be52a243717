"""The Merkle tree over all leaves of the ledger, as RFC 6962 (2.1) defines it.

`Frontier` is all that appending needs: the roots of the perfect subtrees along the right edge, one
for each 1 in the binary size. Proofs need the leaves themselves; they are written for one record
at a time, when somebody asks.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HASH_BYTES = 32
NODE = b"\x01"
EMPTY = hashlib.sha256(b"").digest()  # the root of no leaves


@dataclass(slots=True)
class Frontier:
    """A tree that grows by its leaves; `peaks` are its perfect subtrees, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def restore(cls, size: int, stored: bytes) -> "Frontier":
        """Continue where `stored()` left off. Raises ValueError if the two do not fit."""
        if len(stored) != size.bit_count() * HASH_BYTES:
            raise ValueError("This is not the frontier of a tree of this size.")
        starts = range(0, len(stored), HASH_BYTES)
        return cls(size, [stored[start : start + HASH_BYTES] for start in starts])

    def stored(self) -> bytes:
        """Return the frontier as bytes."""
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf: at most log2(size) hashes, on average one."""
        node, behind = leaf, self.size
        while behind & 1:  # a perfect subtree of the same height stands to the left
            node = _node(self.peaks.pop(), node)
            behind >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        if not self.peaks:
            return EMPTY
        *others, root = self.peaks
        for peak in reversed(others):
            root = _node(peak, root)
        return root


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return what proves that a leaf is in the tree over these (RFC 6962, 2.1.1).

    Raises IndexError for a leaf that is not.
    """
    if not 0 <= index < len(leaves):
        raise IndexError("There is no such leaf.")
    proof = []
    while len(leaves) > 1:
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        if index < split:
            proof.append(root(right))
            leaves = left
        else:
            proof.append(root(left))
            leaves, index = right, index - split
    return proof[::-1]


def is_included(leaf: bytes, index: int, *, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the proof leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, place, last = leaf, index, size - 1
    for sibling in proof:
        if not last:
            return False
        if place & 1 or place == last:
            node = _node(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = _node(node, sibling)
        place, last = place >> 1, last >> 1
    return not last and node == root


def consistency_proof(older: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return what proves that the tree of `older` leaves is a beginning of this one (2.1.2).

    Raises ValueError unless 0 < older <= len(leaves).
    """
    if not 0 < older <= len(leaves):
        raise ValueError("The older tree must have leaves, and not more than this one.")
    proof, is_whole = [], True  # is_whole: the older root itself is known to who checks
    while older != len(leaves):
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        if older <= split:
            proof.append(root(right))
            leaves = left
        else:
            proof.append(root(left))
            leaves, older, is_whole = right, older - split, False
    if not is_whole:
        proof.append(root(leaves))
    return proof[::-1]


def is_consistent(
    older: tuple[int, bytes], newer: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    """Tell whether the proof shows the newer (size, root) to continue the older one.

    RFC 9162, 2.1.4.2.
    """
    (older_size, older_root), (newer_size, newer_root) = older, newer
    if older_size == newer_size:
        return not proof and older_root == newer_root
    if not 0 < older_size < newer_size:
        return False
    steps = [older_root, *proof] if older_size.bit_count() == 1 else list(proof)
    if not steps:
        return False
    place, last = older_size - 1, newer_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            old, new = _node(step, old), _node(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = _node(new, step)
        place, last = place >> 1, last >> 1
    return not last and old == older_root and new == newer_root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
