"""The copy of one's own data as a file: JSON for machines, PDF for people."""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override
from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from subscribers import holdings, promises
from subscribers.holdings import Holding
from subscribers.models import AccessEvent, ConsentEvent, Identity, Rest, SubscriberState

rl_config.invariant = 1  # the same copy gives the same bytes
# Ships with reportlab, and goes into the file: it must look the same on every phone.
pdfmetrics.registerFont(TTFont("Copy", "Vera.ttf"))
pdfmetrics.registerFont(TTFont("CopyBold", "VeraBd.ttf"))
PAGE_WIDTH = 170  # mm, between the margins
TEXT = ParagraphStyle("text", fontName="Copy", fontSize=9, leading=13)
HEADING = ParagraphStyle("heading", TEXT, fontName="CopyBold", fontSize=11, spaceBefore=10)
TITLE = ParagraphStyle("title", TEXT, fontName="CopyBold", fontSize=16, leading=22)
LINES = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#c9d6d0")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
)


def as_json(copy: Mapping[str, Any]) -> bytes:
    """Return the copy in the open schema (static/schemas/own-data-1.json)."""
    return json.dumps(copy, ensure_ascii=False, indent=2).encode()


def as_pdf(copy: Mapping[str, Any], *, organisation: Mapping[str, str], zone: tzinfo) -> bytes:
    """Return the copy for reading, in the subscriber's language."""
    file = io.BytesIO()
    with override(copy["subscription"]["language"]):
        document = SimpleDocTemplate(
            file, pagesize=A4, margin=20 * mm, title=_("Your data"), author=organisation["name"]
        )
        document.build(list(_story(copy, organisation=organisation, zone=zone)))
    return file.getvalue()


