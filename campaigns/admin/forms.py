"""The forms of the desk: one field for every value of a template, a file, a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import composing, links
from campaigns.models import Broadcast, Category, Media
from campaigns.models.media import ALT_MAX, HeaderKind

AT_ONCE, LATER = "at_once", "later"
ONE_HOUR = timedelta(hours=1)
VALUE = "value-"  # what the names of the fields for values begin with


class HoursField(forms.IntegerField):
    """A duration, typed as a number of hours."""

    def __init__(self, **kwargs: Any) -> None:
        """Take what a form field for a duration takes; at least one hour, at most a week."""
        label = _("%(name)s, in hours") % {"name": kwargs.pop("label", "")}
        super().__init__(min_value=1, max_value=7 * 24, label=label, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a duration as hours, and whatever was typed as it is."""
        return value // ONE_HOUR if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> timedelta | None:
        """Return the duration. Raises ValidationError."""
        hours = super().clean(value)
        return None if hours is None else hours * ONE_HOUR


class TimeForm(forms.Form):
    """When something is to be sent: as soon as it is approved, or at a time."""

    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[
            (AT_ONCE, gettext_lazy("As soon as it is approved")),
            (LATER, gettext_lazy("At a certain time")),
        ],
        initial=AT_ONCE,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose when.")},
    )
    day = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    due_at: datetime | None = None  # after is_valid(); None: as soon as it is approved

    def clean(self) -> dict[str, Any]:
        """Put day and time together, in the time of this installation."""
        data = super().clean() or self.cleaned_data
        if data.get("when") != LATER:
            return data
        day, time = data.get("day"), data.get("time")
        if day and time:
            try:
                self.due_at = from_current_timezone(datetime.combine(day, time))
            except ValidationError as gap:  # the hour that does not exist in March
                self.add_error("time", gap)
        for name, value in (("day", day), ("time", time)):
            if not value and name not in self.errors:
                self.add_error(name, _("Please fill this in, or choose “as soon as …”."))
        return data


class WritingForm(TimeForm):
    """What every message is asked for, whichever way it is written."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    slot = forms.IntegerField(required=False, widget=forms.HiddenInput)
    corrects = forms.IntegerField(required=False, widget=forms.HiddenInput)
    also_at = forms.CharField(
        label=gettext_lazy("Also published"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("For example: intranet, notice board of the depot."),
    )

    def __init__(self, *args: Any, category: Category, **kwargs: Any) -> None:
        """Ask where it also stands only if the category does."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if not category.stands_elsewhere:
            del self.fields["also_at"]

    @property
    def elsewhere(self) -> str | None:
        """Where it also stands; None where that is not asked. After is_valid()."""
        typed: str | None = self.cleaned_data.get("also_at")
        return typed

    def check_finished(self) -> bool:
        """Add an error for everything that is in the way; return whether all is well."""
        if "also_at" in self.fields and not self.elsewhere and "also_at" not in self.errors:
            self.add_error("also_at", _("Please say where this also stands."))
        return not self.errors


