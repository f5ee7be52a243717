"""A document of headings, sentences and tables: on a page of the desk, and as a PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO

from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from campaigns.admin.pages import moment

INK, SOFT, LINE = HexColor("#1c2733"), HexColor("#55606c"), HexColor("#c9d0d8")
MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN

# Embedded, so that the paper looks the same everywhere and can be kept for years (ISO 19005-1).
# Bitstream Vera comes with ReportLab and holds all of German, but no emoji.
REGULAR, BOLD = TTFont("Vera", "Vera.ttf"), TTFont("VeraBd", "VeraBd.ttf")
for font in (REGULAR, BOLD):
    registerFont(font)
DRAWN = frozenset(REGULAR.face.charToGlyph)
PLAIN = ParagraphStyle("plain", fontName="Vera", fontSize=9, leading=13, textColor=INK)
TITLE = ParagraphStyle("title", PLAIN, fontName="VeraBd", fontSize=17, leading=22)
HEADING = ParagraphStyle(
    "heading", PLAIN, fontName="VeraBd", fontSize=12, leading=16, spaceBefore=12
)
QUIET = ParagraphStyle("quiet", PLAIN, textColor=SOFT)
CELL = ParagraphStyle("cell", PLAIN, fontSize=8.5, leading=11)
HEAD = ParagraphStyle("head", CELL, fontName="VeraBd")


@dataclass(frozen=True, slots=True)
class Part:
    """One heading with what is said under it."""

    heading: str
    words: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that is on the paper; plain text throughout."""

    title: str
    about: str
    made_at: datetime
    parts: Sequence[Part]
    part: int = 1  # of a list that is too long for one paper
    has_more: bool = False

    @property
    def next_part(self) -> int:
        """The part in which the list goes on, if it does."""
        return self.part + 1

    @property
    def as_of(self) -> str:
        """The line that dates it."""
        return _("Generated on %(when)s") % {"when": moment(self.made_at)}


def pdf(document: Document) -> bytes:
    """Return the document as a PDF, A4, with page numbers; the same bytes for the same document."""
    file = BytesIO()
    template = SimpleDocTemplate(
        file,
        pagesize=A4,
        title=document.title,
        author="SWE Broadcast",
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        initialFontName=PLAIN.fontName,  # or Helvetica would be named, and not embedded
        invariant=1,
    )

    def footer(canvas: Canvas, _template: SimpleDocTemplate) -> None:
        canvas.setFont("Vera", 7)
        canvas.setFillColor(SOFT)
        page = _("Page %(n)s") % {"n": canvas.getPageNumber()}
        canvas.drawString(
            MARGIN, 12 * mm, f"{drawable(document.title)} · {document.as_of} · {page}"
        )

    template.build(list(_flow(document)), onFirstPage=footer, onLaterPages=footer)
    return file.getvalue()


def drawable(text: str) -> str:
    """Return a text without what the font cannot draw, which are emoji above all."""
    known = "".join(letter for letter in text if ord(letter) in DRAWN)
    return known.strip()


def _markup(text: str) -> str:
    return escape(drawable(text))


def _flow(document: Document) -> Iterator[Flowable]:
    yield Paragraph(_markup(document.title), TITLE)
    yield Paragraph(_markup(document.as_of), QUIET)
    yield Spacer(0, 3 * mm)
    yield Paragraph(_markup(document.about), PLAIN)
    for part in document.parts:
        yield Paragraph(_markup(part.heading), HEADING)
        for words in part.words:
            yield Paragraph(_markup(words), PLAIN)
        if part.rows:
            yield Spacer(0, 2 * mm)
            yield _table(part)


def _table(part: Part) -> Table:
    cells = [[Paragraph(_markup(text), CELL) for text in row] for row in part.rows]
    if part.columns:
        cells.insert(0, [Paragraph(_markup(text), HEAD) for text in part.columns])
    columns = len(cells[0])
    first = WIDTH * (0.3 if columns == 2 else 1 / columns)
    widths = [first, *[(WIDTH - first) / max(columns - 1, 1)] * (columns - 1)]
    style = TableStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), PLAIN.fontName),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ]
    )
    return Table(cells, colWidths=widths, repeatRows=1 if part.columns else 0, style=style)
