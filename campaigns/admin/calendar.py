"""The plan as a calendar: what leaves on which day, what is still empty, when it is quiet."""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns import lateness, series, slots
from campaigns.hours import SendingHours
from campaigns.models import Broadcast, Slot
from campaigns.states import BroadcastState
from campaigns.templatetags.desk import writing_url

ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)
LIST_DAYS = 28  # as far as the places of the series are written
MOST = 200  # broadcasts shown at once; a busy month has sixty
EARLY, LATE = 6, 20  # hours that a week always shows
# Translators: how days and months are written in the calendar, see Django's date filter
DAY, MONTH = gettext_lazy("l, j F"), gettext_lazy("F Y")
NEAR = gettext_lazy("D, j M, H:i")


class Look(StrEnum):
    """The three ways to look at the plan."""

    MONTH = "month"
    WEEK = "week"
    LIST = "list"


LOOKS: Mapping[Look, Promise] = {
    Look.MONTH: gettext_lazy("Month"),
    Look.WEEK: gettext_lazy("Week"),
    Look.LIST: gettext_lazy("List"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that are shown, and the days by which one turns the page."""

    look: Look
    day: date  # the day that was asked for
    first: date
    end: date  # not shown any more
    earlier: date
    later: date
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something in the plan: a broadcast, or a place that nobody has filled."""

    key: str  # unique on the page
    at: datetime  # local time
    title: str
    category: str
    look: str  # class of its badge
    state: str
    url: str
    until: str  # "", or until when it is of use
    pk: int | None = None  # of a broadcast that can be moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour of a day, in the look of a week."""

    day: date
    hour: int
    is_quiet: bool
    entries: list[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day with everything that is planned for it."""

    day: date
    title: str
    holiday: str
    is_quiet: bool  # all day long
    is_today: bool
    is_outside: bool  # of another month
    entries: list[Entry] = field(default_factory=list)


def span(look: Look, day: date) -> Span:
    """Return the days around a day that one look shows."""
    if look == Look.MONTH:
        return _month(day)
    first = day - day.weekday() * ONE_DAY if look == Look.WEEK else day
    length = ONE_WEEK if look == Look.WEEK else LIST_DAYS * ONE_DAY
    last = first + length - ONE_DAY
    return Span(
        look=look,
        day=day,
        first=first,
        end=first + length,
        earlier=day - length,
        later=day + length,
        title=f"{date_format(first, 'DATE_FORMAT')} – {date_format(last, 'DATE_FORMAT')}",
    )


def _month(day: date) -> Span:
    first = day.replace(day=1)
    later = (first + 31 * ONE_DAY).replace(day=1)
    start = first - first.weekday() * ONE_DAY
    weeks = len(calendar.monthcalendar(day.year, day.month))
    return Span(
        look=Look.MONTH,
        day=day,
        first=start,
        end=start + weeks * ONE_WEEK,
        earlier=(first - ONE_DAY).replace(day=1),
        later=later,
        title=date_format(first, str(MONTH)),
    )


def days(
    shown: Span, *, hours: SendingHours, can_move: bool, can_write: bool, now: datetime
) -> list[Day]:
    """Return the days of a span in their order, each with what is planned for it."""
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries(shown, can_move=can_move, can_write=can_write, now=now):
        by_day[entry.at.date()].append(entry)
    today = timezone.localdate(now)
    language = "de" if (get_language() or "de").startswith("de") else "en_US"
    count = (shown.end - shown.first).days
    return [
        Day(
            day=day,
            title=date_format(day, str(DAY)),
            holiday=slots.holiday(day, language=language),
            is_quiet=not hours.are_off and day.weekday() not in hours.days,
            is_today=day == today,
            is_outside=shown.look == Look.MONTH and day.month != shown.day.month,
            entries=by_day[day],
        )
        for day in (shown.first + n * ONE_DAY for n in range(count))
    ]


def weeks(shown: Sequence[Day]) -> list[Sequence[Day]]:
    """Return the days of a month as rows of seven."""
    return [shown[n : n + 7] for n in range(0, len(shown), 7)]


def week_by_hours(week: Sequence[Day], *, hours: SendingHours) -> list[list[Hour]]:
    """Return a week as rows of hours, from morning to evening or as far as it needs."""
    used = [entry.at.hour for day in week for entry in day.entries]
    return [
        [
            Hour(
                day=day.day,
                hour=hour,
                is_quiet=not hours.are_open(
                    slots.moment(day.day, time(hour), zone=hours.zone)  # as the clock shows it
                ),
                entries=[entry for entry in day.entries if entry.at.hour == hour],
            )
            for day in week
        ]
        for hour in range(min([EARLY, *used]), max([LATE, *used]) + 1)
    ]


def entries(shown: Span, *, can_move: bool, can_write: bool, now: datetime) -> list[Entry]:
    """Return broadcasts and empty places of a span in the order of their times."""
    start, end = (_midnight(day) for day in (shown.first, shown.end))
    planned = Broadcast.objects.with_message().filter(due_at__gte=start, due_at__lt=end)
    planned = planned.exclude(state=BroadcastState.CANCELLED).order_by("due_at", "pk")[:MOST]
    found = [_of_broadcast(broadcast, can_move=can_move) for broadcast in planned]
    found += _of_slots(start, end, can_write=can_write, now=now)
    return sorted(found, key=lambda entry: entry.at)


def _of_broadcast(broadcast: Broadcast, *, can_move: bool) -> Entry:
    at = timezone.localtime(broadcast.due_at)
    until = broadcast.expires_at or lateness.times(broadcast, at)["expires_at"]
    is_movable = can_move and broadcast.state == BroadcastState.SCHEDULED
    return Entry(
        key=f"broadcast-{broadcast.pk}",
        at=at,
        title=broadcast.message.headline or _("(nothing written yet)"),
        category=str(broadcast.message.category),
        look=broadcast.state,
        state=broadcast.get_state_display(),
        url=reverse("admin:campaigns_broadcast_change", args=[broadcast.pk]),
        until="" if broadcast.closed_at else _near(until, at),
        pk=broadcast.pk if is_movable else None,
    )


def _of_slots(start: datetime, end: datetime, *, can_write: bool, now: datetime) -> Iterable[Entry]:
    filled = Broadcast.objects.filter(slot=OuterRef("pk")).exclude(state=BroadcastState.CANCELLED)
    rows = Slot.objects.filter(~Exists(filled), due_at__gte=start, due_at__lt=end)
    wanting = set(series.wanting(now=now).values_list("pk", flat=True))
    for slot in rows.select_related("series__category").order_by("due_at", "pk")[:MOST]:
        is_over = slot.missed_at is not None or slot.useful_until <= now
        at = timezone.localtime(slot.due_at)
        write = writing_url(slot.series.category)
        yield Entry(
            key=f"slot-{slot.pk}",
            at=at,
            title=_("Stayed empty") if is_over else _("Still empty"),
            category=str(slot.series.category),
            look="missed" if is_over or slot.pk in wanting else "pending",
            state=_("missed") if is_over else _("empty"),
            url=f"{write}?slot={slot.pk}" if can_write and not is_over else "",
            until=_near(slot.useful_until, at),
        )


def _near(until: datetime, at: datetime) -> str:
    """Write a moment: on the same day, the time alone."""
    local = timezone.localtime(until)
    return f"{local:%H:%M}" if local.date() == at.date() else date_format(local, str(NEAR))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
