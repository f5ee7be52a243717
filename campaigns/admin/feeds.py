"""The feeds that press reviews are collected from, one by one or as a list (CSV)."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import URLField
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportMixin
from import_export.formats import base_formats
from import_export.resources import ModelResource

from campaigns.models import Feed

if TYPE_CHECKING:  # generic for mypy only, not while running
    FeedBase = admin.ModelAdmin[Feed]
else:
    FeedBase = admin.ModelAdmin


class FeedResource(ModelResource):  # type: ignore[misc]  # no types
    """A list of feeds as a file: name, url, has_paywall, is_active. Known names are changed."""

    class Meta:
        model = Feed
        fields = ("name", "url", "has_paywall", "is_active")
        import_id_fields = ("name",)
        clean_model_instances = True  # the same rules as on the page
        skip_unchanged = True
        use_transactions = True


@admin.register(Feed)
class FeedAdmin(ImportMixin, FeedBase):  # type: ignore[misc]  # no types
    """Which papers are read, and whether that works."""

    list_display = ["name", "url", "has_paywall", "state", "fetched_at"]
    search_fields = ["name", "url"]
    ordering = ["name"]
    fields = ["name", "url", "has_paywall", "is_active"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    import_export_change_list_template = "desk/feeds.html"
    resource_classes = [FeedResource]
    import_formats = [base_formats.CSV]
    from_encoding = "utf-8-sig"  # as spreadsheets write it

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Let those import who may add and change one by one."""
        rights = ("campaigns.add_feed", "campaigns.change_feed")
        return request.user.has_perms(rights)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under its own name."""
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    @admin.display(description=gettext_lazy("state"), ordering="trouble")
    def state(self, feed: Feed) -> SafeString | str:
        """Say in words whether it works."""
        if not feed.is_active:
            return _("not fetched")
        if feed.trouble:
            return format_html(
                '<span class="badge badge-paused">{}</span> <span class="quiet">{}</span>',
                _("trouble"),
                feed.get_trouble_display(),
            )
        if feed.fetched_at is None:
            return _("will be asked in the next minutes")
        return format_html('<span class="badge badge-done">{}</span>', _("works"))
