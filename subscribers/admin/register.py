"""The consent register of the data-protection officer."""

from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers import evidence, oversight, register
from subscribers.admin import days, reasons
from subscribers.admin.newest import NewestFirst
from subscribers.admin.noting import noted
from subscribers.admin.periods import PeriodFilter
from subscribers.admin.readonly import ModelAdmin, ReadOnlyAdmin
from subscribers.models import AccessEvent, ConsentEvent, Notice, SubscriberState, Tier

CSV = "csv"
COPIES = {CSV: "text/csv; charset=utf-8", "jsonld": "application/ld+json"}


class TierFilter(admin.SimpleListFilter):
    """Events that concern a tier."""

    title = _("tier")
    parameter_name = "tier"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Offer the tiers of this installation, the smallest first."""
        return list(Tier.objects.order_by("level").values_list("slug", "name"))

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ConsentEvent]
    ) -> QuerySet[ConsentEvent]:
        """Keep the events of the chosen tier."""
        return queryset.filter(tier=self.value()) if self.value() else queryset


class StateFilter(admin.SimpleListFilter):
    """Events of those who stand so today; whoever has been erased is in none of them."""

    title = _("state today")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Offer every state that somebody can be in."""
        return [(state.value, str(state.label)) for state in SubscriberState]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ConsentEvent]
    ) -> QuerySet[ConsentEvent]:
        """Keep the events of those in the chosen state."""
        return queryset.filter(subscriber__state=self.value()) if self.value() else queryset


class HappenedFilter(PeriodFilter):
    """When it happened."""

    field = "happened_at"


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin):
    """Every act, newest first; a receipt code leads to the record of that consent."""

    list_display = ["happened_at", "kind", "act", "chosen_tier", "version", "receipt_code"]
    list_filter = [
        "kind",
        "act",
        TierFilter,
        StateFilter,
        "notice",
        "notice__language",
        HappenedFilter,
    ]
    list_select_related = ["notice"]
    ordering = ["-happened_at", "-pk"]
    list_per_page = 50
    paginator = NewestFirst
    show_full_result_count = False
    search_fields = ["receipt_code"]
    search_help_text = _("Receipt code, such as 7KQF-M2XR. Codes contain no 0, 1, I, L, O, U or V.")

    @admin.display(description=_("tier"), ordering="tier")
    def chosen_tier(self, event: ConsentEvent) -> str:
        """Write the tier as subscribers do."""
        return event.tier.upper()

    @admin.display(description=_("notice"), ordering="notice__version")
    def version(self, event: ConsentEvent) -> str:
        """Name language and version of the words shown."""
        return str(event.notice or "")

    def has_record_permission(self, request: HttpRequest) -> bool:
        """Tell whether somebody may look at a single record, not only at the list."""
        return request.user.has_perm("subscribers.view_record")

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """Link each line to its record, for those who may see it."""
        if not self.has_record_permission(request):
            return None
        return super().get_list_display_links(request, list_display)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ConsentEvent], search_term: str
    ) -> tuple[QuerySet[ConsentEvent], bool]:
        """Find a receipt code and nothing else."""
        if not search_term:
            return queryset, False
        return queryset.filter(receipt_code=register.receipt_code(search_term) or ""), False

    @noted(AccessEvent.What.REGISTER)
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, or the one record whose receipt code has been typed."""
        code = register.receipt_code(request.GET.get("q", ""))
        if code and self.has_view_permission(request) and self.has_record_permission(request):
            event = ConsentEvent.objects.filter(receipt_code=code).first()
            if event:
                page = "admin:subscribers_consentevent_change"
                return HttpResponseRedirect(reverse(page, args=[event.pk]))
        return super().changelist_view(request, extra_context)

    @noted(AccessEvent.What.RECORD)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the record that an event belongs to."""
        if not self.has_record_permission(request):
            raise PermissionDenied
        event = self.row(request, object_id)
        about = f"{AccessEvent.What.RECORD} {object_id}"
        if not reasons.given(request, about, now=timezone.now()):
            return reasons.ask(request, about)
        record = register.record_of(event)
        day = days.chosen(request.GET.get("on", ""))
        return self.page(
            request,
            "admin/subscribers/record.html",
            title=_("Consent record"),
            event=event,
            record=record,
            day=day,
            tier=Tier.objects.filter(pk=oversight.tier_at(record, days.end(day))).first(),
            is_whole=all(line.is_unchanged for line in record.lines),
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the receipt of one event, and its record as a file."""
        view, name = self.admin_site.admin_view, "subscribers_consentevent"
        return [
            path("<int:pk>/receipt.txt", view(self.receipt), name=f"{name}_receipt"),
            path("<int:pk>/record.<slug:form>", view(self.copy), name=f"{name}_copy"),
            *super().get_urls(),
        ]

    @noted(AccessEvent.What.RECORD)
    def copy(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """Hand out a record as a file for programs; it leads to a random id and to nobody."""
        if not self.has_record_permission(request):
            raise PermissionDenied
        if form not in COPIES:
            raise Http404
        event = self.row(request, str(pk))
        about = f"{AccessEvent.What.RECORD} {pk}"
        if not reasons.given(request, about, now=timezone.now()):
            return reasons.ask(request, about)
        file = StringIO()
        record = register.record_of(event)
        if form == CSV:
            evidence.write_record_csv(file, record)
        else:
            evidence.write_record_jsonld(
                file,
                record,
                organisation=settings.ORGANISATION,
                keeps_proof=settings.PROOF_MODE != "none",
                on=timezone.localdate(),
            )
        headers = {"Content-Disposition": f'attachment; filename="record-{pk}.{form}"'}
        return HttpResponse(file.getvalue(), content_type=COPIES[form], headers=headers)

    @noted(AccessEvent.What.RECORD)
    def receipt(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out a receipt with the words shown and the proof of its place in the ledger."""
        if not self.has_record_permission(request):
            raise PermissionDenied
        event = self.row(request, str(pk))
        about = f"{AccessEvent.What.RECORD} {pk}"
        if not reasons.given(request, about, now=timezone.now()):
            return reasons.ask(request, about)
        text = evidence.receipt(
            event, organisation=settings.ORGANISATION, origin=settings.LEDGER_ORIGIN
        )
        headers = {"Content-Disposition": f'attachment; filename="{event.receipt_code}.txt"'}
        return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """The words shown before agreeing, every version that ever was."""

    list_display = ["version", "language", "valid_from", "sha256"]
    list_filter = ["language"]
    ordering = ["-version", "language"]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the words with a fresh computation of their hash."""
        notice = self.row(request, object_id)
        return self.page(
            request,
            "admin/subscribers/notice.html",
            title=_("Privacy notice"),
            shown=register.Shown(notice, notice.sha256),
        )
