"""The lines of a press review: reading what somebody pastes, cleaning it, finding repetitions.

A line reads “Source: title”. Whatever comes from outside (a feed, a clipboard) is text for the
eye only: no control characters, no invisible ones that turn the direction of writing around,
and no address but http and https. Nothing here opens an address.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

PAYWALL_MARK: Final = " (Abo)"  # what readers see; the messages are German
TEXT_MAX: Final = 300  # characters of a line; WhatsApp allows 1,024 for all of them together
LINK_MAX: Final = 500  # characters
PASTED_MAX: Final = 20_000  # characters; ten lines need 3,000
ALIKE: Final = 0.65  # the part of their words that two titles share if they tell the same news
_SOURCE_MAX: Final = 40  # characters; a longer beginning is part of the title

_JOINER: Final = "\u200d"  # holds emoji together
_NOT_SHOWN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_LINK: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}]+", re.IGNORECASE)
_MARKDOWN: Final = re.compile(r"\[([^\]\n]*)\]\((https?://[^\s)]+)\)", re.IGNORECASE)
# Bullets, dashes and numbers before a line of a list.
_BULLET: Final = re.compile(r"^(?:[-–—•·*▪◦‣>]|📰|\(?\d{1,2}[.)])\s+")
# How papers and colleagues mark what only subscribers can read.
_PAYWALL: Final = re.compile(r"\s*(?:\((?:abo|\+)\)|\[(?:abo|\+)\]|🔒|€)(?=\s|:|$)", re.IGNORECASE)
_TRACKING: Final = re.compile(r"^(?:utm_\w+|fbclid|gclid|wt_\w+|at_\w+)$", re.IGNORECASE)
_DANGLING: Final = " \t|,;–—-<>"


class Repeat(StrEnum):
    """Why a line may be one too many."""

    HERE = "here"  # it stands further up already
    BEFORE = "before"  # it was in one of the last issues


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a press review. `link` may be empty; readers of WhatsApp do not see it."""

    text: str
    link: str = ""
    has_paywall: bool = False

    @property
    def sent(self) -> str:
        """The line as readers see it, with its mark behind the source."""
        if not self.has_paywall or not self.text:
            return self.text
        source, colon, title = self.text.partition(": ")
        if colon and len(source) <= _SOURCE_MAX:
            return f"{source}{PAYWALL_MARK}: {title}"
        return f"{self.text}{PAYWALL_MARK}"

    @property
    def has_no_title(self) -> bool:
        """Only the source stands there so far."""
        return self.text.endswith(":")

    @property
    def title(self) -> str:
        """The line without its source."""
        source, colon, title = self.text.partition(": ")
        if colon and len(source) <= _SOURCE_MAX:
            return title
        return "" if self.has_no_title else self.text


def parse(text: str, *, link: str = "") -> Line:
    """Return one line as it was typed, its mark of a paywall taken out of the words."""
    clean = cleaned(text)
    bare = _PAYWALL.sub("", clean).strip()
    return Line(text=bare, link=cleaned_link(link), has_paywall=bare != clean)


def read(pasted: str, *, sources: Mapping[str, str]) -> list[Line]:
    """Return the lines of a pasted list: titles, links, or both, in one line or in two.

    `sources` names the paper behind a site, by `site()`. An address without any words becomes
    a line that begins with its source and waits for a title. Columns of a spreadsheet (tabs)
    are source, title and address.
    """
    found: list[Line] = []
    for words, link in _rows(pasted[:PASTED_MAX]):
        line = parse(words, link=link)
        if not line.text and found and not found[-1].link:
            found[-1] = replace(found[-1], link=line.link)
        else:
            found.append(_with_source(line, sources))
    return found


def cleaned(text: str, *, limit: int = TEXT_MAX) -> str:
    """Return a text as one line of visible characters, at most `limit` of them."""
    spaced = "".join(" " if one.isspace() else one for one in text[: 10 * limit])
    visible = "".join(
        one for one in spaced if one == _JOINER or unicodedata.category(one) not in _NOT_SHOWN
    )
    return " ".join(visible.split())[:limit].rstrip()


def cleaned_link(link: str) -> str:
    """Return a web address, or "" for anything that is none."""
    link = link.strip()
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    is_web = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    return link if is_web and len(link) <= LINK_MAX and _LINK.fullmatch(link) else ""


def site(link: str) -> str:
    """Return the part of a host that a paper's pages and its feed have in common; "" if none."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.rstrip(".").split(".")[-2:])


def repeats(lines: Sequence[Line], *, before: Sequence[Line]) -> list[Repeat | None]:
    """Say of each line whether it says what another one says: same address, or nearly same title.

    `before` are the lines of the last issues.
    """
    found: list[Repeat | None] = []
    for number, line in enumerate(lines):
        if any(_is_same(line, other) for other in lines[:number]):
            found.append(Repeat.HERE)
        elif any(_is_same(line, other) for other in before):
            found.append(Repeat.BEFORE)
        else:
            found.append(None)
    return found


def listed(lines: Sequence[Line]) -> str:
    """Return the lines with their addresses, for the intranet."""
    return "\n\n".join("\n".join(part for part in (one.sent, one.link) if part) for one in lines)


def _rows(pasted: str) -> Iterator[tuple[str, str]]:
    """Yield the words and the address of each row that has one of the two."""
    for row in pasted.splitlines():
        words, link = _split(_BULLET.sub("", row.strip()))
        words = _BULLET.sub("", words)
        if words or link:
            yield words, link


def _split(row: str) -> tuple[str, str]:
    marked = _MARKDOWN.search(row)
    if marked:
        return _joined(row.replace(marked[0], marked[1])), marked[2]
    found = _LINK.search(row)
    if not found:
        return _joined(row), ""
    link = found[0].rstrip(".,;:!?)>]")
    before, after = row[: found.start()].rstrip("(<["), row[found.start() + len(link) :]
    return _joined(f"{before} {after.lstrip('.,;:!?)>]')}"), link


def _joined(words: str) -> str:
    """Put the columns of a spreadsheet together: the first one is the source."""
    columns = [one.strip(_DANGLING) for one in words.split("\t") if one.strip(_DANGLING)]
    if len(columns) > 1:
        return f"{columns[0].rstrip(':')}: {' '.join(columns[1:])}"
    return columns[0] if columns else ""


def _with_source(line: Line, sources: Mapping[str, str]) -> Line:
    """Put the name of the paper before a title that names none."""
    source = sources.get(site(line.link), "") if line.link else ""
    if not source or line.title != line.text:
        return line  # nothing to add, or it names one itself
    return replace(line, text=f"{source}: {line.text}".rstrip())


def _is_same(one: Line, other: Line) -> bool:
    if one.link and _essence(one.link) == _essence(other.link):
        return True
    mine, theirs = _words(one.title), _words(other.title)
    # The line 3 is not the line 6, whatever else two titles share.
    if not mine or not theirs or _numbers(mine) != _numbers(theirs):
        return False
    return len(mine & theirs) / len(mine | theirs) >= ALIKE


def _essence(link: str) -> tuple[str, str, str]:
    """Return what makes an address that of this article: no `www`, no tracking, no fragment."""
    parts = urlsplit(link)
    told = [(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name)]
    host = (parts.hostname or "").removeprefix("www.")
    return host, parts.path.rstrip("/"), urlencode(told)


def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d]{3,}|\d+", title.casefold()))


def _numbers(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if word.isdigit())
