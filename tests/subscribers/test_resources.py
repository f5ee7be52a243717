"""The files that HR takes away."""

import csv
from datetime import date
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.utils import translation
from odf.opendocument import load
from odf.table import TableRow
from openpyxl import load_workbook

from subscribers import resources
from subscribers.models import MonthlyFigure, Tier
from tests.factories import NOW
from tests.subscribers.people import tier

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
TABLE = [
    ["month", "tier", "subscribers"],
    ["2026-09", "Mini", "140"],
    ["2026-09", "total", "140"],
    ["2026-10", "Mini", "150"],
    ["2026-10", "Maxi", "<20"],
    ["2026-10", "total", "150"],
]


def publish(month, slug, shown):
    MonthlyFigure.objects.create(month=month, tier=tier(slug), shown=shown, taken_at=NOW)


def export(file_format):
    return resources.export(MonthlyFigure.objects.all(), file_format=file_format)


@pytest.fixture
def _figures():
    publish(OCTOBER, "maxi", None)
    publish(OCTOBER, "mini", 150)
    publish(SEPTEMBER, "mini", 140)


@pytest.mark.usefixtures("_figures")
def test_a_csv_has_a_line_per_month_and_tier_and_the_sum_of_what_is_shown():
    rows = list(csv.reader(StringIO(export("csv").decode())))

    assert rows == TABLE


@pytest.mark.usefixtures("_figures")
def test_a_workbook_has_the_same_lines_and_its_numbers_are_numbers():
    sheet = load_workbook(BytesIO(export("xlsx"))).active

    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [[str(cell) for cell in row] for row in rows] == TABLE
    assert rows[1][2] == 140


@pytest.mark.usefixtures("_figures")
def test_an_open_document_has_the_same_lines():
    sheet = load(BytesIO(export("ods"))).spreadsheet.getElementsByType(TableRow)

    rows = [[cell.getAttribute("value") or str(cell) for cell in row.childNodes] for row in sheet]
    assert rows == TABLE


@pytest.mark.usefixtures("_figures")
@pytest.mark.parametrize("file_format", resources.FORMATS)
def test_no_file_says_when_it_was_written(file_format):
    content = export(file_format)

    if file_format != "csv":
        with ZipFile(BytesIO(content)) as archive:
            assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
            content = b"".join(archive.read(entry) for entry in archive.infolist())
    written = resources.WRITTEN_AT.findall(content)
    assert set(written) <= {resources.NEVER}


def test_a_month_without_a_shown_figure_has_a_hidden_total():
    publish(OCTOBER, "mini", None)

    assert export("csv").decode().splitlines()[1:] == ["2026-10,Mini,<20", "2026-10,total,<20"]


@pytest.mark.usefixtures("_figures")
def test_the_same_figures_make_the_same_csv_in_every_language():
    with translation.override("de"):
        german = export("csv")
    with translation.override("en"):
        english = export("csv")

    assert german == english


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_nothing_in_a_file_is_run_as_a_formula(start):
    Tier.objects.filter(slug="mini").update(name=f"{start}1+1")
    publish(OCTOBER, "mini", 150)

    [_, row, _total] = csv.reader(StringIO(export("csv").decode(), newline=""))
    cell = load_workbook(BytesIO(export("xlsx"))).active["B2"]

    assert row[1] == f"'{start}1+1"
    assert cell.data_type == "s"


@pytest.mark.parametrize("text", ["Mini", "<20", "'=1", "", "a=b"])
def test_a_harmless_text_stays_as_it_is(text):
    assert resources.defused(text) == text


@pytest.mark.usefixtures("_figures")
def test_a_file_is_named_after_its_newest_month():
    name = resources.file_name(MonthlyFigure.objects.all(), extension="csv")

    assert name == "subscribers-2026-10.csv"


def test_without_figures_a_file_has_its_headings_only():
    assert export("csv").decode().splitlines() == ["month,tier,subscribers"]
    assert resources.file_name(MonthlyFigure.objects.all(), extension="csv") == "subscribers.csv"


def test_there_are_no_other_formats():
    with pytest.raises(KeyError):
        export("html")
