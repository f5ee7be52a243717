"""How a template stands at WhatsApp, in words: its state, its price, its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import alarms, cost, template_history
from campaigns.admin import figures
from campaigns.admin.pages import moment
from campaigns.models import Alarm, Category, MessageTemplate, TemplateEvent
from campaigns.templatetags.desk import euros
from subscribers.models import Tier

What = TemplateEvent.What
NOTICE = timedelta(hours=24)  # between Meta's announcement and the new category
QUALITIES: Mapping[str, Promise] = {
    "GREEN": gettext_lazy("high"),
    "YELLOW": gettext_lazy("moderate"),
    "RED": gettext_lazy("low: WhatsApp pauses it if this goes on"),
    "UNKNOWN": gettext_lazy("not known yet"),
}
# Meta's reasons for a rejection (template reference, 2026-09), and what to do.
REJECTIONS: Mapping[str, Promise] = {
    "ABUSIVE_CONTENT": gettext_lazy("WhatsApp finds the text abusive. Please choose other words."),
    "INCORRECT_CATEGORY": gettext_lazy(
        "WhatsApp finds that this is no utility text. Please write it more concretely, or submit "
        "it as marketing."
    ),
    "INVALID_FORMAT": gettext_lazy(
        "Something is wrong with the form: often a placeholder without enough words around it."
    ),
    "PROMOTIONAL": gettext_lazy("WhatsApp finds it promotional. Please submit it as marketing."),
    "SCAM": gettext_lazy("WhatsApp takes it for fraud. Please say clearly who writes, and why."),
    "TAG_CONTENT_MISMATCH": gettext_lazy(
        "Text and language or category do not belong together. Please check both."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history, as the page shows it."""

    at: datetime
    words: str
    who: str


@dataclass(frozen=True, slots=True)
class Dearer:
    """WhatsApp made a template marketing: since or from when, and what that costs."""

    words: str
    costs: list[str]


def badge(template: MessageTemplate) -> SafeString:
    """Show Meta's word on it in colour; for what is deleted the day, for a rejection the reason."""
    known = template.status in MessageTemplate.Status.values
    kind = template.status.lower() if known else "unknown"
    shown = format_html(
        '<span class="badge badge-{}">{}</span>', kind, template.get_status_display()
    )
    gone_at = getattr(template, "gone_at", None)
    if template.status == MessageTemplate.Status.DELETED and gone_at:
        return format_html('{} <span class="quiet">{}</span>', shown, moment(gone_at))
    if not template.rejected_reason or template.status == MessageTemplate.Status.APPROVED:
        return shown
    return format_html('{} <span class="quiet">{}</span>', shown, template.rejected_reason)


def quality(template: MessageTemplate) -> str:
    """Say the quality in the reader's language; Meta's own word for one that we do not know."""
    return _quality(template.quality)


def rejection(template: MessageTemplate) -> str:
    """Say why WhatsApp rejected it and what to do; "" if it did not."""
    if template.status != MessageTemplate.Status.REJECTED:
        return ""
    known = REJECTIONS.get(template.rejected_reason.partition(",")[0])
    return str(known or _("WhatsApp gives no reason that we know."))


def history(template: MessageTemplate) -> list[Line]:
    """Return what became of it, the newest first."""
    found = template_history.of(template)
    slugs = [event.after for event in found if event.what == What.IN_USE]
    categories = {each.pk: str(each) for each in Category.objects.filter(pk__in=slugs)}
    return [Line(event.at, _words(event, categories), _who(event)) for event in found]


def dearer(template: MessageTemplate, *, now: datetime) -> Dearer | None:
    """Say that WhatsApp made it marketing, and the difference in cost; None if it did not."""
    event = template_history.made_dearer(template)
    if event is None:
        return None
    return Dearer(_since(event, now=now), [_each(now.date()), *_for_categories(template, now=now)])


