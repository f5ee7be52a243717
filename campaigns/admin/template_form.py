"""Writing a template: the form, and what the phone shows of it while somebody types."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import composing, cost, template_writing
from campaigns.admin import bubble, template_asking
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs, show, taken_in
from campaigns.models import Category, MessageTemplate
from campaigns.models.media import HeaderKind
from campaigns.template_writing import NotPossible, Words
from campaigns.templatetags.desk import euros

PAGE = "admin:campaigns_messagetemplate_change"
SUBMIT = "submit"
MOST = 30  # placeholders with fields; a text of 1,024 characters has no room for more
NEW_BODY = gettext_lazy("*Good to know:* {{text}}\n\nYour editorial team")
Purpose = MessageTemplate.Purpose


@dataclass(frozen=True, slots=True)
class Line:
    """A field, and what is wrong there."""

    field: forms.BoundField
    problem: str


class TemplateForm(forms.Form):
    """A template. For every placeholder of the text there are a field for its name on the form
    of messages and one for an example."""

    meant_for = forms.ModelChoiceField(
        Category.objects.filter(is_archived=False).order_by("position"),
        label=gettext_lazy("For the category"),
        required=False,
        empty_label=gettext_lazy("none yet; it stands ready"),
        help_text=gettext_lazy(
            "The category goes on with its present template until WhatsApp has approved this one "
            "and IT exchanges them."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        help_text=gettext_lazy("Only WhatsApp and this desk see it. Small letters, digits, _"),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("de", gettext_lazy("German")), ("en", gettext_lazy("English"))],
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("WhatsApp category"),
        choices=[
            (Purpose.UTILITY, gettext_lazy("utility: concrete and expected, no advertising")),
            (Purpose.MARKETING, gettext_lazy("marketing: everything else")),
        ],
        help_text=gettext_lazy(
            "WhatsApp decides. What is vague or advertises becomes marketing, which costs more."
        ),
    )
    header = forms.ChoiceField(
        label=gettext_lazy("Above the text"),
        required=False,
        choices=[("", gettext_lazy("nothing")), *HeaderKind.choices],
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy(
            "What changes stands in double braces: {{text}}. WhatsApp refuses placeholders at the "
            "beginning, at the end or side by side, and a text that is hardly more than "
            "placeholders. No line breaks inside a placeholder later on."
        ),
    )
    footer = forms.CharField(
        label=gettext_lazy("Footer"),
        required=False,
        help_text=gettext_lazy("Up to 60 characters, no placeholder. Ours says how to leave."),
    )
    has_full_text = forms.BooleanField(
        label=gettext_lazy("with the button “Jetzt lesen” for a full text"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add two fields for every placeholder of the text."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, field in self.fields.items():
            if name != "has_full_text":
                field.widget.attrs["aria-describedby"] = f"hint-{name}"
        for name in self.names[:MOST]:
            words = {"name": name}
            for kind, label in (("label", _("{{%(name)s}} is called")), ("example", _("Example"))):
                widget = forms.TextInput(attrs={"aria-describedby": f"hint-{kind}-{name}"})
                self.fields[f"{kind}-{name}"] = forms.CharField(
                    label=label % words, required=False, widget=widget
                )

    @property
    def names(self) -> list[str]:
        """The placeholders of the text as far as it has been typed."""
        found = template_writing.names(self._typed("body"))
        return [name for name in found if not name.isdigit()]

    @property
    def words(self) -> Words:
        """What has been typed, whether or not it is finished."""
        return Words(
            **{name: self._typed(name) for name in ("name", "language", "purpose", "header")},
            body=self._typed("body"),
            footer=self._typed("footer"),
            values=[
                {
                    "name": name,
                    "label_de": self._typed(f"label-{name}"),
                    "label_en": self._typed(f"label-{name}"),
                    "example": self._typed(f"example-{name}"),
                }
                for name in template_writing.names(self._typed("body"))
            ],
            has_full_text=bool(self["has_full_text"].value()),
        )

    def lines(self, *names: str, problems: dict[str, str]) -> list[Line]:
        """Return fields with what is wrong there. Nobody is scolded, before the end, for what
        they have not written yet."""
        found = []
        for name in names:
            field = self[name]
            live = problems.get(name, "") if field.value() else ""
            found.append(Line(field, str(field.errors[0]) if field.errors else live))
        return found

    def check_finished(self, problems: dict[str, str]) -> bool:
        """Add an error to every field that WhatsApp would refuse; return whether all is well."""
        for name, problem in problems.items():
            self.add_error(name if name in self.fields else "body", problem)
        return not self.errors

    def _typed(self, name: str) -> str:
        if name not in self.fields:  # of the placeholders, while the fields are being made
            given = self.data if self.is_bound else self.initial
            return str(given.get(name) or "").strip()
        return str(self[name].value() or "").replace("\r\n", "\n").strip()


def initial(template: MessageTemplate) -> dict[str, Any]:
    """Return what the form begins with for the words of a template."""
    start: dict[str, Any] = {
        name: getattr(template, name)
        for name in ("name", "language", "purpose", "header", "body", "footer")
    }
    start |= {"meant_for": template.meant_for_id, "has_full_text": bool(template.buttons)}
    for value in template.values:
        start[f"label-{value['name']}"] = value.get("label_de", "")
        start[f"example-{value['name']}"] = value["example"]
    return start


@needs("campaigns.add_messagetemplate")
def add(request: HttpRequest) -> HttpResponse:
    """Write a template, new or with the words of another one (?copy=ID)."""
    if request.method == "POST":
        return _take(request, None)
    return _page(request, TemplateForm(initial=_copied(request)), None)


@needs("campaigns.add_messagetemplate")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on writing a template that nobody has submitted."""
    template = get_object_or_404(MessageTemplate, pk=pk)
    if not template_writing.is_changeable(template):
        messages.error(request, _("It can no longer be changed. Please write it anew."))
        return redirect(PAGE, pk)
    if request.method == "POST":
        return _take(request, template)
    return _page(request, TemplateForm(initial=initial(template)), template)


