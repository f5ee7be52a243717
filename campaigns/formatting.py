"""WhatsApp's formatting, for the preview: text to pieces, pieces to safe HTML.

Escape first, then wrap: the tags are a fixed set and everything between them is escaped text,
so that whatever an editor types can only ever be shown. The pieces joined together are the
text that is sent (tests hold this for any text).

Rules: Meta, “How to format your messages”, WhatsApp Help Center, 2026: *bold*, _italic_,
~strikethrough~, ```monospace```, `code`. A mark opens after a space or the start and
closes before a space, punctuation or the end; it does not span lines (``` does).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TAGS = {"*": "strong", "_": "em", "~": "del", "`": "code", "```": "code"}
LINE_BREAK = SafeString("<br>")
_MARKED = re.compile(
    r"(?P<fence>```)(?P<block>.+?)```"
    r"|(?<![\w*_~`])(?P<mark>[*_~`])(?P<inner>[^\s](?:[^\n]*?[^\s])?)(?P=mark)(?![\w*_~`])",
    re.DOTALL,
)
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: plain (`mark` empty), marked, or a link. Marked runs hold pieces."""

    text: str
    mark: str = ""
    pieces: tuple["Piece", ...] = ()
    is_link: bool = False


def pieces(text: str, *, within: str = "") -> Iterator[Piece]:
    """Split a text at WhatsApp's marks and at links.

    `within` are the marks around it: no mark works inside itself, so no nesting is deep.
    """
    at = 0
    for found in _MARKED.finditer(text):
        yield from _plain(text[at : found.start()])
        yield from _marked(found, within=within)
        at = found.end()
    yield from _plain(text[at:])


def to_html(text: str) -> SafeString:
    """Return a text as WhatsApp would show it; line breaks become <br>."""
    return format_html_join("", "{}", ((_html(piece),) for piece in pieces(text)))


def plain(text: str) -> str:
    """Return a text without its marks, for paper."""
    return "".join(_unmarked(piece) for piece in pieces(text))


def _unmarked(piece: Piece) -> str:
    return "".join(_unmarked(part) for part in piece.pieces) if piece.mark else piece.text


def _marked(found: re.Match[str], *, within: str) -> Iterator[Piece]:
    mark, inner = found["fence"] or found["mark"], found["block"] or found["inner"]
    if mark in within:
        yield from _plain(found[0])
    elif mark.startswith("`"):
        yield Piece(found[0], mark=mark, pieces=(Piece(inner),))
    else:
        yield Piece(found[0], mark=mark, pieces=tuple(pieces(inner, within=within + mark)))


def _plain(text: str) -> Iterator[Piece]:
    at = 0
    for link in _LINK.finditer(text):
        if link.start() > at:
            yield Piece(text[at : link.start()])
        yield Piece(link[0], is_link=True)
        at = link.end()
    if at < len(text):
        yield Piece(text[at:])


def _html(piece: Piece) -> SafeString:
    if piece.mark:
        inner = format_html_join("", "{}", ((_html(part),) for part in piece.pieces))
        return format_html("<{0}>{1}</{0}>", TAGS[piece.mark], inner)
    if piece.is_link:  # shown, not linked: the preview is not a way out of the desk
        return format_html('<span class="bubble-link">{}</span>', piece.text)
    return format_html_join(LINE_BREAK, "{}", ((line,) for line in piece.text.split("\n")))
