"""The page of the plan: a month, a week or a list, and moving what is scheduled.

Whether something may move is decided by `scheduling`. Dragging, keys and the small form of an
entry all post the same day and time.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import connections, scheduling, tasks
from campaigns.admin import calendar
from campaigns.admin.calendar import LOOKS, Look
from campaigns.admin.forms import TimeForm
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import moment, needs, show
from campaigns.models import Broadcast, Category, Series, Slot
from campaigns.refusals import NotPossible
from campaigns.states import EDITABLE
from subscribers.admin.readonly import ReadOnlyAdmin

VIEW = "campaigns.view_broadcast"
SHORT = 8  # broadcasts without a time that are named
# Translators: how a day is written in a list of dates, see Django's date filter
DATE = gettext_lazy("D, j M")


@dataclass(frozen=True, slots=True)
class Moved:
    """What has just been moved, and from where."""

    broadcast: Broadcast
    words: str
    before: datetime


@admin.register(Slot)
class PlanAdmin(ReadOnlyAdmin):
    """The plan stands where the admin would list the places of the series."""

    def get_urls(self) -> list[URLPattern]:
        """Serve the calendar, and what moves a broadcast in it."""
        return [
            path("", page, name="campaigns_slot_changelist"),
            path("<int:pk>/move/", move, name="campaigns_slot_move"),
        ]


@needs(VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """Show the plan."""
    return show(request, "desk/plan.html", title=_("Plan"), **_plan(request))


@needs(VIEW)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a broadcast another time; answer with the plan as it is then."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    before, refusal = broadcast.due_at, ""
    try:
        _move(broadcast, request)
    except NotPossible as trouble:
        refusal = str(trouble)
    moved = None
    if not refusal and before and broadcast.due_at:
        words = _("Moved to %(time)s.") % {"time": moment(broadcast.due_at)}
        moved = Moved(broadcast, words, timezone.localtime(before))
    if request.headers.get("HX-Request"):
        context = _plan(request)
        return show(request, "desk/plan_inner.html", moved=moved, refusal=refusal, **context)
    if refusal:
        messages.error(request, refusal)
    elif moved:
        messages.success(request, moved.words)
    query = request.GET.urlencode()
    return redirect(f"{reverse('admin:campaigns_slot_changelist')}?{query}")


def _move(broadcast: Broadcast, request: HttpRequest) -> None:
    form = TimeForm(request.POST)
    if not form.is_valid() or form.due_at is None:
        raise NotPossible(_("Please choose a day and a time."))
    hours, now = connections.sending_hours(), timezone.now()
    scheduling.reschedule(broadcast, at=form.due_at, by=user_of(request), hours=hours, now=now)
    tasks.ring_tick()


def _plan(request: HttpRequest) -> dict[str, Any]:
    now, hours, user = timezone.now(), connections.sending_hours(), user_of(request)
    look = next((one for one in Look if one == request.GET.get("look")), Look.MONTH)
    shown = calendar.span(look, _day(request.GET.get("day", ""), now=now))
    days = calendar.days(
        shown,
        hours=hours,
        can_move=user.has_perm("campaigns.schedule_broadcast"),
        can_write=user.has_perm("campaigns.add_message"),
        now=now,
    )
    return {
        "span": shown,
        "query": _query(look, shown.day),
        "looks": [(label, _query(one, shown.day), one == look) for one, label in LOOKS.items()],
        "earlier": _query(look, shown.earlier),
        "later": _query(look, shown.later),
        "today": _query(look, timezone.localdate(now)),
        "days": days,
        "most": calendar.MOST if sum(len(day.entries) for day in days) >= calendar.MOST else 0,
        "weeks": calendar.weeks(days) if look == Look.MONTH else [],
        "by_hours": calendar.week_by_hours(days, hours=hours) if look == Look.WEEK else [],
        "hours": hours,
        "own_hours": Category.objects.filter(is_archived=False).exclude(sending_hours=""),
        "dates": _next_dates(now=now),
        "undated": _undated(),
    }


def _next_dates(*, now: datetime) -> list[tuple[Series, str]]:
    """Return the active series with their next five dates."""
    active = Series.objects.filter(is_active=True).select_related("category")
    return [
        (one, " · ".join(date_format(day, str(DATE)) for day in one.rhythm.coming(now)) or "–")
        for one in active.order_by("at", "pk")
    ]


def _undated() -> list[Broadcast]:
    """Return the newest of what nobody has chosen a time for."""
    rows = Broadcast.objects.with_message().filter(state__in=EDITABLE, due_at__isnull=True)
    return list(rows.order_by("-pk")[:SHORT])


def _day(text: str, *, now: datetime) -> date:
    """Read a day; whatever is none, or beyond what calendars can show, means today."""
    today = timezone.localdate(now)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs(day.year - today.year) <= 10 else today


def _query(look: Look, day: date) -> str:
    return urlencode({"look": look.value, "day": day.isoformat()})
