"""The access log, for the data-protection officer."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from subscribers.access_log import CONSOLE
from subscribers.admin import reasons
from subscribers.admin.newest import NewestFirst
from subscribers.admin.noting import noted
from subscribers.admin.periods import PeriodFilter
from subscribers.admin.readonly import ModelAdmin, ReadOnlyAdmin
from subscribers.models import AccessEvent


class GroupFilter(admin.SimpleListFilter):
    """Looks by people of one group, or by the console."""

    title = _("group")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Offer the groups of this installation, and the console."""
        groups = Group.objects.order_by("name").values_list("name", flat=True)
        return [*((name, name) for name in groups), (CONSOLE, gettext("console"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AccessEvent]
    ) -> QuerySet[AccessEvent]:
        """Keep the looks of the chosen group, also of people who are in several."""
        group = self.value()
        return queryset.filter(role__contains=group) if group else queryset


class LookedFilter(PeriodFilter):
    """When somebody looked."""

    field = "at"


@admin.register(AccessEvent)
class AccessEventAdmin(ReadOnlyAdmin):
    """Every look, newest first, by group and period; looking at it is one of them."""

    list_display = ["at", "who", "role", "what", "ref", "reason"]
    list_display_links = None
    list_filter = [GroupFilter, LookedFilter, "what"]
    list_select_related = ["user"]
    ordering = ["-at", "-pk"]
    list_per_page = 50
    paginator = NewestFirst
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks for a reason."""
        view = self.admin_site.admin_view(reasons.page)
        return [path("reason/", view, name="subscribers_accessevent_reason"), *super().get_urls()]

    @admin.display(description=_("who"), ordering="user__username")
    def who(self, event: AccessEvent) -> str:
        """Write the name with which somebody signs in."""
        return event.user.get_username() if event.user else gettext("console")

    @noted(AccessEvent.What.LOG)
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the log."""
        return super().changelist_view(request, extra_context)
