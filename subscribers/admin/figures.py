"""The monthly figures of the personnel department."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import formats
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin
from import_export.forms import ExportForm

from subscribers import access_log, resources, snapshot
from subscribers.admin import chart
from subscribers.admin.noting import note
from subscribers.admin.readonly import ModelAdmin, ReadOnlyAdmin
from subscribers.figures import HIDDEN_BELOW, ROUND_TO
from subscribers.models import AccessEvent, MonthlyFigure, SignedFigures

A_YEAR = 12  # months in the chart


class YearFilter(admin.SimpleListFilter):
    """Figures of one year."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Offer the years that have figures, the newest first."""
        years = MonthlyFigure.objects.dates("month", "year", order="DESC")
        return [(str(day.year), str(day.year)) for day in years]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[MonthlyFigure]
    ) -> QuerySet[MonthlyFigure]:
        """Keep the figures of the chosen year; an address that is not one of ours keeps all."""
        year = self.value()
        offered = year is not None and year in dict(self.lookup_choices)
        return queryset.filter(month__year=year) if offered else queryset


@admin.register(MonthlyFigure)
class MonthlyFigureAdmin(ExportMixin, ReadOnlyAdmin):  # type: ignore[misc]  # no types
    """Frozen counts, one line per month and tier, and the same as a file."""

    list_display = ["month", "tier", "shown"]
    list_display_links = None
    list_filter = [YearFilter]
    list_select_related = ["tier"]
    ordering = ["-month", "tier__level"]
    import_export_change_list_template = "admin/subscribers/monthlyfigure/change_list.html"
    resource_classes = [resources.FigureResource]
    export_form_class = ExportForm
    export_formats = list(resources.FORMATS.values())
    to_encoding = "utf-8"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the figures, what they mean, a chart, and a button for each format."""
        context = {
            **(extra_context or {}),
            "export_choices": [
                (number, each().get_title()) for number, each in enumerate(self.export_formats)
            ],
            "hidden_below": HIDDEN_BELOW,
            "round_to": ROUND_TO,
            "own_accesses": access_log.of(user) if isinstance(user := request.user, User) else (),
        }
        response: HttpResponse = super().changelist_view(request, context)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data |= _page(response.context_data["cl"].queryset)
        return response

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """Hand out a file, and note who took it."""
        response: HttpResponse = super().export_action(request)
        if response.has_header("Content-Disposition"):
            name = response["Content-Disposition"].partition('"')[2].rstrip('"')
            note(request, AccessEvent.What.FIGURES, ref=name)
        return response

    def get_export_filename(
        self, request: HttpRequest, queryset: QuerySet[MonthlyFigure], file_format: Any
    ) -> str:
        """Name the file after its newest month."""
        return resources.file_name(queryset, extension=file_format.get_extension())


def _page(figures: QuerySet[MonthlyFigure]) -> dict[str, Any]:
    """Return the months as a table, the newest first, and the last year of them as a chart."""
    months = snapshot.months(figures)
    tiers = {cell.tier_id: cell.tier for month in months for cell in month.tiers}
    signed = SignedFigures.objects.in_bulk([m.first for m in months], field_name="month")
    rows = [
        {
            "month": formats.date_format(month.first, "YEAR_MONTH_FORMAT"),
            "cells": [*(_written(month, slug) for slug in tiers), snapshot.on_screen(month.total)],
            "signed": signed.get(month.first),
        }
        for month in reversed(months)
    ]
    return {"tiers": tiers.values(), "rows": rows, "chart": chart.of(months[-A_YEAR:])}


def _written(month: snapshot.Month, slug: str) -> str:
    """Write the cell of a tier; a tier that there was not yet has none."""
    cells = [cell.shown for cell in month.tiers if cell.tier_id == slug]
    return snapshot.on_screen(cells[0]) if cells else "–"
