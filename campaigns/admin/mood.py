"""How something stands, in three colours, and what somebody should know about it."""

from dataclasses import dataclass
from enum import StrEnum


class Mood(StrEnum):
    """Green, amber, red."""

    GOOD = "good"
    ATTENTION = "attention"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody should know, and the page where something can be done."""

    mood: Mood
    words: str
    url: str = ""


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Return them with all trouble before all that is only worth a look."""
    return sorted(findings, key=lambda finding: finding.mood != Mood.TROUBLE)
