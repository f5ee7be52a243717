"""What the works council may want to know, read from the running system and not from a promise.

Which news from WhatsApp is stored and which dropped, that nothing tells about one person, when
messages leave, and who changed any of it last.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from import_export.admin import ExportMixin

from campaigns import statuses
from campaigns.admin import keeping
from campaigns.admin.pages import moment
from campaigns.admin.paper import Document, Part
from campaigns.hours import SendingHours
from campaigns.models import Attempt, Category, Channel, Delivery
from campaigns.states import DeliveryState
from subscribers import admission, environment, threads
from subscribers.models import (
    EnvironmentValue,
    Identity,
    JoinCode,
    Letterbox,
    Processor,
    SubjectKey,
    Subscriber,
)
from subscribers.retention import Rule
from whatsapp import events

OURS = ("subscribers", "campaigns")
ABOUT_ONE_PERSON: tuple[type[Model], ...] = (Subscriber, Identity, SubjectKey, Delivery, Attempt)
# What the desk can switch or set; a change of any of it stands in the log with who made it.
CHANGEABLE: tuple[type[Model], ...] = (Category, Channel, JoinCode, Letterbox, Processor)
LATEST = 8  # changes
# Words that a column for reading habits would have in its name.
HABITS = frozenset({"read", "opened", "click", "clicks", "online", "score", "rank"})

# Every kind of news that we can read; a test fails for one that nobody has judged.
FATES: dict[type, tuple[str, str]] = {
    events.Text: (
        gettext_noop("words that somebody writes"),
        gettext_noop(
            "commands are understood, then erased; a consent, a change or a STOP becomes an event. "
            "Any other reply is stored without names and numbers as far as they are recognised, "
            "for the editors, under an alias"
        ),
    ),
    events.Tap: (
        gettext_noop("a tap on the button of a message"),
        gettext_noop("the act, if it is about the subscription; nothing else"),
    ),
    events.Choice: (
        gettext_noop("a tap on the button of a question"),
        gettext_noop("the act, if it is about the subscription; nothing else"),
    ),
    events.Media: (
        gettext_noop("pictures, voice messages, videos, documents"),
        gettext_noop("dropped; the file is never fetched"),
    ),
    events.Location: (gettext_noop("a place"), gettext_noop("dropped")),
    events.Contacts: (gettext_noop("contact cards"), gettext_noop("dropped")),
    events.Reaction: (gettext_noop("an emoji on a message of ours"), gettext_noop("dropped")),
    events.MessageChange: (
        gettext_noop("that somebody edits or deletes a message"),
        gettext_noop("dropped"),
    ),
    events.IdentityChange: (
        gettext_noop("a new number or WhatsApp id"),
        gettext_noop("the subscription rests until the new number agrees; nothing is inherited"),
    ),
    events.Other: (gettext_noop("messages of other kinds"), gettext_noop("dropped")),
    events.MarketingPreference: (
        gettext_noop("“stop” in WhatsApp’s own settings"),
        gettext_noop("counts as STOP; “resume” begins nothing"),
    ),
    events.PlatformError: (gettext_noop("trouble at WhatsApp"), gettext_noop("dropped")),
    events.Unknown: (gettext_noop("news of kinds we do not know"), gettext_noop("dropped")),
}
# About our number, our account and our templates; nobody is in them.
ABOUT_NOBODY = (
    *(events.TemplateStatus, events.TemplateQuality, events.TemplateComponents),
    *(events.TemplateCategory, events.NumberQuality, events.BusinessCapability),
    *(events.AccountUpdate, events.AccountAlert, events.AccountReview),
    *(events.SecurityNotice, events.NumberName),
)


def document(*, hours: SendingHours, rules: Sequence[Rule], now: datetime) -> Document:
    """Return the page for the works council as things are at this moment."""
    return Document(
        title=_("For the works council: what this system stores, and what it does not"),
        about=_(
            "This page is generated from the running system: its tables, its settings, its pages. "
            "It names nobody and shows no figure about employees."
        ),
        made_at=now,
        parts=[_assurances(), _news(), _switches(), _hours(hours), _kept(rules), _changes()],
    )


def assurances() -> Iterator[tuple[str, bool]]:
    """Return what is promised about single persons, and whether the system as it runs keeps it."""
    columns = {
        field.name
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.concrete_fields
    }
    yield (
        _("No table has a column for reading, opening, clicking or ranking."),
        not any(HABITS.intersection(column.split("_")) for column in columns),
    )
    yield (
        _("WhatsApp’s “read” is stored as “delivered”, like every other arrival."),
        statuses.MEANING["read"] is DeliveryState.DELIVERED and "read" not in DeliveryState.values,
    )
    yield (
        _("No page of the desk shows a subscriber, an address, or what somebody received."),
        not any(admin.site.is_registered(model) for model in ABOUT_ONE_PERSON),
    )
    yield (
        _(
            "Spreadsheets hold figures of months and of broadcasts only: rounded, hidden below 20, "
            "of nobody."
        ),
        not any(_personal_columns()),
    )
    yield (
        _("Nothing is about departments, shifts or working time: no such column exists."),
        not any(word in column for column in columns for word in ("department", "shift", "team")),
    )


def _personal_columns() -> Iterator[set[str]]:
    """Yield what each spreadsheet of the desk holds about a person."""
    for model, page in admin.site._registry.items():
        if isinstance(page, ExportMixin):
            for resource in page.resource_classes:
                yield set(resource.fields) & getattr(model, "personal_fields", frozenset())


def _assurances() -> Part:
    verdicts = {True: _("holds, checked just now"), False: _("DOES NOT HOLD")}
    return Part(
        _("No report about a person"),
        columns=(_("Assurance"), _("Verdict")),
        rows=[(words, verdicts[holds]) for words, holds in assurances()],
    )


def _news() -> Part:
    rows = [(_(what), _(fate)) for what, fate in FATES.values()]
    for word, state in statuses.MEANING.items():
        said = _("status “%(word)s” of a message") % {"word": word}
        rows.append((said, _("as “%(state)s”, for 7 days") % {"state": state.label}))
    n = len(ABOUT_NOBODY)
    about_us = _("news about our number and templates (%(n)s kinds)") % {"n": n}
    rows.append((about_us, _("read for our own settings; nobody is in it")))
    words = _("Names, profile pictures and “last seen” are not even read.")
    return Part(
        _("What WhatsApp tells us, and what becomes of it"),
        (words,),
        (_("News"), _("What becomes of it")),
        rows,
    )


def _hours(hours: SendingHours) -> Part:
    if hours.closes is None:
        usual = _("Sending hours are switched off: messages may leave at any time.")
    else:
        days = ", ".join(str(WEEKDAYS_ABBR[day]) for day in sorted(hours.days))
        usual = _("Messages leave %(days)s from %(opens)s to %(closes)s.") % {
            "days": days,
            "opens": f"{hours.opens:%H:%M}",
            "closes": f"{hours.closes:%H:%M}",
        }
    exceptions = [
        (str(each), _("at any time") if each.ignores_quiet_hours else each.sending_hours)
        for each in Category.objects.filter(is_archived=False).order_by("position")
        if each.ignores_quiet_hours or each.sending_hours
    ]
    words = (usual, _set_by_it())
    return Part(_("When messages leave"), words, (_("Category"), _("Exception")), exceptions)


def _set_by_it() -> str:
    """Say honestly that no log names whoever changes the environment, and since when it counts."""
    words = _(
        "These hours are set by IT on the server (QUIET_HOURS). No page of the desk changes them, "
        "so no log of ours names who did."
    )
    if since := environment.since("QUIET_HOURS"):
        words += " " + _("They were first seen like this on %(when)s.") % {"when": moment(since)}
    return words


def _switches() -> Part:
    """Say how the switches stand that concern everybody."""
    kept = _("kept under an alias for %(days)s days at most, read by the editors") % {
        "days": threads.KEEP_AT_MOST.days
    }
    discarded = _("discarded, nothing of them is stored")
    asked, open_to_all = _("asked for, the same for everybody"), _("not asked for")
    return Part(
        _("What can be switched"),
        columns=(_("Switch"), _("Stands at")),
        rows=[
            (_("Replies of subscribers"), discarded if threads.is_discarding() else kept),
            (_("Join code"), asked if admission.is_required() else open_to_all),
        ],
    )


def _kept(rules: Sequence[Rule]) -> Part:
    return Part(
        _("How long what is kept"),
        columns=(_("Class of data"), _("Kept for"), _("Reason")),
        rows=[keeping.described(rule) for rule in rules],
    )


def _changes() -> Part:
    """Say who changed settings last, and when a release changed a table."""
    kinds = ContentType.objects.get_for_models(*CHANGEABLE).values()
    entries = LogEntry.objects.filter(content_type__in=kinds).select_related("user")
    found = [
        (one.action_time, one.user.get_username(), _words(one))
        for one in entries.order_by("-action_time")[:LATEST]
    ]
    found += [
        (one.since, _("IT, on the server"), str(one))
        for one in EnvironmentValue.objects.order_by("-since")[:LATEST]
    ]
    newest_first = sorted(found, key=lambda one: one[0], reverse=True)[:LATEST]
    rows = [(moment(at), who, what) for at, who, what in newest_first]
    words = [_("Nobody has changed anything during the last 12 months.")] if not rows else []
    migrations = MigrationRecorder.Migration.objects.filter(app__in=OURS)
    if newest := migrations.order_by("-applied").first():
        said = _("Tables were last changed by a release of the software, on %(when)s.")
        words.append(said % {"when": moment(newest.applied)})
    return Part(_("Last changes"), words, (_("When"), _("Who"), _("What")), rows)


def _words(entry: LogEntry) -> str:
    return f"{entry.object_repr}: {entry.get_change_message()}"