def _story(
    copy: Mapping[str, Any], *, organisation: Mapping[str, str], zone: tzinfo
) -> Iterable[Flowable]:
    yield Paragraph(escape(_("Your data")), TITLE)
    made = {"name": organisation["name"], "when": _moment(copy["generated_at"], zone)}
    yield Paragraph(
        escape(
            _("Copy of the data that %(name)s stores about you (Article 15 GDPR), %(when)s") % made
        ),
        TEXT,
    )
    yield Spacer(0, 4 * mm)
    yield Paragraph(escape(_("Subscription")), HEADING)
    yield _table(_subscription(copy, zone=zone), widths=(60, 110))
    yield Paragraph(escape(_("What happened")), HEADING)
    yield _table(_events(copy["events"], zone=zone), widths=(38, 62, 40, 30))
    if copy["replies"]:
        yield Paragraph(escape(_("Your replies, as they are stored")), HEADING)
        yield _table(_replies(copy["replies"], zone=zone), widths=(38, 132))
    if copy["accesses"]:
        yield Paragraph(escape(_("Who looked at your record or your replies")), HEADING)
        yield _table(_looks(copy["accesses"]), widths=(38, 62, 70))
    for held in holdings.every():
        if rows := copy[held.name]:
            yield Paragraph(escape(str(held.title)), HEADING)
            table = _held(held, rows, zone=zone)
            yield _table(table, widths=(PAGE_WIDTH // len(table[0]),) * len(table[0]))
    yield Paragraph(escape(_("Recipients, retention, your rights")), HEADING)
    for sentence in _rights(copy, organisation=organisation):
        yield Paragraph(escape(sentence), TEXT)
        yield Spacer(0, 2 * mm)


def _subscription(copy: Mapping[str, Any], *, zone: tzinfo) -> list[tuple[str, ...]]:
    its = copy["subscription"]
    identifiers = [str(Identity.Kind(each["kind"]).label) for each in copy["identifiers"]]
    rows: list[tuple[str, ...]] = [
        (_("State"), str(SubscriberState(its["state"]).label)),
        (_("Tier"), (its["tier"] or "–").upper()),
        (_("Since"), _moment(its["state_since"], zone)),
        (_("Language"), its["language"]),
        (_("Stored encrypted, to reach you"), ", ".join(identifiers) or "–"),
    ]
    if its["rests_until"]:
        rows.append((_("Resting until"), _moment(its["rests_until"], zone)))
        rows.append((_("Why"), str(Rest(its["rest"]).label)))
    if its["reminded_at"]:
        rows.append((_("Asked whether you are still with us"), _moment(its["reminded_at"], zone)))
    if copy["notice"]:
        rows.append((_("Privacy notice last shown"), str(copy["notice"]["version"])))
    return rows


def _events(events: Iterable[Mapping[str, Any]], *, zone: tzinfo) -> list[tuple[str, ...]]:
    head = (_("When"), _("Event"), _("By"), _("Receipt code"))
    rows = [
        (
            _moment(event["happened_at"], zone),
            " ".join([str(ConsentEvent.Kind(event["kind"]).label), (event["tier"] or "").upper()]),
            str(ConsentEvent.Act(event["act"]).label),
            event["receipt_code"] or "",
        )
        for event in events
    ]
    return [head, *rows]


def _replies(replies: Iterable[Mapping[str, Any]], *, zone: tzinfo) -> list[tuple[str, ...]]:
    head = (_("When"), _("Text"))
    return [head, *((_moment(one["at"], zone), one["text"]) for one in replies)]


def _looks(looks: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    head = (_("When"), _("Group"), _("What"))
    rows = [
        (
            f"{date.fromisoformat(one['on']):%d.%m.%Y}",
            one["group"],
            str(AccessEvent.What(one["what"]).label),
        )
        for one in looks
    ]
    return [head, *rows]


def _held(
    held: Holding, rows: Iterable[Mapping[str, Any]], *, zone: tzinfo
) -> list[tuple[str, ...]]:
    """Return a table of what an app holds; what only programs need stays in the JSON file."""
    columns = {key: heading for key, heading in held.columns.items() if heading is not None}

    def cell(key: str, value: Any) -> str:
        if value is None:
            return "–"
        if key.endswith("_at"):
            return _moment(value, zone)
        return str(held.labels.get(key, {}).get(value, value))

    head = tuple(str(heading) for heading in columns.values())
    return [head, *(tuple(cell(key, row[key]) for key in columns) for row in rows)]


def _rights(copy: Mapping[str, Any], *, organisation: Mapping[str, str]) -> list[str]:
    return [
        _("Recipients: %(names)s.") % {"names": ", ".join(copy["recipients"])},
        _(
            "We keep your number, your settings and your replies until %(stop_hours)s hours after "
            "STOP, replies for %(replies_days)s days at most, and what became of a message for "
            "%(deliveries_days)s days after it was sent to everybody."
        )
        % promises.numbers(),
        _of_proof(is_kept=copy["keeps_proof"]),
        _(
            "You have the right to rectification, erasure, restriction of processing and data "
            "portability, and you may withdraw your consent at any time with STOP. Questions: "
            "%(dpo)s. Complaints: %(authority)s."
        )
        % organisation,
    ]


def _of_proof(*, is_kept: bool) -> str:
    if is_kept:
        return _(
            "The proof of your consent is kept until the end of the third year after its end: what "
            "is listed above under “What happened”, and your number or WhatsApp ID once more, "
            "sealed so that nobody can open it in daily work."
        )
    words = _(
        "A proof of your consent is not kept: what is listed above under “What happened” is erased "
        "%(no_proof_hours)s hours after your number."
    )
    return words % promises.numbers()


def _table(rows: list[tuple[str, ...]], *, widths: tuple[int, ...]) -> Table:
    cells = [[Paragraph(escape(cell), TEXT) for cell in row] for row in rows]
    return Table(cells, colWidths=[width * mm for width in widths], style=LINES, hAlign="LEFT")


def _moment(iso: str, zone: tzinfo) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(zone):%d.%m.%Y %H:%M}"
