"""What people write to a number like ours, and what they mean by it.

Written before the code that has to understand it. phrases.txt has one phrase a line, in the
words of the people who drive trams and empty bins: dialect, slips of the thumb, other
languages, emoji, whole sentences, and the traps in which a rule that is too clever gets caught.
"""

from collections.abc import Iterator
from pathlib import Path


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Every phrase with the name of its intent, which stands in brackets above it."""
    name = ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("["):
            name = line.strip("[]")
        elif line:
            yield line, name


PHRASES = list(_read(Path(__file__).with_suffix(".txt")))