def warnings(*, now: datetime, most: int) -> list[tuple[str, str]]:
    """Return a sentence and an address for each template that became dearer and that nobody has
    acknowledged, the newest first."""
    rows = Alarm.objects.filter(kind=Alarm.Kind.DEARER, cleared_at__isnull=True)
    subjects = rows.order_by("-raised_at", "-pk").values_list("subject", flat=True)[:most]
    pks = [int(subject.removeprefix(f"{alarms.TEMPLATE} ")) for subject in subjects]
    found = MessageTemplate.objects.in_bulk(pks)
    return [
        (
            _("WhatsApp counts the template “%(name)s” as marketing. %(cost)s")
            % {"name": found[pk].name, "cost": _each(now.date())},
            reverse("admin:campaigns_messagetemplate_change", args=[pk]),
        )
        for pk in pks
        if pk in found
    ]


def _since(event: TemplateEvent, *, now: datetime) -> str:
    if event.what == What.COMING and event.at + NOTICE > now:
        return _("WhatsApp will count this template as marketing from %(when)s.") % {
            "when": moment(event.at + NOTICE)
        }
    since = event.at + (NOTICE if event.what == What.COMING else timedelta())
    return _("WhatsApp has counted this template as marketing since %(when)s.") % {
        "when": moment(since)
    }


def _each(on: date) -> str:
    """Say what one message costs more."""
    rise = cost.rise(people=1, on=on)
    return _("A message costs %(after)s instead of %(before)s.") % {
        "after": euros(rise.after.each, places=4),
        "before": euros(rise.before.each, places=4),
    }


def _for_categories(template: MessageTemplate, *, now: datetime) -> list[str]:
    """Say what a broadcast of each category that uses it costs more."""
    said: list[str] = []
    count = figures.last_count(now=now)
    if count.month is None:
        return said
    for category in used_by(template):
        tiers = Tier.objects.including(category.tier).values_list("pk", flat=True)
        more = cost.rise(people=count.of(tiers).people or 0, on=now.date()).more
        if more is None:
            few = _("A broadcast of “%(category)s” reaches too few to tell.")
            said.append(few % {"category": category})
        else:
            words = {"category": category, "more": euros(more)}
            said.append(_("A broadcast of “%(category)s” costs about %(more)s more.") % words)
    return said


def used_by(template: MessageTemplate) -> list[Category]:
    """Return the categories in use that send by it."""
    rows = Category.objects.filter(is_archived=False).select_related("tier")
    using = Q(template=template) | Q(reading_template=template)
    if template.variant_of_id:
        using |= Q(template=template.variant_of_id)
    return list(rows.filter(using).order_by("position"))


def _quality(word: str) -> str:
    return str(QUALITIES.get(word, word.lower()))


def _words(event: TemplateEvent, categories: Mapping[str, str]) -> str:
    before, after = (_meaning(event, word) for word in (event.before, event.after))
    match event.what:
        case What.STATUS | What.PURPOSE | What.QUALITY:
            change = f"{before} → {after}" if before else after
            said = f"{event.get_what_display()}: {change}"
            return f"{said} ({event.reason})" if event.reason not in ("", "NONE") else said
        case What.COMING:
            return _("announced for the next day: %(category)s") % {"category": after}
        case What.WORDS:
            return _("WhatsApp has another text than this page")
        case What.IN_USE:
            name = categories.get(event.after, event.after)
            return _("in use for “%(category)s” from here on") % {"category": name}
    return event.get_what_display()


def _meaning(event: TemplateEvent, word: str) -> str:
    if event.what == What.QUALITY:
        return _quality(word)
    choices = MessageTemplate.Status if event.what == What.STATUS else MessageTemplate.Purpose
    return str(choices(word).label) if word in choices.values else word


def _who(event: TemplateEvent) -> str:
    by = event.by
    return (by.get_full_name() or by.get_username()) if by else event.get_source_display()
