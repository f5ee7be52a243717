"""Values that are of one day only: the date of an issue, the end of a contest, an hour.

What a value is for is known by the example of its template: nothing but a date, or an hour. A
copy of an older message must not tell its readers to come last week.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from campaigns.models import MessageTemplate

# Translators: the date of an issue, see Django's date filter
ISSUE_DAY = gettext_lazy("j F")
_OF_TODAY = ("datum", "date")  # names of the value that holds the day of the message itself
_DAYS = (
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "monday tuesday wednesday thursday friday saturday sunday "
    "mo di mi do fr sa so mon tue wed thu fri sat sun "
    "januar februar märz april mai juni juli august september oktober november dezember "
    "january february march may june july october december "
    "jan feb mär mar apr jun jul aug sep sept okt oct nov dez dec "
    "heute morgen übermorgen today tomorrow"
)
_BETWEEN = (
    "am ab bis den dem der um und uhr vom von zum h st nd rd th on at by until till from to the "
    "and of am pm noon mittag"
)
_CALENDAR, _KNOWN = frozenset(_DAYS.split()), frozenset(f"{_DAYS} {_BETWEEN}".split())
_FIGURES = re.compile(r"\b\d{1,2}[.:/]\d{1,2}\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2} uhr\b")


def first_values(template: MessageTemplate, *, now: datetime, day: datetime) -> dict[str, str]:
    """Return what a new message begins with: the time and the day, where they are asked.

    `now` is local, as the time is written; `day` is when the message is to leave.
    """
    asked = [value["name"] for value in template.values if value.get("begins_with") == "time"]
    today = [name for name in _dates(template) if name in _OF_TODAY]
    return dict.fromkeys(asked, f"{now:%H.%M}") | dict.fromkeys(today, day_of(template, day))


def lasting(template: MessageTemplate, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of an older message that are not of its own day."""
    passed = set(_dates(template))
    return {name: text for name, text in values.items() if name not in passed}


def day_of(template: MessageTemplate, at: datetime) -> str:
    """Write a day (local) in the language of the template: its readers', not the desk's."""
    with translation.override(template.language):
        return date_format(at, str(ISSUE_DAY))


def is_date(text: str) -> bool:
    """Tell whether a text is a date or an hour and nothing else: “Freitag, 4. Dezember, 15 Uhr”."""
    told = text.casefold()
    words = re.findall(r"[^\W\d_]+", told)
    has_one = bool(_FIGURES.search(told)) or not _CALENDAR.isdisjoint(words)
    return has_one and _KNOWN.issuperset(words)


def _dates(template: MessageTemplate) -> Iterator[str]:
    return (value["name"] for value in template.values if is_date(value.get("example", "")))
