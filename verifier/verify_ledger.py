#!/usr/bin/env python3
"""Check a consent ledger without the system that wrote it.

    python verify_ledger.py BUNDLE --key KEY [--anchor FILE_OR_FOLDER ...] [--language de|en]

One file; it needs Python 3.11 and the package `cryptography`, and no network. BUNDLE is what
`manage.py consent export --format bundle` writes. KEY is the public key, as a text or a file; it
must come from somewhere else than the bundle. Anchors are the mails (.eml or text) and files
in which signed checkpoints left the house; they show a ledger that was cut or written anew.

Exit code 0: everything fits. 1: the ledger was changed. 2: it could not be judged.

The format is described in docs/ledger.md. This file shares no code with the system on purpose.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT, VERSION, SALT_BYTES = "consent-ledger", 1, 32
ERASURE = "erasure_executed"
SHOWN = 20  # findings that are spelt out; more are counted
NOTE = re.compile(r"(?m)^(\S+)\n([0-9]{1,18})\n([A-Za-z0-9+/]{43}=)\n\n((?:— \S+ \S+\n)+)")

Leaf = Mapping[str, Any]


class Unjudgeable(Exception):
    """What was given, and is named here, is missing or is something else."""


class Note(NamedTuple):
    """A checkpoint: that a ledger of this origin had this size and root."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: str  # lines


class Key(NamedTuple):
    """A public key with its name; the name is the origin of the ledger."""

    name: str
    id: bytes
    public: Ed25519PublicKey

    @classmethod
    def read(cls, text: str) -> "Key":
        """Read name+id+base64 (c2sp.org/signed-note). Raises Unjudgeable."""
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            kind_and_key = base64.b64decode(encoded, validate=True)
            public = Ed25519PublicKey.from_public_bytes(kind_and_key[1:])
        except ValueError:
            raise Unjudgeable(text) from None
        named = hashlib.sha256(name.encode() + b"\n" + kind_and_key).hexdigest()
        if kind_and_key[:1] != b"\x01" or named[:8] != key_id:
            raise Unjudgeable(text)
        return cls(name, bytes.fromhex(key_id), public)

    def has_signed(self, note: Note) -> bool:
        """Tell whether one of the signatures under a note is by this key."""
        for line in note.signatures.splitlines():
            _, name, encoded = line.split()
            with suppress(InvalidSignature, binascii.Error):
                signature = base64.b64decode(encoded, validate=True)
                if note.origin == name == self.name and signature[:4] == self.id:
                    self.public.verify(signature[4:], note.text.encode())
                    return True
        return False


@dataclass(slots=True)
class Report:
    """What was looked at, and what does not fit."""

    leaves: int = 0
    erased: int = 0
    erasures: int = 0  # records of erasures
    checkpoints: int = 0
    anchors: int = 0
    covered: int = 0  # events under the newest anchor that fits
    # What does not fit, and the number of an event or the size of a note.
    findings: list[tuple[str, int]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, where: int) -> None:
        """Note something that does not fit."""
        self.counts[code] += 1
        if len(self.findings) < SHOWN:
            self.findings.append((code, where))

    @property
    def exit_code(self) -> int:
        """0: everything fits. 1: changed. 2: nothing is wrong, but no anchor vouches for it."""
        return 1 if self.findings else 0 if self.anchors else 2


def check(
    leaves: Iterable[Leaf],
    *,
    keys: Sequence[Key],
    checkpoints: Iterable[str] = (),
    anchors: Iterable[str] = (),
) -> Report:
    """Check leaves, in their order, against signed notes: the ledger's own, and those outside."""
    report = Report()
    own = _genuine(checkpoints, keys, report)
    outside = _genuine(anchors, keys, report)
    report.checkpoints, report.anchors = len(own), len(outside)
    tree, wanted = _Tree(), {note.size for note in (*own, *outside)}
    roots = {0: tree.root()}
    missing: set[int] = set()
    previous = bytes(32)
    for place, leaf in enumerate(leaves):
        hashed = _leaf(leaf, place, previous, report)
        previous = hashlib.sha256(b"\x02" + previous + hashed).digest()
        _body(leaf, place, missing, report)
        tree.grow(hashed)
        if place + 1 in wanted:
            roots[place + 1] = tree.root()
    report.leaves = tree.size
    for place in sorted(missing):
        report.add("missing", place)
    for note in sorted({*own, *outside}, key=lambda note: note.size):
        if note.size > tree.size:
            report.add("cut", note.size)
        elif roots[note.size] != note.root:
            report.add("root", note.size)
    report.covered = max((note.size for note in outside), default=0)
    return report


