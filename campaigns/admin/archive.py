"""The archive: what was sent, to be found by its words, printed, and taken along without people."""

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from import_export.admin import ExportMixin
from import_export.forms import ExportForm

from campaigns import archive, corrections
from campaigns.admin import archive_paper, documents, figures
from campaigns.admin.broadcasts import BroadcastList
from campaigns.admin.pages import moment, needs
from campaigns.models import ArchivedBroadcast
from campaigns.models.broadcasts import BroadcastQuerySet
from subscribers.admin import periods
from subscribers.admin.newest import NewestFirst
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.resources import FORMATS

VIEW = "campaigns.view_archivedbroadcast"


class ArchiveList(BroadcastList):
    """The list; every line leads to the page of the broadcast, which knows everything."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, its balances, and which of its lines were corrected."""
        super().get_results(request)
        shown = [row.pk for row in self.result_list]
        corrected = set(corrections.among(shown))
        for row in self.result_list:
            row.is_corrected = row.pk in corrected

    def url_for_result(self, result: Model) -> str:
        """Return the address of the broadcast."""
        return reverse("admin:campaigns_broadcast_change", args=[result.pk])


@admin.register(ArchivedBroadcast)
class ArchiveAdmin(ExportMixin, ReadOnlyAdmin):  # type: ignore[misc]  # no types
    """Closed broadcasts with rounded figures."""

    list_display = ["headline", "category", "sent", "reached", "mark"]
    list_filter = [periods.PeriodFilter, "message__category"]
    search_fields = ["message__values"]
    search_help_text = gettext_lazy("Words of the message")
    ordering = ["-started_at", "-pk"]
    list_per_page = 50
    paginator = NewestFirst
    show_full_result_count = False
    import_export_change_list_template = "admin/campaigns/archivedbroadcast/change_list.html"
    resource_classes = [archive.ArchiveResource]
    export_form_class = ExportForm
    export_formats = list(FORMATS.values())
    to_encoding = "utf-8"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch what a line shows in the same query."""
        return ArchivedBroadcast.objects.archived().with_message()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Name the list that leads to broadcasts."""
        return ArchiveList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find words as German bends them."""
        assert isinstance(queryset, BroadcastQuerySet)
        return queryset.saying(search_term), False

    def get_urls(self) -> list[URLPattern]:
        """Offer the list, the export, and the papers; a line has its page elsewhere."""
        name = "campaigns_archivedbroadcast"
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("export/", view(self.export_action), name=f"{name}_export"),
            path("<int:pk>/paper/", issue, name=f"{name}_issue"),
            path("period/<slug:period>/", over, name=f"{name}_period"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list with a button for each format, and the paper of a chosen period."""
        titles = [each().get_title() for each in self.export_formats]
        period = request.GET.get(periods.PeriodFilter.parameter_name, "")
        context = {
            "export_choices": list(enumerate(titles)),
            "period": period if periods.bounds(period) else "",
        }
        response: HttpResponse = super().changelist_view(request, context | (extra_context or {}))
        return response

    def get_export_filename(
        self, request: HttpRequest, queryset: QuerySet[Any], file_format: Any
    ) -> str:
        """Name the file after the day on which it was made."""
        return f"archive-{timezone.localdate():%Y-%m-%d}.{file_format.get_extension()}"

    @admin.display(description=gettext_lazy("message"))
    def headline(self, broadcast: ArchivedBroadcast) -> str:
        """Show the first words."""
        return broadcast.message.headline

    @admin.display(description=gettext_lazy("category"), ordering="message__category__position")
    def category(self, broadcast: ArchivedBroadcast) -> str:
        """Name the category in the reader's language."""
        return str(broadcast.message.category)

    @admin.display(description=gettext_lazy("sent"), ordering="started_at")
    def sent(self, broadcast: ArchivedBroadcast) -> str:
        """Show when it left."""
        return moment(broadcast.started_at) if broadcast.started_at else ""

    @admin.display(description=gettext_lazy("accepted by WhatsApp"))
    def reached(self, broadcast: Any) -> str:
        """Say how many it went to, rounded."""
        return figures.number(broadcast.balance.accepted, exact=False)

    @admin.display(description=gettext_lazy("remark"))
    def mark(self, broadcast: Any) -> str:
        """Say whether it was wrong, corrects something, or was stopped."""
        return archive_paper.remark(broadcast, is_corrected=broadcast.is_corrected)


@needs(VIEW)
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one broadcast as it is printed, or as a PDF."""
    broadcast = get_object_or_404(ArchivedBroadcast.objects.archived().with_message(), pk=pk)
    correction = corrections.of(broadcast)
    document = archive_paper.of_issue(broadcast, correction=correction, now=timezone.now())
    return documents.answer(request, document, name=f"aussendung-{pk}")


@needs(VIEW)
def over(request: HttpRequest, period: str) -> HttpResponse:
    """Show the broadcasts of a month or a year as they are printed, or as a PDF."""
    bounds = periods.bounds(period)
    if bounds is None:
        raise Http404
    rows = ArchivedBroadcast.objects.archived().with_message()
    rows = rows.filter(started_at__gte=bounds[0], started_at__lt=bounds[1]).order_by(
        "started_at", "pk"
    )
    part = _part(request.GET.get("part", ""))
    before = (part - 1) * archive_paper.PART
    found = list(rows[before : before + archive_paper.PART + 1])
    document = archive_paper.of_period(
        found[: archive_paper.PART],
        periods.name(period),
        part=part,
        has_more=len(found) > archive_paper.PART,
        now=timezone.now(),
    )
    name = f"archiv-{period}" if part == 1 else f"archiv-{period}-{part}"
    return documents.answer(request, document, name=name)


def _part(text: str) -> int:
    """Read which part of a long list is asked for; whatever is none means the first."""
    return int(text) if re.fullmatch("[1-9][0-9]{0,3}", text) else 1
