"""What we say to subscribers: the shipped texts and how they are filled.

The texts are files, `texts/<language>/<name>.txt`, so that whoever writes them needs no Python.
Every text keeps within Meta's limits in both languages (tests/subscribers/test_wording.py).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources

LANGUAGES = ("de", "en")
BUTTON_IDS = ("consent:mini", "consent:maxi", "consent:no")
# The buttons under a text: the id of each (vocabulary.BUTTONS) and the text with its label.
BUTTONS_UNDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "erase_question": (
        ("erase:yes", "button_erase"),
        ("stop", "button_only_stop"),
        ("erase:cancel", "button_cancel"),
    ),
    "paused": (("continue", "button_continue"),),
    "unsure": (("stop", "button_stop"), ("continue", "button_continue")),
    "which_language": (("language:de", "button_german"), ("language:en", "button_english")),
    "which_tier": (("tier:mini", "button_mini"), ("tier:maxi", "button_maxi")),
}


# What says how long a proof stays has a wording of its own where none does (proof mode `none`).
TELL_OF_PROOF = ("access", "erased", "withdrawn")
WITHOUT_PROOF = "_without_proof"


@dataclass(frozen=True, slots=True)
class Words:
    """All that somebody sees before agreeing: the notice, the question, its three buttons."""

    language: str
    notice: str
    question: str
    buttons: tuple[str, str, str]

    def sha256(self) -> str:
        """Return the hash of exactly these words, as 64 hexadecimal digits."""
        exact = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(exact.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Say:
    """One message to one subscriber. `purpose` tells the outbox what it was."""

    purpose: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()


def shipped_words(language: str, *, organisation: Mapping[str, str], version: int) -> Words:
    """Return the words of the notice that this release ships, filled for this organisation."""
    return Words(
        language=language,
        notice=text(language, "notice", version=version, **organisation),
        question=text(language, "question"),
        buttons=("MINI", "MAXI", "NEIN" if language == "de" else "NO"),
    )


def text(language: str, name: str, /, **values: object) -> str:
    """Return a shipped text with its placeholders filled; raises KeyError if one is missing."""
    return _template(language, name).format_map(values)


def wording_of(name: str, *, keeps_proof: bool) -> str:
    """Return which text says this truthfully in this mode of proof."""
    return name if keeps_proof or name not in TELL_OF_PROOF else f"{name}{WITHOUT_PROOF}"


def shipped(language: str, name: str) -> str:
    """Return a shipped text as it is written, with its placeholders; raises FileNotFoundError."""
    return _template(language, name)


def shipped_names() -> list[str]:
    """Return the names of all shipped texts."""
    files = resources.files("subscribers").joinpath("texts", LANGUAGES[0]).iterdir()
    return sorted(file.name.removesuffix(".txt") for file in files)


@cache
def _template(language: str, name: str) -> str:
    file = resources.files("subscribers").joinpath("texts", language, f"{name}.txt")
    return file.read_text(encoding="utf-8").strip()
