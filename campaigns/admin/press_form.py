"""The form of a press review: its lines in their order, its date, its time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import composing, headlines, press
from campaigns.admin.forms import VALUE, WritingForm
from campaigns.headlines import Line, Repeat
from campaigns.models import Category, MessageTemplate

ADD, TAKE, DROP, UP, DOWN, SHOW = "add", "take", "drop", "up", "down", "show"
KEY, PASTED = "key", "pasted"  # fields that no other form has: the lines, in their order
_ROWS_MAX = 40  # lines that a form is read for; the rest of it is somebody else's mischief


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line as the page shows it. `key` names its fields, wherever it is moved to."""

    key: int
    line: Line
    problem: str = ""  # what WhatsApp or a reader would not understand
    warning: str = ""  # what may be meant so

    @property
    def host(self) -> str:
        """Where its link leads, in short."""
        return headlines.site(self.line.link) if self.line.link else ""


class PressForm(WritingForm):
    """A press review of one category. Unfinished ones are valid; `check_finished` asks for all.

    The lines are not fields of Django's: they come and go, and their order is that of the page.
    """

    has_text = forms.BooleanField(
        label=gettext_lazy("All lines with their links, after a tap on “Jetzt lesen”"),
        required=False,
        help_text=gettext_lazy("The message itself then names the first ones only."),
    )
    pasted = forms.CharField(
        label=gettext_lazy("Paste links or lines"),
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 3, "aria-describedby": "hint-pasted", "autofocus": True}
        ),
    )

    def __init__(self, *args: Any, category: Category, lines: list[Line], **kwargs: Any) -> None:
        """Take the lines, and add a field for every value that is not one of them."""
        super().__init__(*args, category=category, **kwargs)
        self.category, self.lines = category, lines
        if not category.has_full_text:
            del self.fields["has_text"]
        labels = composing.labels(category.template)
        for name in press.other_names(category.template):
            self.fields[f"{VALUE}{name}"] = forms.CharField(label=labels[name], required=False)

    @property
    def others(self) -> dict[str, str]:
        """What has been typed besides the lines, by value name."""
        names = press.other_names(self.category.template)
        return {
            name: headlines.cleaned(str(self[f"{VALUE}{name}"].value() or "")) for name in names
        }

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """The fields besides the lines, in the order of the template."""
        return [self[f"{VALUE}{name}"] for name in press.other_names(self.category.template)]

    @property
    def full_text(self) -> str:
        """The list with its links, if it goes along; else nothing."""
        wanted = "has_text" in self.fields and self["has_text"].value()
        return headlines.listed(self.lines) if wanted else ""

    @property
    def template(self) -> MessageTemplate:
        """The template with room for these lines; the largest one if there are too many.

        With a full text it is the one that announces it, by the first lines.
        """
        if self.full_text:
            return self.category.template_for(full_text=self.full_text)
        most = press.most_lines(self.category)
        return press.template_for(self.category, lines=min(len(self.lines), most))

    @property
    def values(self) -> dict[str, str]:
        """What the template is filled with."""
        template = self.template
        fitting = self.lines[: len(press.line_names(template))]
        return press.values(template, fitting, others=self.others)

    def check_lines(self) -> bool:
        """Add an error if there are more lines than any template holds; return whether not."""
        most = press.most_lines(self.category)
        if len(self.lines) > most:
            words = {"most": most, "n": len(self.lines)}
            self.add_error(None, _("At most %(most)s lines, please: these are %(n)s.") % words)
        return not self.errors

    def check_finished(self) -> bool:
        """Add an error for everything that WhatsApp would refuse; return whether all is well."""
        super().check_finished()
        self.check_lines()
        if not self.lines:
            self.add_error(None, _("There is no line yet. Please collect some above."))
            return False
        for field in self.other_fields:
            if not self.others[field.name.removeprefix(VALUE)]:
                self.add_error(field.name, _("Please fill this in."))
        if any(line.has_no_title for line in self.lines):
            self.add_error(None, _("A line has no title yet."))
        least = len(press.line_names(self.template))
        if self.full_text and len(self.lines) < least:
            words = {"n": least}
            self.add_error("has_text", _("This needs at least %(n)s lines.") % words)
        for problem in (
            composing.length_problem(self.template, self.values),
            composing.full_text_problem(self.full_text),
        ):
            if problem:
                self.add_error(None, problem)
        return not self.errors


def lines_in(data: QueryDict) -> dict[int, Line]:
    """Return the lines of a posted form by key, in the order of the page."""
    return {
        key: Line(
            text=headlines.cleaned(data.get(f"text-{key}", "")),
            link=headlines.cleaned_link(data.get(f"link-{key}", "")),
            has_paywall=f"paywall-{key}" in data,
        )
        for key in _keys(data)
    }


def names_of_lines(data: QueryDict) -> set[str]:
    """Return the names of the fields that hold the lines of a posted form."""
    parts = ("text", "link", "paywall")
    return {KEY} | {f"{part}-{key}" for key in _keys(data) for part in parts}


def moved(lines: dict[int, Line], *, key: int, by: int) -> dict[int, Line]:
    """Return the lines with one of them further up (-1) or down (1)."""
    order = list(lines)
    if key not in lines:
        return lines
    at = order.index(key)
    order.insert(max(0, at + by), order.pop(at))
    return {one: lines[one] for one in order}


def joined(lines: dict[int, Line], more: Iterable[Line]) -> dict[int, Line]:
    """Return the lines with some more below them."""
    free = max(lines, default=0) + 1
    return {**lines, **dict(enumerate(more, start=free))}


def rows(lines: dict[int, Line], *, before: list[Line]) -> list[Row]:
    """Return the lines as the page shows them, each with what is to be said about it."""
    shown = list(lines.values())
    repeats = headlines.repeats(shown, before=before)
    return [
        Row(key=key, line=line, problem=_problem(line), warning=_warning(repeat))
        for (key, line), repeat in zip(lines.items(), repeats, strict=True)
    ]


def _keys(data: QueryDict) -> list[int]:
    return [int(key) for key in data.getlist(KEY)[:_ROWS_MAX] if key.isdecimal()]


def _problem(line: Line) -> str:
    if line.has_no_title or (line.link and not line.text):
        return _("The title is missing. Please write it behind the source.")
    return ""


def _warning(repeat: Repeat | None) -> str:
    match repeat:
        case Repeat.HERE:
            return _("The same news stands further up already.")
        case Repeat.BEFORE:
            return _("This was in one of the last issues.")
        case None:
            return ""
