"""Recurring places in the plan: the series and their next dates."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib import admin
from django.db.models import DateField, DurationField, TimeField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import connections
from campaigns.admin.forms import ONE_HOUR, HoursField
from campaigns.admin.places import places
from campaigns.models import Series
from campaigns.models.series import Weekday

if TYPE_CHECKING:  # generic for mypy only, not while running
    SeriesBase = admin.ModelAdmin[Series]
    SeriesFormBase = forms.ModelForm[Series]
else:
    SeriesBase = admin.ModelAdmin
    SeriesFormBase = forms.ModelForm

# Translators: how a day is written in a list of dates, see Django's date filter
DAY = gettext_lazy("D, j M")


class SeriesForm(SeriesFormBase):
    """A series, with its weekdays as boxes to tick."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        choices=Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Series
        fields = (
            "category",
            "weekdays",
            "at",
            "useful_until",
            "warn_before",
            "starts_on",
            "ends_on",
            "skips_holidays",
            "zone",
            "is_active",
        )

    def clean_zone(self) -> str:
        """Refuse a zone that nobody knows."""
        zone: str = self.cleaned_data["zone"]
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone. Example: Europe/Berlin"))
        return zone

    def clean(self) -> dict[str, Any]:
        """Refuse times that would never be kept."""
        data = super().clean() or self.cleaned_data
        at, until = data.get("at"), data.get("useful_until")
        if at and until and until <= at:
            self.add_error("useful_until", _("This must be later than its time."))
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day must not lie before the first."))
        if not self.errors:
            self._check_hours(data)
        return data

    def _check_hours(self, data: dict[str, Any]) -> None:
        """Refuse a time in quiet hours on one of its days: it would be paused every time."""
        hours = data["category"].hours(connections.sending_hours())
        zone = ZoneInfo(data["zone"])
        first: date = data["starts_on"]
        week = [first + timedelta(days=n) for n in range(7)]
        moments = [
            datetime.combine(day, data["at"], tzinfo=zone)
            for day in week
            if day.weekday() in data["weekdays"]
        ]
        if not all(hours.are_open(at) for at in moments):
            self.add_error(
                "at",
                _(
                    "On one of these days this is in the quiet hours of the category. "
                    "IT can give the category sending hours of its own."
                ),
            )


@admin.register(Series)
class SeriesAdmin(SeriesBase):
    """What comes back, and the places of the coming week."""

    form = SeriesForm
    formfield_overrides = {
        DurationField: {"form_class": HoursField},
        TimeField: {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")},
        DateField: {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")},
    }
    list_display = ["__str__", "days", "next_dates", "is_active"]
    list_select_related = ["category"]
    ordering = ["at", "category__position"]
    actions = None
    change_list_template = "desk/series.html"

    def has_delete_permission(self, request: HttpRequest, obj: Series | None = None) -> bool:
        """Refuse; a series is switched off, and what it has sent keeps its place."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Series | None = None) -> list[str]:
        """Show the next dates in the form of a series that has some."""
        return ["next_dates"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what most series have."""
        return {
            "zone": timezone.get_current_timezone_name(),
            "starts_on": timezone.localdate(),
            "warn_before": ONE_HOUR,
            "weekdays": [day.value for day in Weekday if day < Weekday.SATURDAY],
            **super().get_changeform_initial_data(request),
        }

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Give the page a title that reads well."""
        title = _("Recurring place") if object_id else _("New recurring place")
        context = {"title": title, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the places of the coming week above the list."""
        context = {
            "places": places(now=timezone.now()),
            "can_write": request.user.has_perm("campaigns.add_message"),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description=gettext_lazy("weekdays"))
    def days(self, series: Series) -> str:
        """Name the days in short."""
        return ", ".join(str(WEEKDAYS_ABBR[day]) for day in sorted(series.weekdays))

    @admin.display(description=gettext_lazy("next dates"))
    def next_dates(self, series: Series) -> str:
        """Name the next five dates, holidays left out."""
        if not series.is_active:
            return "–"
        dates = series.rhythm.coming(timezone.now())
        return " · ".join(date_format(day, str(DAY)) for day in dates) or "–"
