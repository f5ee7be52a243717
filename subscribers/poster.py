"""The way in from a notice board: a QR code that opens the chat with START already typed.

START is neutral: it asks for the notice. A consent word in a QR code would be consent that
somebody else has written (GDPR, Article 4(11)).
"""

import io
from urllib.parse import quote

import segno
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from subscribers.copies import TEXT, TITLE  # registers the fonts

PREFILLED = "START"
QUIET_ZONE = 4  # modules of white around the code (ISO/IEC 18004)
QR_SIDE = 90 * mm
BIG = ParagraphStyle("big", TITLE, fontSize=30, leading=38, alignment=1)
STEP = ParagraphStyle("step", TEXT, fontSize=15, leading=22, alignment=1)
SMALL = ParagraphStyle("small", TEXT, fontSize=9, leading=13, alignment=1)


def link(number: str, words: str = PREFILLED) -> str:
    """Return the address that opens the chat with our number (+E.164), words already typed.

    Meta, “click to chat”: https://wa.me/<digits>?text=<words>.
    """
    return f"https://wa.me/{number.lstrip('+')}?text={quote(words)}"


def drawn(number: str, words: str) -> tuple[str, int]:
    """Return the QR code of such an address as the path of an SVG, and the length of its side."""
    rows = list(segno.make(link(number, words), error="m", micro=False).matrix_iter(border=2))
    dark = ((x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return "".join(f"M{x} {y}h1v1h-1z" for x, y in dark), len(rows)


def svg(number: str) -> bytes:
    """Return the QR code as SVG, for the intranet or a layout program."""
    file = io.BytesIO()
    segno.make(link(number), error="q", micro=False).save(
        file, kind="svg", border=QUIET_ZONE, scale=10, xmldecl=False
    )
    return file.getvalue()


def pdf(number: str, *, name: str, needs_code: bool) -> bytes:
    """Return the poster, A4, ready to print, in the language in force."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle(_("Company news on your phone"))
    top = A4[1] - 35 * mm
    top = _write(canvas, _("Company news on your phone"), BIG, top=top) - 6 * mm
    _draw_code(canvas, number, top=top)
    top -= QR_SIDE + 10 * mm
    steps = [
        _("1. Scan the code and send START."),
        _("2. Read the privacy notice."),
        _("3. Tap MINI or MAXI. That is all."),
    ]
    if needs_code:
        steps[0] = _("1. Scan the code, send START and the code from the intranet.")
    for step in steps:
        top = _write(canvas, step, STEP, top=top)
    words = _(
        "Voluntary. Leave at any time with STOP. Everything important is also on the intranet "
        "and the notice boards. %(name)s, number %(number)s"
    ) % {"name": name, "number": number}
    _write(canvas, words, SMALL, top=top - 8 * mm)
    canvas.save()
    return file.getvalue()


def _write(canvas: Canvas, words: str, style: ParagraphStyle, *, top: float) -> float:
    """Write a paragraph and return where it ends, from the lower edge."""
    paragraph = Paragraph(words, style)
    margin = 25 * mm
    _width, height = paragraph.wrap(A4[0] - 2 * margin, A4[1])
    paragraph.drawOn(canvas, margin, top - height)
    return float(top - height)


def _draw_code(canvas: Canvas, number: str, *, top: float) -> None:
    rows = list(segno.make(link(number), error="q", micro=False).matrix_iter(border=QUIET_ZONE))
    side = QR_SIDE / len(rows)
    left = (A4[0] - QR_SIDE) / 2
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                canvas.rect(left + x * side, top - (y + 1) * side, side, side, stroke=0, fill=1)
