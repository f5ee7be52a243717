"""Writing a template at the desk: what Meta would refuse, said before Meta is asked.

A template that nobody has submitted may be changed and thrown away. What is approved takes the
place of a category's old template by an act of its own: what is already written keeps its words.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import template_history
from campaigns.composing import READ, READ_BUTTON, sentence
from campaigns.models import Category, MessageTemplate, TemplateEvent
from whatsapp import template_drafts
from whatsapp.limits import InvalidPayload
from whatsapp.remote import RemoteTemplate
from whatsapp.template_drafts import MediaHeader, TemplateDraft, placeholders

Status = MessageTemplate.Status
What = TemplateEvent.What
WORDS = ("name", "language", "purpose", "header", "body", "footer", "values", "buttons")


TOO_LATE = gettext_lazy("It is submitted, or came with this release, and can no longer be changed.")
# What is special about the parts of a template; all else is said as in any message.
_RULES: Mapping[tuple[str, str], Promise] = {
    ("name", "malformed"): gettext_lazy(
        "Only small letters a to z, digits and underscores, for example: baustelle_info"
    ),
    ("body", "edge"): gettext_lazy(
        "WhatsApp refuses a text that begins or ends with a placeholder. Please put some words "
        "before or after it."
    ),
    ("body", "adjacent"): gettext_lazy("There must be words between two placeholders."),
    ("body", "malformed"): gettext_lazy(
        "A brace is wrong. Placeholders are written like this: {{text}}, small and without blanks."
    ),
    ("body", "duplicate"): gettext_lazy("A placeholder may stand in the text only once."),
    ("footer", "not_allowed"): gettext_lazy("No placeholder is possible in the footer."),
}


class NotPossible(Exception):
    """It cannot be done; the text says why, in the reader's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What somebody writes. `values` as in MessageTemplate."""

    name: str
    language: str
    purpose: str
    header: str
    body: str
    footer: str
    values: list[dict[str, str]]
    has_full_text: bool  # it announces one: with the button that brings it

    def fields(self) -> dict[str, Any]:
        """Return them as columns of a MessageTemplate."""
        rest = {name: getattr(self, name) for name in WORDS if name != "buttons"}
        return rest | {"buttons": [READ_BUTTON] if self.has_full_text else []}


def names(body: str) -> list[str]:
    """Return the placeholders of a text, each once, in the order in which a reader meets them."""
    return list(dict.fromkeys(placeholders(body)))


def problems(words: Words, *, pk: int | None = None) -> dict[str, str]:
    """Return what Meta would refuse, by field, in the reader's language.

    The fields are those of Words, and "example-NAME" and "label-NAME" for each placeholder.
    `pk` is the template that is being changed.
    """
    return {
        field: fault
        for field, fault in {
            **_faults_of_values(words),
            "name": _fault("name", name=words.name) or _name_taken(words, pk=pk),
            "body": _fault_of_body(words) or _body_taken(words, pk=pk),
            "footer": _fault("footer", footer=words.footer),
        }.items()
        if fault
    }


def draft(template: MessageTemplate, *, header: MediaHeader | None) -> TemplateDraft:
    """Return a template as it is submitted. Raises InvalidPayload."""
    return TemplateDraft(
        name=template.name,
        language=template.language,
        category=cast(template_drafts.Category, template.purpose),
        body=template.body,
        examples={value["name"]: value["example"] for value in template.values},
        buttons=tuple(label for _id, label in template.buttons),
        header=header,
        footer=template.footer,
    )


def differs(template: MessageTemplate, row: RemoteTemplate) -> bool:
    """Tell whether Meta has other words than we; blanks at the ends do not count."""
    ours = (template.body.strip(), template.footer.strip(), template.header.upper())
    theirs = (row.body.strip(), row.footer.strip(), row.header_format.upper())
    buttons = tuple(label for _id, label in template.buttons)
    return (*ours, buttons) != (*theirs, row.buttons)


def free_name(older: MessageTemplate) -> str:
    """Return a name for a new template with the words of an older one: x_2, x_3, ..."""
    stem = re.sub(r"_[0-9]{1,3}$", "", older.name)
    taken = set(
        MessageTemplate.objects.filter(name__startswith=stem).values_list("name", flat=True)
    )
    return next(name for n in itertools.count(2) if (name := f"{stem}_{n}") not in taken)


