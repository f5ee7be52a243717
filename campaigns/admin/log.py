"""Who changed what at the desk, besides what the diary of each broadcast says."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry

from subscribers.admin.newest import NewestFirst
from subscribers.admin.periods import PeriodFilter
from subscribers.admin.readonly import ReadOnlyAdmin


class ChangedFilter(PeriodFilter):
    """When it was changed."""

    field = "action_time"


@admin.register(LogEntry)
class LogAdmin(ReadOnlyAdmin):
    """Changes to users and categories, and every stop of the number."""

    list_display = ["action_time", "user", "content_type", "object_repr", "change"]
    list_display_links = None
    list_select_related = ["user", "content_type"]
    list_filter = [ChangedFilter, "content_type"]
    ordering = ["-action_time", "-pk"]
    list_per_page = 50
    paginator = NewestFirst
    show_full_result_count = False

    @admin.display(description=LogEntry._meta.get_field("change_message").verbose_name)
    def change(self, entry: LogEntry) -> str:
        """Say in words what was changed."""
        return entry.get_change_message()
