"""The monthly figures as a file for HR: Excel, or CSV for programs.

The same figures make the same CSV, byte for byte, in every language of the desk. The columns
keep their English names, so that a spreadsheet built on last year's file goes on working.
"""

from typing import Any

from django.db.models import QuerySet
from import_export import resources
from import_export.fields import Field
from import_export.formats import base_formats
from tablib import Dataset

from subscribers.figures import HIDDEN_BELOW
from subscribers.models import MonthlyFigure

# A cell that begins with one of these is run as a formula (OWASP, “CSV Injection”).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Excel(base_formats.XLSX):  # type: ignore[misc]  # import-export has no types
    """A workbook; numbers stay numbers."""

    def get_title(self) -> str:
        """Name the format on its button."""
        return "Excel (.xlsx)"

    def export_data(self, dataset: Dataset, **_options: Any) -> bytes:
        """Write the file. What would be a formula has been defused by the resource."""
        return bytes(dataset.export("xlsx"))


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
    """One line per month and tier."""

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
        return f"<{HIDDEN_BELOW}" if figure.shown is None else figure.shown


FORMATS: dict[str, type[Excel] | type[Csv]] = {"xlsx": Excel, "csv": Csv}


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
