"""Every state of a message that somebody saved, and what changed between two of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from campaigns.models import Message, MessageVersion

Kind = Literal["same", "gone", "new"]
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS = 4000  # compared word by word; longer texts count as replaced, or it takes seconds


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words that both texts have, or only one of them."""

    kind: Kind
    text: str


def note(message: Message) -> None:
    """Keep a message as it is now. Twice at the same revision keeps it once."""
    MessageVersion.objects.get_or_create(
        message=message,
        revision=message.revision,
        defaults={
            "template": message.template,
            "values": message.values,
            "full_text": message.full_text,
            "media": message.media,
            "saved_by": message.changed_by,
            "saved_at": message.changed_at,
        },
    )


def compare(before: str, after: str) -> list[Part]:
    """Return what changed between two texts, word by word.

    Without the new parts it is exactly the first text, without those gone the second.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        whole = [Part("gone", before), Part("new", after)]
        return [Part("same", after)] if before == after else [part for part in whole if part.text]
    parts: list[Part] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append(Part("same", "".join(old[a:b])))
            continue
        parts += _unless_empty("gone", old[a:b]) + _unless_empty("new", new[c:d])
    return parts


def _unless_empty(kind: Kind, words: Sequence[str]) -> list[Part]:
    return [Part(kind, "".join(words))] if words else []
