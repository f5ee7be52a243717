"""Ledgers made up in memory: honest ones, and what an attacker makes of them.

The attacker owns the server and its database, knows every salt and can compute every hash. What
they do not have is the key that signs checkpoints, and the mailboxes in which anchors lie.
"""

import base64
import json
import random
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from subscribers.ledger import entries
from subscribers.ledger.notes import Signer
from subscribers.ledger.tree import Frontier
from verifier.verify_ledger import Key, check

ORIGIN = "desk.example/ledger"
SIGNER = Signer.read(base64.b64encode(b"h" * 32).decode(), name=ORIGIN)
FORGER = Signer.read(base64.b64encode(b"f" * 32).decode(), name=ORIGIN)
KEYS = [Key.read(SIGNER.public_key)]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KINDS = ["requested", "notice_sent", "given", "tier_changed", "refused", "withdrawn"]


@dataclass
class Ledger:
    """A ledger as it lies in the database, with the anchors that are elsewhere."""

    leaves: list[dict] = field(default_factory=list)
    checkpoints: list[str] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    size: int | None = None  # what the bundle says; None: the truth

    def append(self, body, salt):
        """Add an event as the database does."""
        self.leaves.append({"v": 1, "body": body, "salt": salt.hex()})
        self.seal(len(self.leaves) - 1)
        self.link(since=len(self.leaves) - 1)

    def seal(self, place):
        """Commit to the content of an event anew."""
        leaf = self.leaves[place]
        seal = entries.commitment(leaf["body"], salt=bytes.fromhex(leaf["salt"]))
        leaf["commit"] = seal.hex()

    def link(self, *, since=0):
        """Number, hash and link everything anew from there on."""
        previous = bytes.fromhex(self.leaves[since - 1]["link"]) if since else entries.NO_LINK
        for seq, leaf in enumerate(self.leaves[since:], start=since):
            hashed = entries.leaf_hash(seq, bytes.fromhex(leaf["commit"]))
            previous = entries.link(previous, hashed)
            leaf |= {"seq": seq, "leaf": hashed.hex(), "link": previous.hex()}

    def note(self, signer=SIGNER):
        """Sign the ledger as it is."""
        frontier = Frontier()
        for leaf in self.leaves:
            frontier.append(bytes.fromhex(leaf["leaf"]))
        return signer.checkpoint(size=frontier.size, root=frontier.root())

    def checkpoint(self, *, is_sent=True):
        """Store a checkpoint, and send it out."""
        self.checkpoints.append(self.note())
        if is_sent:
            self.anchors.append(self.checkpoints[-1])

    def erase(self, places, *, salt):
        """Erase events as the law wants it: content and salt go, a record comes."""
        for place in places:
            self.leaves[place] |= {"body": None, "salt": None}
        details = {"leaves": sorted(places), "reason": "retention"}
        self.append(body(kind="erasure_executed", subject=None, details=details), salt)

    def check(self):
        """Let the verifier judge what is in memory."""
        return check(self.leaves, keys=KEYS, checkpoints=self.checkpoints, anchors=self.anchors)

    def write(self, folder):
        """Write the bundle and the anchors; return their paths."""
        bundle, anchors = folder / "ledger.jsonl", folder / "anchors"
        anchors.mkdir()
        for number, note in enumerate(self.anchors):
            (anchors / f"{number}.txt").write_text(note, encoding="utf-8")
        size = len(self.leaves) if self.size is None else self.size
        lines = [{"bundle": "consent-ledger", "version": 1, "origin": ORIGIN}]
        lines += [{"checkpoint": note} for note in self.checkpoints]
        lines += [*self.leaves, {"end": True, "size": size}]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        bundle.write_text(text, encoding="utf-8")
        return bundle, anchors


def body(*, kind, subject, minutes=0, **facts):
    """The content of an event."""
    at = NOON + timedelta(minutes=minutes)
    nothing = {"tier": "", "notice": None, "notice_sha256": "", "message_hash": None}
    values = nothing | {"receipt_code": None, "details": {}} | facts
    return entries.body(
        kind=kind, act="word", subject=subject, happened_at=at, recorded_at=at, **values
    )


def history(seed):
    """An honest history: joins, changes, erasures, checkpoints, in any order."""
    rnd = random.Random(seed)
    ledger, people = Ledger(), [UUID(int=rnd.getrandbits(128)) for _ in range(6)]
    for minutes in range(rnd.randint(1, 30)):
        act = rnd.random()
        if act < 0.1:
            whole = [
                leaf["seq"]
                for leaf in ledger.leaves
                if leaf["body"] and leaf["body"]["subject"] == str(people[0])
            ]
            if whole:
                ledger.erase(whole, salt=rnd.randbytes(32))
                people.append(people.pop(0))
        elif act < 0.2:
            ledger.checkpoint(is_sent=rnd.random() < 0.7)
        else:
            event = body(kind=rnd.choice(KINDS), subject=rnd.choice(people), minutes=minutes)
            ledger.append(event, rnd.randbytes(32))
    ledger.checkpoint()
    if rnd.random() < 0.5:  # something came after the last anchor
        ledger.append(body(kind="requested", subject=people[0]), rnd.randbytes(32))
    return ledger


def town():
    """One honest ledger of 12 events: three people, one of them erased, two anchors."""
    ledger, people = Ledger(), [UUID(int=number) for number in (1, 2, 3)]
    for number in range(9):
        kind = ("requested", "given", "withdrawn")[number // 3]
        event = body(kind=kind, subject=people[number % 3], tier="mini", minutes=number)
        ledger.append(event, bytes([number]) * 32)
    ledger.checkpoint()
    ledger.erase([0, 3, 6], salt=b"e" * 32)
    ledger.append(body(kind="requested", subject=people[1], minutes=60), b"n" * 32)
    ledger.append(body(kind="given", subject=people[1], tier="maxi", minutes=61), b"o" * 32)
    ledger.checkpoint()
    return deepcopy(ledger)