@transaction.atomic
def write(
    words: Words,
    *,
    meant_for: Category | None,
    by: User,
    now: datetime,
    template: MessageTemplate | None = None,
) -> MessageTemplate:
    """Keep a new template, or a changed one that nobody has submitted. Raises NotPossible."""
    if template is None:
        template = MessageTemplate()
    elif not is_changeable(MessageTemplate.objects.select_for_update().get(pk=template.pk)):
        raise NotPossible(str(TOO_LATE))
    for name, value in words.fields().items():
        setattr(template, name, value)
    template.meant_for = meant_for
    template.save()
    template_history.note(template, What.WRITTEN, source=TemplateEvent.Source.DESK, now=now, by=by)
    return template


def is_changeable(template: MessageTemplate) -> bool:
    """Tell whether it was written at the desk and nobody has submitted it."""
    is_ours = template.events.filter(what=What.WRITTEN).exists()
    return template.status == Status.LOCAL and is_ours


@transaction.atomic
def discard(template: MessageTemplate) -> None:
    """Throw away what nobody has submitted and nothing uses. Raises NotPossible."""
    rows = MessageTemplate.objects.select_for_update().filter(pk=template.pk)
    if not is_changeable(rows.get()):
        raise NotPossible(str(TOO_LATE))
    rows.delete()


@transaction.atomic
def put_to_use(template: MessageTemplate, *, by: User, now: datetime) -> Category:
    """Let the category for which a template was written use it from now on.

    A template with the button takes the place of the one with a full text, another the place
    of the one without. Raises NotPossible.
    """
    if template.meant_for_id is None:
        raise NotPossible(_("Please say for which category it is."))
    category = Category.objects.select_for_update(of=("self",)).get(pk=template.meant_for_id)
    place = "reading_template" if _announces(template) else "template"
    if problem := obstacle(template, category):
        raise NotPossible(problem)
    setattr(category, place, template)
    category.save(update_fields=[place])
    template_history.note(
        template,
        What.IN_USE,
        source=TemplateEvent.Source.DESK,
        now=now,
        by=by,
        after=category.pk,
    )
    return category


def obstacle(template: MessageTemplate, category: Category) -> str:
    """Say why a category cannot use a template; "" if it can."""
    if template.status != Status.APPROVED:
        return _("WhatsApp has not approved it yet.")
    if category.is_press_review and not _announces(template):
        return _("A press review has a template for each number of lines; they come together.")
    other = category.template if _announces(template) else category.reading_template
    if other and other.value_names != template.value_names:
        return _(
            "This category has a template with a full text and one without. Both must have the "
            "same placeholders in the same order: %(names)s."
        ) % {"names": ", ".join(other.value_names)}
    return ""


def _announces(template: MessageTemplate) -> bool:
    return any(button == READ for button, _label in template.buttons)


def _faults_of_values(words: Words) -> dict[str, str]:
    found = {}
    for value in words.values:
        name = value["name"]
        if not name.isdigit():  # said at the text
            alone = {"body": f"x {{{{{name}}}}} x", "examples": {name: value["example"]}}
            found[f"example-{name}"] = _fault("example", **alone)
            found[f"label-{name}"] = _fault("label", footer=value["label_de"] or " ")
    return found


def _fault_of_body(words: Words) -> str:
    found = names(words.body)
    if any(name.isdigit() for name in found):
        return _("Please give the placeholders names: {{text}} instead of {{1}}.")
    examples = {value["name"]: value["example"] for value in words.values}
    filled = {name: examples.get(name, "").strip() or "x" for name in found}
    return _fault("body", body=words.body, examples=filled)


def _name_taken(words: Words, *, pk: int | None) -> str:
    if _others(words, pk=pk).filter(name=words.name).exists():
        return _("There is a template of this name. Please choose another one.")
    return ""


def _body_taken(words: Words, *, pk: int | None) -> str:
    """Meta refuses a text and footer that another template has (error page, 2026-09)."""
    alike = _others(words, pk=pk).filter(body=words.body, footer=words.footer)
    if same := alike.exclude(status=Status.DELETED).first():
        return _("“%(name)s” has exactly this text; WhatsApp refuses it twice.") % {
            "name": same.name
        }
    return ""


def _others(words: Words, *, pk: int | None) -> QuerySet[MessageTemplate]:
    rows = MessageTemplate.objects.filter(language=words.language)
    return rows if pk is None else rows.exclude(pk=pk)


def _fault(part: str, **tried: Any) -> str:
    """Try one part in a template that is sound otherwise; return what is wrong, or ""."""
    sound = {"name": "x", "language": "de", "category": "UTILITY", "body": "x"}
    try:
        TemplateDraft(**{**sound, **tried})
    except InvalidPayload as refusal:
        rule = _RULES.get((part, refusal.rule))
        return str(rule) if rule else sentence(refusal)
    return ""