def _leaf(leaf: Leaf, place: int, previous: bytes, report: Report) -> bytes:
    """Check number, hash and link of one leaf; return the hash that it must have."""
    line = f'{{"commit":"{leaf.get("commit")}","seq":{place},"v":{VERSION}}}'
    hashed = hashlib.sha256(b"\x00" + line.encode(errors="replace")).digest()
    link = hashlib.sha256(b"\x02" + previous + hashed).hexdigest()
    found = (leaf.get("seq"), leaf.get("v"), leaf.get("leaf"), leaf.get("link"))
    if found != (place, VERSION, hashed.hex(), link):
        report.add("place", place)
    return hashed


def _body(leaf: Leaf, place: int, missing: set[int], report: Report) -> None:
    """Check what an event says against its seal; note in `missing` what must be accounted for."""
    body: Any = leaf.get("body")
    if body is None and leaf.get("salt") is None:
        report.erased += 1
        missing.add(place)
        return
    try:
        salt, seal = bytes.fromhex(leaf["salt"]), bytes.fromhex(leaf["commit"])
        is_whole = hmac.compare_digest(hmac.digest(salt, _canonical(body), "sha256"), seal)
        named = [int(n) for n in body["details"]["leaves"]] if body["kind"] == ERASURE else None
    except (KeyError, TypeError, ValueError):
        is_whole = False
    if not is_whole or len(salt) != SALT_BYTES:
        report.add("body", place)
    elif named is not None:
        report.erasures += 1
        for number in named:
            if number in missing:
                missing.discard(number)
            else:  # still there, or named twice
                report.add("unerased", number)


