"""The monthly figures as a file for HR: Excel, OpenDocument, or CSV for programs.

The same figures make the same file, byte for byte, on every day and in every language of the
desk: whoever compares two files sees whether a figure is another. The columns keep their English
names, so that a spreadsheet built on last year's file goes on working.
"""

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile, ZipInfo

from django.db.models import QuerySet
from import_export import resources
from import_export.fields import Field
from import_export.formats import base_formats
from tablib import Dataset

from subscribers import snapshot
from subscribers.models import MonthlyFigure

# A cell that begins with one of these is run as a formula (OWASP, “CSV Injection”).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
TOTAL = "total"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the oldest time that a ZIP archive can hold
WRITTEN_AT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?")
NEVER = b"1980-01-01T00:00:00"


class Excel(base_formats.XLSX):  # type: ignore[misc]  # import-export has no types
    """A workbook; numbers stay numbers."""

    def get_title(self) -> str:
        """Name the format on its button."""
        return "Excel (.xlsx)"

    def export_data(self, dataset: Dataset, **_options: Any) -> bytes:
        """Write the file. What would be a formula has been defused by the resource."""
        return timeless(dataset.export("xlsx"))


class OpenDocument(base_formats.ODS):  # type: ignore[misc]  # import-export has no types
    """A workbook for LibreOffice and others; numbers stay numbers."""

    def get_title(self) -> str:
        """Name the format on its button."""
        return "OpenDocument (.ods)"

    def is_binary(self) -> bool:
        """Tell that these are bytes, which import-export does not know of this format."""
        return True

    def export_data(self, dataset: Dataset, **_options: Any) -> bytes:
        """Write the file. What would be a formula has been defused by the resource."""
        return timeless(dataset.export("ods"))


class Csv(base_formats.CSV):  # type: ignore[misc]  # import-export has no types
    """Comma-separated values in UTF-8 (RFC 4180)."""

    CONTENT_TYPE = "text/csv; charset=utf-8"

    def get_title(self) -> str:
        """Name the format on its button."""
        return "CSV"

    def export_data(self, dataset: Dataset, **_options: Any) -> str:
        """Write the file. What would be a formula has been defused by the resource."""
        return str(dataset.export("csv"))


class FigureResource(resources.ModelResource):  # type: ignore[misc]  # import-export has no types
    """One line per month and tier, and after the tiers of a month their total."""

    month = Field(column_name="month")
    tier = Field(column_name="tier")
    subscribers = Field(column_name="subscribers")

    class Meta:
        model = MonthlyFigure
        fields = ("month", "tier", "subscribers")

    def filter_export(
        self, queryset: QuerySet[MonthlyFigure], **_options: Any
    ) -> QuerySet[MonthlyFigure]:
        """Bring the lines into the one order that every download has."""
        return queryset.select_related("tier").order_by("month", "tier__level")

    def dehydrate_month(self, figure: MonthlyFigure) -> str:
        """Return the month as YYYY-MM."""
        return f"{figure.month:%Y-%m}"

    def dehydrate_tier(self, figure: MonthlyFigure) -> str:
        """Return the name of the tier, which the installation has chosen."""
        return defused(figure.tier.name)

    def dehydrate_subscribers(self, figure: MonthlyFigure) -> int | str:
        """Return the figure, or that it is hidden."""
        return _cell(figure.shown)

    def after_export(
        self, queryset: QuerySet[MonthlyFigure], dataset: Dataset, **_options: Any
    ) -> None:
        """Add the totals, from the last one upwards."""
        end = len(dataset)
        for month in reversed(snapshot.months(queryset)):
            dataset.insert(end, (f"{month.first:%Y-%m}", TOTAL, _cell(month.total)))
            end -= len(month.tiers)


FORMATS: dict[str, type[Excel] | type[Csv] | type[OpenDocument]] = {
    "xlsx": Excel,
    "csv": Csv,
    "ods": OpenDocument,
}


def export(figures: QuerySet[MonthlyFigure], *, file_format: str) -> bytes:
    """Return figures as the bytes of a file; raises KeyError for a format not in FORMATS."""
    data = FORMATS[file_format]().export_data(FigureResource().export(figures))
    return data if isinstance(data, bytes) else data.encode()


def file_name(figures: QuerySet[MonthlyFigure], *, extension: str) -> str:
    """Name the file after its newest month; a file without figures has none."""
    newest = figures.order_by("-month").first()
    month = f"-{newest.month:%Y-%m}" if newest else ""
    return f"subscribers{month}.{extension}"


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def timeless(archive: bytes) -> bytes:
    """Return a workbook without the moment at which it was written."""
    fresh = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(fresh, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename in ("docProps/core.xml", "meta.xml"):
                content = WRITTEN_AT.sub(NEVER, content)
            info = ZipInfo(entry.filename, date_time=LONG_AGO)
            target.writestr(info, content, compress_type=entry.compress_type)
    return fresh.getvalue()


def _cell(shown: int | None) -> int | str:
    return snapshot.HIDDEN if shown is None else shown
