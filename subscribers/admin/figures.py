"""The monthly figures of the personnel department."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin
from import_export.forms import ExportForm

from subscribers import resources
from subscribers.admin.readonly import ModelAdmin, ReadOnlyAdmin
from subscribers.figures import HIDDEN_BELOW, ROUND_TO
from subscribers.models import MonthlyFigure


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

    list_display = ["month_name", "tier", "published", "taken_at"]
    list_display_links = None
    list_filter = [YearFilter]
    list_select_related = ["tier"]
    ordering = ["-month", "tier__level"]
    import_export_change_list_template = "admin/subscribers/monthlyfigure/change_list.html"
    resource_classes = [resources.FigureResource]
    export_form_class = ExportForm
    export_formats = list(resources.FORMATS.values())
    to_encoding = "utf-8"

    @admin.display(description=_("month"), ordering="month")
    def month_name(self, figure: MonthlyFigure) -> str:
        """Write the month with its year."""
        return formats.date_format(figure.month, "YEAR_MONTH_FORMAT")

    @admin.display(description=_("subscribers"), ordering="shown")
    def published(self, figure: MonthlyFigure) -> str:
        """Write the figure, or that it is hidden."""
        if figure.shown is None:
            return gettext("under %(limit)s") % {"limit": HIDDEN_BELOW}
        return formats.number_format(figure.shown, use_l10n=True)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the figures, what they mean, and a button for each format."""
        context = {
            **(extra_context or {}),
            "export_choices": [
                (number, each().get_title()) for number, each in enumerate(self.export_formats)
            ],
            "hidden_below": HIDDEN_BELOW,
            "round_to": ROUND_TO,
        }
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def get_export_filename(
        self, request: HttpRequest, queryset: QuerySet[MonthlyFigure], file_format: Any
    ) -> str:
        """Name the file after its newest month."""
        return resources.file_name(queryset, extension=file_format.get_extension())