def _canonical(value: object) -> bytes:
    """Write JSON in one way only (RFC 8785; our keys are ASCII, our numbers whole)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class _Tree:
    """A Merkle tree (RFC 6962, 2.1), kept as the perfect trees of which it consists."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[tuple[int, bytes]] = []  # leaves, root; from large to small

    def grow(self, leaf: bytes) -> None:
        self.size += 1
        count, node = 1, leaf
        while self.parts and self.parts[-1][0] == count:
            count, node = 2 * count, self._pair(self.parts.pop()[1], node)
        self.parts.append((count, node))

    def root(self) -> bytes:
        if not self.parts:
            return hashlib.sha256().digest()
        node = self.parts[-1][1]
        for _, part in self.parts[-2::-1]:
            node = self._pair(part, node)
        return node

    @staticmethod
    def _pair(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x01" + left + right).digest()


def _genuine(texts: Iterable[str], keys: Sequence[Key], report: Report) -> list[Note]:
    """Return the notes that a known key has signed; the others are findings."""
    genuine = []
    for text in texts:
        notes = list(find_notes(text))
        if not notes:
            report.add("note", 0)
        for note in notes:
            if any(key.has_signed(note) for key in keys):
                genuine.append(note)
            else:
                report.add("signature", note.size)
    return genuine


def find_notes(text: str) -> Iterator[Note]:
    """Find the signed checkpoints in a text, such as a mail that quotes one."""
    lines = (re.sub(r"^[> ]+", "", line).rstrip() for line in text.splitlines())
    for match in NOTE.finditer("\n".join(lines) + "\n"):
        origin, size, root, signatures = match.groups()
        text = f"{origin}\n{size}\n{root}\n"
        yield Note(text, origin, int(size), base64.b64decode(root), signatures)


# -- Files -----------------------------------------------------------------------------------


def check_bundle(path: Path, *, keys: Sequence[Key], anchors: Iterable[str] = ()) -> Report:
    """Check an exported ledger. Raises Unjudgeable if the file is something else."""
    head = next(_lines(path), {})
    if head.get("bundle") != FORMAT or head.get("version") != VERSION:
        raise Unjudgeable(path)
    others = [line for line in _lines(path) if "seq" not in line]
    checkpoints = [str(line["checkpoint"]) for line in others if "checkpoint" in line]
    leaves = (line for line in _lines(path) if "seq" in line)
    report = check(leaves, keys=keys, checkpoints=checkpoints, anchors=anchors)
    if others[-1].get("size") != report.leaves:  # the last line says how many there must be
        report.add("cut", report.leaves)
    return report


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read a JSON object a line: a head, the checkpoints, the leaves, an end."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                value = json.loads(line, object_pairs_hook=_unique)
                if not isinstance(value, dict):
                    raise Unjudgeable(path)
                yield value
    except (OSError, ValueError, RecursionError):
        raise Unjudgeable(path) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("Two readers could see two different things.")
    return dict(pairs)


def read_anchors(places: Iterable[Path]) -> list[str]:
    """Return the texts of files and of all files in folders. Raises Unjudgeable."""
    texts = []
    for place in places:
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        try:
            texts += [_text(file.read_bytes()) for file in files if not file.is_dir()]
        except OSError:
            raise Unjudgeable(place) from None
    return texts


def _text(content: bytes) -> str:
    """Return a text as it is, or the text of a mail."""
    mail = message_from_bytes(content, policy=policy.default)
    part = mail.get_body(("plain",)) if mail["From"] or mail["MIME-Version"] else None
    return part.get_content() if part else content.decode("utf-8", errors="replace")


# -- Words -----------------------------------------------------------------------------------

WORDS = {  # German, English
    "title": ("Prüfung des Nachweisbuchs", "Verification of the consent ledger"),
    "events": (
        "{leaves} Ereignisse, davon {erased} gelöscht; Löschvermerke: {erasures}.",
        "{leaves} events, {erased} of them erased; records of erasures: {erasures}.",
    ),
    "notes": (
        "Prüfpunkte im Buch: {checkpoints}; Anker von außerhalb: {anchors}.",
        "Checkpoints in the ledger: {checkpoints}; anchors from outside: {anchors}.",
    ),
    "covered": (
        "Der jüngste Anker deckt {covered} Ereignisse ab; danach hinzugekommen: {rest}.",
        "The newest anchor covers {covered} events; added later: {rest}.",
    ),
    "0": (
        "ERGEBNIS: UNVERÄNDERT. Inhalt, Reihenfolge und Umfang passen zu den Ankern.",
        "RESULT: UNCHANGED. Content, order and size fit the anchors.",
    ),
    "1": (
        "ERGEBNIS: VERÄNDERT. Zahl der Stellen, die nicht passen: {n}.",
        "RESULT: CHANGED. Number of places that do not fit: {n}.",
    ),
    "2": (
        "ERGEBNIS: NICHT ENTSCHEIDBAR. Nichts widerspricht sich, aber ohne Anker von außerhalb "
        "ließe sich nicht erkennen, ob das Ende fehlt.",
        "RESULT: UNDECIDED. Nothing contradicts itself, but without an anchor from outside "
        "a missing end could not be noticed.",
    ),
    "body": (
        "Ereignis {where}: Der Inhalt passt nicht zu seinem Siegel, er wurde geändert.",
        "Event {where}: the content does not fit its seal, it was changed.",
    ),
    "missing": (
        "Ereignis {where}: Der Inhalt fehlt, und kein Löschvermerk nennt ihn.",
        "Event {where}: the content is missing, and no record of an erasure names it.",
    ),
    "unerased": (
        "Ereignis {where}: Ein Löschvermerk nennt es zu Unrecht.",
        "Event {where}: a record of an erasure names it wrongly.",
    ),
    "place": (
        "Ereignis {where}: Nummer, Prüfsumme oder Verkettung stimmt nicht.",
        "Event {where}: number, hash or link is wrong.",
    ),
    "cut": (
        "Umfang {where}: Er stimmt nicht. Das Ende fehlt, oder das Paket ist älter als ein Anker.",
        "Size {where}: it is wrong. The end is missing, or the bundle is older than an anchor.",
    ),
    "root": (
        "Prüfpunkt über {where} Ereignisse: Er passt nicht, das Buch wurde neu geschrieben.",
        "Checkpoint of {where} events: it does not fit, the ledger was written anew.",
    ),
    "signature": (
        "Prüfpunkt über {where} Ereignisse: Er ist nicht mit dem Schlüssel unterschrieben.",
        "Checkpoint of {where} events: it is not signed with the key.",
    ),
    "note": ("Ein Anker enthält keinen Prüfpunkt.", "An anchor contains no checkpoint."),
    "what": ("Nicht lesbar: {what}", "Not readable: {what}"),
}
LANGUAGES = ("de", "en")


def word(name: str, language: str, **facts: object) -> str:
    """Return a sentence of the report."""
    return WORDS[name][LANGUAGES.index(language)].format(**facts)


def in_words(report: Report, *, language: str) -> str:
    """Return the report for a human."""
    facts = {name: getattr(report, name) for name in Report.__slots__}
    lines = [word(name, language, **facts) for name in ("title", "events", "notes")]
    if report.exit_code == 0:
        lines.append(word("covered", language, **facts, rest=report.leaves - report.covered))
    total = sum(report.counts.values())
    lines += ["", word(str(report.exit_code), language, n=total)]
    lines += [f"- {word(code, language, where=where)}" for code, where in report.findings]
    if total > len(report.findings):
        lines.append("- …")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str], *, say: Callable[[str], object] = sys.stdout.write) -> int:
    """Read the arguments, check, say what was found; return the exit code."""
    parser = argparse.ArgumentParser(description="Checks an exported consent ledger.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", required=True, action="append", help="public key, text or file")
    parser.add_argument("--anchor", type=Path, default=[], action="extend", nargs="+")
    parser.add_argument("--language", choices=LANGUAGES, default="de")
    given = parser.parse_args(arguments)
    try:
        texts = [Path(key).read_text() if Path(key).is_file() else key for key in given.key]
        keys = [Key.read(text) for text in texts]
        report = check_bundle(given.bundle, keys=keys, anchors=read_anchors(given.anchor))
    except Unjudgeable as trouble:
        say(word("what", given.language, what=trouble) + "\n")
        return 2
    say(in_words(report, language=given.language))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
