"""What a text must not say and what it must hold, before anybody gets it. Pure.

False claims: Meta decrypts on our behalf, so nothing here is end-to-end encrypted for the
utility (Meta, “Data Privacy & Security”, October 2025); and whoever can be told to stop is
pseudonymous, not anonymous (GDPR, recital 26). The proof that stays holds the number, sealed
(proofs.py): whoever says that it is without name and number says too much.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from subscribers.wording import BUTTONS_UNDER, shipped

FALSE_CLAIMS = (
    "ende zu ende",
    "end to end",
    "e2e",
    "anonym",
    "100 % sicher",
    "hundertprozentig",
    "absolut sicher",
    "completely secure",
    "niemand kann mitlesen",
    "nobody can read",
    "meta erfährt nichts",
    "whatsapp erfährt nichts",
    "meta learns nothing",
    "bleibt in deutschland",
    "bleiben in deutschland",
    "nur in der eu",
    "only in the eu",
)
# False where both stand in one sentence; each of them alone may be true of something else.
FALSE_TOGETHER = (
    ("nachweis", "ohne namen und nummer"),
    ("nachweis", "ohne namen oder nummer"),
    ("nachweis", "ohne nummer"),
    ("nachweis", "ohne deine nummer"),
    ("proof", "without name or number"),
    ("proof", "without name and number"),
    ("proof", "without number"),
    ("proof", "without your number"),
)
SENTENCE_ENDS = re.compile(r"[.!?;•\n]+")
# Meta, send-messages and interactive message pages, 2026-09; in UTF-16 code units.
TEXT_MAX = 4096
BODY_WITH_BUTTONS_MAX = 1024
BUTTON_MAX = 20
# The longest that a placeholder can become; an organisation's own values come from its settings.
LONGEST: Mapping[str, str] = {
    "tier": "MAXI",
    "date": "23.11.2026",
    "time": "10:00",
    "until": "23.12.2026",
    "proof_until": "2029",
    "version": "9999",
    "code": "7KQF-M2XR",
    "standing": "MAXI, gerade auf Eis gelegt, seit 23.11.2026, 10:00 Uhr",
    "consent": "Datenschutzhinweis Fassung 9999, Beleg 7KQF-M2XR, 23.11.2026, 10:00 Uhr",
    "link": "https://" + "x" * 120,
    "replies": "9999",
    "recipients": "x" * 500,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text cannot be used: a rule's name, and what it is about."""

    rule: str
    about: str = ""


def problems(
    name: str, body: str, *, language: str, organisation: Mapping[str, str]
) -> list[Problem]:
    """Return everything that keeps a wording of a text from being used; [] if nothing does."""
    if not body.strip():
        return [Problem("empty")]
    try:
        used = placeholders(body)
    except ValueError:
        return [Problem("braces")]
    known = placeholders(shipped(language, name))
    found = [Problem("unknown_placeholder", it) for it in sorted(used - known)]
    found += [Problem("missing_placeholder", it) for it in sorted(known - used)]
    found += [Problem("false_claim", claim) for claim in false_claims(body)]
    if "STOP" in shipped(language, name) and "STOP" not in body:
        found.append(Problem("way_out"))
    if not used - known:
        found += _too_long(name, body, language=language, organisation=organisation)
    return found


def placeholders(body: str) -> set[str]:
    """Return the names in braces; raises ValueError if the braces do not fit."""
    fields = [(name, spec, how) for _, name, spec, how in Formatter().parse(body)]
    names = {name for name, _spec, _how in fields if name is not None}
    plain = all(not spec and not how for name, spec, how in fields if name is not None)
    if not plain or not all(re.fullmatch("[a-z_]+", name) for name in names):
        raise ValueError("A placeholder is a name in braces, and nothing else.")
    return names


def false_claims(body: str) -> list[str]:
    """Return the claims in a text that are not true."""
    found = [claim for claim in FALSE_CLAIMS if _says(_plain(body), claim)]
    for sentence in map(_plain, SENTENCE_ENDS.split(body)):
        found += [
            f"{about} … {claim}"
            for about, claim in FALSE_TOGETHER
            if _says(sentence, about) and _says(sentence, claim)
        ]
    return found


def limit_of(name: str) -> int:
    """Return how long a text may be once it is filled, in UTF-16 code units."""
    if name.startswith("button_"):
        return BUTTON_MAX
    return BODY_WITH_BUTTONS_MAX if name in BUTTONS_UNDER or name == "question" else TEXT_MAX


def longest(body: str, *, language: str, organisation: Mapping[str, str]) -> str:
    """Return a text filled with the longest values that can occur."""
    scopes = {f"scope_{tier}": shipped(language, f"scope_{tier}") for tier in ("mini", "maxi")}
    scope = max(scopes.values(), key=len)
    return body.format_map({**LONGEST, **scopes, "scope": scope, **organisation})


def units(text: str) -> int:
    """Count UTF-16 code units: what Meta counts at worst, an emoji as two."""
    return len(text.encode("utf-16-le")) // 2


def _plain(text: str) -> str:
    """Return the bare words of a text, however they are written."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def _says(plain: str, claim: str) -> bool:
    return re.search(rf"\b{re.escape(_plain(claim))}", plain) is not None


def _too_long(
    name: str, body: str, *, language: str, organisation: Mapping[str, str]
) -> list[Problem]:
    filled = longest(body, language=language, organisation=organisation)
    over = units(filled) - limit_of(name)
    return [Problem("too_long", str(over))] if over > 0 else []