class ComposeForm(WritingForm):
    """A message of one category. Unfinished values are valid; `check_finished` asks for all."""

    not_after = forms.DateTimeField(
        label=gettext_lazy("Not later than"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy(
            "For example the beginning of an event. What has not left by then is not sent."
        ),
    )
    kept = forms.ModelChoiceField(Media.objects.none(), required=False, widget=forms.HiddenInput)
    upload = forms.FileField(label=gettext_lazy("File"), required=False)
    alt = forms.CharField(
        label=gettext_lazy("What is to be seen in the picture?"),
        required=False,
        max_length=ALT_MAX,
        widget=forms.Textarea(attrs={"rows": 1, "aria-describedby": "hint-alt"}),
    )

    def __init__(self, *args: Any, category: Category, **kwargs: Any) -> None:
        """Add a field for every value of the category's template."""
        super().__init__(*args, category=category, **kwargs)
        self.template = category.template
        header = self.template.header
        media = Media.objects.without_content().filter(kind=header)
        self.fields["kept"].queryset = media  # type: ignore[attr-defined]
        labels = composing.labels(self.template)
        for value in self.template.values:
            name = f"{VALUE}{value['name']}"
            attributes = {
                "rows": 1,
                "placeholder": value.get("example", ""),
                "aria-describedby": f"hint-{name}",
                "data-one-line": "",
            }
            self.fields[name] = forms.CharField(
                label=labels[value["name"]],
                required=False,
                widget=forms.Textarea(attrs=attributes),
            )
        self._begin_in_the_first_empty()
        if category.has_full_text:
            self.fields["full_text"] = _full_text_field()
        if category.is_urgent:
            self.fields["reason"] = forms.CharField(
                label=_("Why this cannot wait"),
                help_text=_(
                    "For whoever approves it, and for the diary. Subscribers do not see it."
                ),
                required=False,
                max_length=500,
            )

    def _begin_in_the_first_empty(self) -> None:
        """Let whoever opens the form write at once."""
        names = [f"{VALUE}{value['name']}" for value in self.template.values]
        empty = [name for name in names if not self.get_initial_for_field(self.fields[name], name)]
        if empty and not self.is_bound:
            self.fields[empty[0]].widget.attrs["autofocus"] = True

    @property
    def value_fields(self) -> list[tuple[forms.BoundField, str]]:
        """The fields for the values in the order of the template, each with what is wrong there.

        That the whole is too long is said where most can be cut. Nobody is scolded for what
        they have not written yet, before they submit.
        """
        problems = composing.value_problems(self.template, self.values)
        if too_long := composing.length_problem(self.template, self.values):
            problems.setdefault(composing.longest(self.values), too_long)
        found = []
        for name, text in self.values.items():
            field = self[f"{VALUE}{name}"]
            live = problems.get(name, "") if text else ""
            found.append((field, str(field.errors[0]) if field.errors else live))
        return found

    @property
    def values(self) -> dict[str, str]:
        """What has been typed, by value name, whether or not the rest of the form is valid."""
        return {
            name: str(self[f"{VALUE}{name}"].value() or "").strip()
            for name in self.template.value_names
        }

    @property
    def full_text(self) -> str:
        """The full text as far as it has been typed; "" where the category has none."""
        has_one = "full_text" in self.fields
        return composing.plain(str(self["full_text"].value() or "")) if has_one else ""

    @property
    def full_text_field(self) -> tuple[forms.BoundField, str, int] | None:
        """The field for the full text, what is wrong there, and how much room is left; None
        where the category has none."""
        if "full_text" not in self.fields:
            return None
        problem = composing.full_text_problem(self.full_text)
        return self["full_text"], problem, composing.full_text_room(self.full_text)

    @property
    def has_tracking(self) -> bool:
        """Tell whether a link among the texts would give readers away."""
        return any(links.tracked(text) for text in (*self.values.values(), self.full_text))

    @property
    def chosen_media(self) -> Media | None:
        """The file above the text, whether or not the rest of the form is valid."""
        field = self.fields["kept"]
        try:
            chosen: Media | None = field.clean(self["kept"].value())
        except ValidationError:
            return None
        return chosen

    def check_finished(self) -> bool:
        """Add an error to every field that WhatsApp would refuse; return whether all is well."""
        super().check_finished()
        for name, problem in composing.value_problems(self.template, self.values).items():
            self.add_error(f"{VALUE}{name}", problem)
        if problem := composing.full_text_problem(self.full_text):
            self.add_error("full_text", problem)
        if too_long := composing.length_problem(self.template, self.values):
            self.add_error(None, too_long)
        if "reason" in self.fields and not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", _("Please say in a few words why this cannot wait."))
        if self.template.header and not self.chosen_media and "upload" not in self.errors:
            kind = self.template.get_header_display()
            self.add_error("upload", _("Please add: %(kind)s.") % {"kind": kind})
        if self.template.header == HeaderKind.IMAGE and not self.cleaned_data.get("alt"):
            self.add_error("alt", _("Please say it in a sentence, for those who cannot see it."))
        return not self.errors


def _full_text_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Full text"),
        required=False,
        help_text=gettext_lazy(
            "Comes after a tap on “Jetzt lesen”; empty: no button. Line breaks and links are "
            "welcome, and as in WhatsApp *bold*, _italic_, ~struck out~, `typewriter`. A line that "
            "begins with “- ” or “1. ” is part of a list, with “> ” a quotation."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "aria-describedby": "hint-full_text"}),
    )


def initial(
    *,
    values: Mapping[str, str],
    media: Media | None,
    broadcast: Broadcast | None,
    now: datetime,
    full_text: str = "",
) -> dict[str, Any]:
    """Return what a form begins with; a time that has passed is not offered again."""
    start: dict[str, Any] = {f"{VALUE}{name}": text for name, text in values.items()}
    start["full_text"] = full_text
    start |= {"kept": media.pk, "alt": media.alt} if media else {}
    if broadcast is None:
        return start
    start["revision"] = broadcast.message.revision
    start["also_at"] = broadcast.message.also_at
    start["corrects"] = broadcast.corrects_id
    start["not_after"] = broadcast.not_after and timezone.localtime(broadcast.not_after)
    if broadcast.due_at and broadcast.due_at > now:
        start |= time_of(broadcast.due_at)
    return start


def time_of(at: datetime) -> dict[str, Any]:
    """Return how the form shows a time that is already chosen."""
    local = timezone.localtime(at)
    return {"when": LATER, "day": local.date(), "time": local.time()}
