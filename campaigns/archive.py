"""The archive as a file, without people: what was sent, when, and rounded figures."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from import_export import resources
from import_export.fields import Field

from campaigns.models import ArchivedBroadcast
from campaigns.models.broadcasts import BroadcastQuerySet
from subscribers import snapshot
from subscribers.figures import publishable
from subscribers.resources import defused

FIGURES = ("planned", "accepted", "failed", "skipped", "unclear")


class Rounded(Field):  # type: ignore[misc]  # import-export has no types
    """A figure of people as it may be published: rounded to 10, hidden below 20."""

    def export(self, instance: Any, **_options: Any) -> int | str:
        """Return the cell."""
        shown = publishable(getattr(instance, self.column_name))
        return snapshot.HIDDEN if shown is None else shown


class ArchiveResource(resources.ModelResource):  # type: ignore[misc]  # import-export has no types
    """One line per broadcast, the oldest first. Columns keep their English names."""

    sent_on = Field(column_name="sent_on")
    category = Field(column_name="category")
    message = Field(column_name="message")
    correction_of = Field(column_name="correction_of")
    planned = Rounded(column_name="planned")
    accepted = Rounded(column_name="accepted")
    failed = Rounded(column_name="failed")
    skipped = Rounded(column_name="skipped")
    unclear = Rounded(column_name="unclear")

    class Meta:
        model = ArchivedBroadcast
        fields = ("sent_on", "category", "message", "correction_of", *FIGURES)
        export_order = fields

    def filter_export(self, queryset: QuerySet[Any], **_options: Any) -> BroadcastQuerySet:
        """Bring the lines into order, with their figures."""
        chosen = ArchivedBroadcast.objects.filter(pk__in=queryset.values("pk"))
        return chosen.with_message().with_counts().order_by("started_at", "pk")

    def dehydrate_sent_on(self, broadcast: ArchivedBroadcast) -> str:
        """Return the day as YYYY-MM-DD, by the clock of this installation."""
        assert broadcast.started_at is not None
        return f"{timezone.localdate(broadcast.started_at):%Y-%m-%d}"

    def dehydrate_category(self, broadcast: ArchivedBroadcast) -> str:
        """Return the name of the category, which the installation has chosen."""
        return defused(str(broadcast.message.category))

    def dehydrate_message(self, broadcast: ArchivedBroadcast) -> str:
        """Return every text that was filled in, in the order of the template."""
        names = broadcast.message.template.value_names
        texts = (broadcast.message.values.get(name, "") for name in names)
        return defused(" · ".join(text for text in texts if text))

    def dehydrate_correction_of(self, broadcast: ArchivedBroadcast) -> str:
        """Return the day of the original, if this is a correction."""
        original = broadcast.corrects
        began = original.started_at if original else None
        return f"{timezone.localdate(began):%Y-%m-%d}" if began else ""
