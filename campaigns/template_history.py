"""The history of templates: every change is written down together with itself.

Whoever changes the status, the category or the quality of a template does it here.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.contrib.auth.models import User
from django.db import transaction

from campaigns.models import MessageTemplate, TemplateEvent

What, Source = TemplateEvent.What, TemplateEvent.Source
NOTED = {What.STATUS: 20, What.PURPOSE: 16, What.QUALITY: 10}  # room for Meta's words
Changes = dict[str, tuple[str, str]]  # what -> before, after


@transaction.atomic
def take_over(
    template: MessageTemplate,
    news: Mapping[str, str],
    *,
    source: TemplateEvent.Source,
    now: datetime,
    quietly: Mapping[str, str | bool | datetime] = MappingProxyType({}),
) -> Changes:
    """Take over `news` (status, purpose, quality), with a line of history for each difference.

    Other columns in `quietly` are taken over without one. Returns what differed. The row is held
    while it is compared, so that a webhook and a comparison at once write no line twice.
    """
    stored = MessageTemplate.objects.select_for_update().get(pk=template.pk)
    fitting = {what: news[what][: NOTED[What(what)]] for what in news}
    changes = {
        what: (getattr(stored, what), word)
        for what, word in fitting.items()
        if word != getattr(stored, what)
    }
    for name, value in {**fitting, **quietly}.items():
        setattr(template, name, value)
    template.save(update_fields=[*fitting, *quietly])
    reason = str(quietly.get("rejected_reason", ""))
    for what, (before, after) in changes.items():
        words = {"before": before, "after": after, "source": source}
        words["reason"] = reason if what == What.STATUS else ""
        TemplateEvent.objects.create(template=template, at=now, what=what, **words)
    return changes


def note(
    template: MessageTemplate,
    what: TemplateEvent.What,
    *,
    source: TemplateEvent.Source,
    now: datetime,
    by: User | None = None,
    before: str = "",
    after: str = "",
) -> None:
    """Write down what is no column of the template, unless that was the last said about it."""
    words = {"before": before[:20], "after": after[:20]}
    last = template.events.filter(what=what).order_by("-at", "-pk").first()
    if last and source != Source.DESK and (last.before, last.after) == tuple(words.values()):
        return
    TemplateEvent.objects.create(
        template=template, at=now, what=what, source=source, by=by, **words
    )


def of(template: MessageTemplate) -> list[TemplateEvent]:
    """Return what became of a template, the newest first."""
    return list(template.events.select_related("by").order_by("-at", "-pk"))


def made_dearer(template: MessageTemplate) -> TemplateEvent | None:
    """Return by what WhatsApp made a utility template marketing, or announced it; None if it
    did not, or took it back."""
    told = template.events.filter(what__in=[What.PURPOSE, What.COMING])
    last = told.order_by("-at", "-pk").first()
    purposes = MessageTemplate.Purpose
    if last and (last.before, last.after) == (purposes.UTILITY, purposes.MARKETING):
        return last
    return None
