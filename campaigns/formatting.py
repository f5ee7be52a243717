"""WhatsApp's formatting, for the preview: text to lines and pieces, pieces to safe HTML.

Escape first, then wrap: the tags are a fixed set and everything between them is escaped text,
so that whatever an editor types can only ever be shown. The lines joined together are the text
that is sent (tests hold this for any text), and so are the pieces of each.

Rules: Meta, “How to format your messages”, WhatsApp Help Center, 2026: *bold*, _italic_,
~strikethrough~, ```monospace```, `code`; a line that begins with “- ” or “* ” is a point of a
list, with “1. ” a numbered one, with “> ” a quotation. A mark opens after a space or the start
and closes before a space, punctuation or the end; it does not span lines (``` does). The phone
of the simulator shows the same (whatsapp/simulator/phone/static/formatting.js).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TAGS = {"*": "strong", "_": "em", "~": "del", "`": "code", "```": "code"}
BULLET, NUMBER, QUOTE, WORDS = "bullet", "number", "quote", ""
LINE_BREAK = SafeString("<br>")
_LINE = re.compile(r"(?:```.+?```|[^\n])+\n?|\n", re.DOTALL)
_BEGINNING = re.compile(
    rf"(?P<{BULLET}>[-*] (?=\S))|(?P<{NUMBER}>[0-9]{{1,3}}\. (?=\S))|(?P<{QUOTE}>> )"
)
_MARKED = re.compile(
    r"(?P<fence>```)(?P<block>.+?)```"
    r"|(?<![\w*_~`])(?P<mark>[*_~`])(?P<inner>[^\s](?:[^\n]*?[^\s])?)(?P=mark)(?![\w*_~`])"
    r"|(?P<link>(?:https?://|\bwww\.)[^\s<>\"]*[^\s<>\".,;:!?)\]}'’“”*_~`])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: plain (`mark` empty), marked, or a link. Marked runs hold pieces."""

    text: str
    mark: str = ""
    pieces: tuple["Piece", ...] = ()
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is sent: how it begins, its words, and whether a line break follows."""

    kind: str  # WORDS, or what it is a line of
    beginning: str  # "- ", "1. ", "> ", or nothing
    words: str
    end: str  # a line break, or nothing behind the last line

    @property
    def text(self) -> str:
        """All of it."""
        return self.beginning + self.words + self.end


def lines(text: str) -> Iterator[Line]:
    """Split a text into its lines; one that holds a ```block``` may be several on the screen."""
    for found in _LINE.finditer(text):
        line = found[0]
        end = "\n" if line.endswith("\n") else ""
        begins = _BEGINNING.match(line)
        beginning = begins[0] if begins else ""
        kind = (begins and begins.lastgroup) or WORDS
        yield Line(kind, beginning, line[len(beginning) : len(line) - len(end)], end)


def pieces(text: str, *, within: str = "") -> Iterator[Piece]:
    """Split a text at WhatsApp's marks and at links.

    `within` are the marks around it: no mark works inside itself, so no nesting is deep.
    """
    at = 0
    for found in _MARKED.finditer(text):
        yield from _plain(text[at : found.start()])
        yield from _found(found, within=within)
        at = found.end()
    yield from _plain(text[at:])


def to_html(text: str) -> SafeString:
    """Return a text as WhatsApp would show it; line breaks become <br>."""
    parts = (_part(kind, list(group)) for kind, group in groupby(lines(text), _kind))
    return format_html_join("", "{}", ((part,) for part in parts))


def plain(text: str) -> str:
    """Return a text without the marks among its words, for paper; its lines begin as written."""
    return "".join(
        line.beginning + "".join(map(_unmarked, pieces(line.words))) + line.end
        for line in lines(text)
    )


def _unmarked(piece: Piece) -> str:
    return "".join(_unmarked(part) for part in piece.pieces) if piece.mark else piece.text


def _found(found: re.Match[str], *, within: str) -> Iterator[Piece]:
    if found["link"]:
        yield Piece(found[0], is_link=True)
        return
    mark, inner = found["fence"] or found["mark"], found["block"] or found["inner"]
    if mark in within:
        yield from _plain(found[0])
    elif mark.startswith("`"):
        yield Piece(found[0], mark=mark, pieces=(Piece(inner),))
    else:
        yield Piece(found[0], mark=mark, pieces=tuple(pieces(inner, within=within + mark)))


def _plain(text: str) -> Iterator[Piece]:
    if text:
        yield Piece(text)


def _kind(line: Line) -> str:
    return line.kind


def _part(kind: str, group: list[Line]) -> SafeString:
    """Return lines of one kind; the parts of a text begin new lines by themselves."""
    if kind == BULLET:
        return format_html("<ul>{}</ul>", _items(group))
    if kind == NUMBER:
        first = group[0].beginning.partition(".")[0]
        return format_html('<ol start="{}">{}</ol>', first, _items(group))
    if kind == QUOTE:
        quoted = format_html_join(LINE_BREAK, "{}", ((_inline(line.words),) for line in group))
        return format_html("<blockquote>{}</blockquote>", quoted)
    shown = ((_inline(line.words), LINE_BREAK if line.end else "") for line in group)
    return format_html_join("", "{}{}", shown)


def _items(group: Iterable[Line]) -> SafeString:
    return format_html_join("", "<li>{}</li>", ((_inline(line.words),) for line in group))


def _inline(text: str) -> SafeString:
    return format_html_join("", "{}", ((_html(piece),) for piece in pieces(text)))


def _html(piece: Piece) -> SafeString:
    if piece.mark:
        inner = format_html_join("", "{}", ((_html(part),) for part in piece.pieces))
        return format_html("<{0}>{1}</{0}>", TAGS[piece.mark], inner)
    if piece.is_link:  # shown, not linked: the preview is not a way out of the desk
        return format_html('<span class="bubble-link">{}</span>', piece.text)
    return format_html_join(LINE_BREAK, "{}", ((line,) for line in piece.text.split("\n")))