@needs("campaigns.add_messagetemplate")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Answer somebody who is typing: the bubble, and a word at each field. Keeps nothing."""
    form = TemplateForm(request.POST)
    pk = request.POST.get("pk", "")
    context = _shown(form, pk=int(pk) if pk.isdecimal() else None)
    # The fields of placeholders are sent anew only when they are others: somebody types there.
    is_new = request.POST.get("known", "") != context["known"]
    return show(request, "desk/template_preview.html", **context, is_live=True, is_new=is_new)


def _take(request: HttpRequest, template: MessageTemplate | None) -> HttpResponse:
    form = TemplateForm(request.POST)
    problems = template_writing.problems(form.words, pk=template.pk if template else None)
    is_valid = form.is_valid()
    if not (form.check_finished(problems) and is_valid):
        return _page(request, form, template)
    try:
        kept = template_writing.write(
            form.words,
            meant_for=form.cleaned_data["meant_for"],
            by=user_of(request),
            now=timezone.now(),
            template=template,
        )
    except NotPossible as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, template)
    if request.POST.get("action") == SUBMIT and request.user.has_perm(
        "campaigns.sync_messagetemplate"
    ):
        taken_in(request, _("Saved."))
        template_asking.submit(request, kept)
    else:
        taken_in(request, _("Saved. WhatsApp does not know it yet."))
    return redirect(PAGE, kept.pk)


def _page(
    request: HttpRequest, form: TemplateForm, template: MessageTemplate | None
) -> HttpResponse:
    pk = template.pk if template else None
    title = str(template) if template else _("New template")
    context = _shown(form, pk=pk)
    return show(request, "desk/template_form.html", title=title, ours=template, pk=pk, **context)


def _shown(form: TemplateForm, *, pk: int | None) -> dict[str, Any]:
    """Return what both the page and the answers while typing show."""
    words = form.words
    problems = template_writing.problems(words, pk=pk) if form.is_bound else {}
    shown = MessageTemplate(**words.fields())
    for value in shown.values:  # a placeholder that has no label yet shows its name
        value["label_de"] = value["label_en"] = value["label_de"] or value["name"]
    examples = {value["name"]: value["example"] for value in words.values}
    prices = cost.rate_card().on(timezone.localdate())
    return {
        "form": form,
        "kind_lines": form.lines(
            "meant_for", "name", "language", "purpose", "header", problems=problems
        ),
        "text_lines": form.lines("body", "footer", problems=problems),
        "value_lines": list(_value_lines(form, problems)),
        "known": " ".join(form.names[:MOST]),
        "bubble": bubble.of_values(shown, examples, media=None),
        "room_left": composing.room_left(shown, examples),
        "price": euros(prices.get(words.purpose, cost.NOTHING), places=4),
        "purpose": shown.get_purpose_display(),
    }


def _value_lines(form: TemplateForm, problems: dict[str, str]) -> Iterator[list[Line]]:
    for name in form.names[:MOST]:
        yield form.lines(f"label-{name}", f"example-{name}", problems=problems)


def _copied(request: HttpRequest) -> dict[str, Any]:
    wanted = request.GET.get("copy", "")
    if not wanted.isdecimal():
        return {
            "name": "",
            "language": "de",
            "purpose": Purpose.UTILITY,
            "body": str(NEW_BODY),
            "footer": "Abmelden: STOP",
        }
    older = get_object_or_404(MessageTemplate, pk=int(wanted))
    using = Category.objects.filter(template=older) | Category.objects.filter(
        reading_template=older
    )
    category = older.meant_for or using.first()
    name = template_writing.free_name(older)
    return initial(older) | {"name": name, "meant_for": category.pk if category else None}
