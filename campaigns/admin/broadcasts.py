"""The broadcasts: their list, the page of each, and its buttons."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import Max, Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from campaigns import connections, reports, waves
from campaigns.admin import (
    autosave,
    bubble,
    correcting,
    diary,
    flight,
    forms,
    history,
    limits,
    money,
    press,
    progress,
    rate,
    reach,
    review,
    standing,
    verbs,
    writing,
)
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import moment, needs, show, taken_in
from campaigns.models import Broadcast, Message
from campaigns.models.broadcasts import BroadcastQuerySet
from campaigns.reasons import PauseReason
from campaigns.refusals import NotPossible
from campaigns.standstill import Cause
from campaigns.states import BroadcastState
from campaigns.templatetags import desk
from subscribers.admin.newest import NewestFirst
from subscribers.admin.periods import PeriodFilter
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.models import Tier

VIEW = "campaigns.view_broadcast"
LIST = "campaigns_broadcast_changelist"
LINES = {"is_press": True}  # what is kept of a press review


class BroadcastList(ChangeList):
    """The list, with the balances of the page that is shown: two queries for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, then its balances."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        balances = reports.balances([row.pk for row in rows])
        for row in rows:
            row.balance = balances[row.pk]
        self.result_list = rows


class WrittenFilter(PeriodFilter):
    """When it was written."""

    title = gettext_lazy("written in")
    field = "message__created_at"

    def ends(self, _rows: QuerySet[Any]) -> dict[str, datetime | None]:
        """Ask the messages themselves, whose index knows."""
        return Message.objects.aggregate(oldest=Min("created_at"), newest=Max("created_at"))


@admin.register(Broadcast)
class BroadcastAdmin(ReadOnlyAdmin):
    """What is written, approved, scheduled, being sent, and what became of it."""

    list_display = ["headline", "category", "badge", "due", "outcome", "author"]
    list_filter = ["state", WrittenFilter, "message__category"]
    search_fields = ["message__values"]
    search_help_text = gettext_lazy("Words of the message")
    ordering = ["-message__created_at", "-pk"]
    empty_value_display = ""
    list_per_page = 50
    paginator = NewestFirst
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Broadcast]:
        """Fetch what a line shows in the same query."""
        return Broadcast.objects.with_message()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Broadcast], bool]:
        """Find words as German bends them."""
        assert isinstance(queryset, BroadcastQuerySet)
        return queryset.saying(search_term), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Name the list that knows the balances."""
        return BroadcastList

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tell whether this person writes messages."""
        return request.user.has_perm("campaigns.add_message")

    def get_urls(self) -> list[URLPattern]:
        """Put our own pages before those of the admin."""
        return [
            path("add/", writing.choose, name="campaigns_broadcast_add"),
            path("add/<slug:slug>/", writing.write, name="campaigns_broadcast_write"),
            path("preview/<slug:slug>/", writing.preview, name="campaigns_broadcast_preview"),
            path("upload/<slug:slug>/", writing.upload, name="campaigns_broadcast_upload"),
            path("keep/<slug:slug>/", autosave.keep, name="campaigns_broadcast_keep"),
            path("keep/<slug:slug>/<int:pk>/", autosave.keep, name="campaigns_broadcast_keep"),
            path("keep-lines/<slug:slug>/", autosave.keep, LINES, name="campaigns_press_keep"),
            path(
                "keep-lines/<slug:slug>/<int:pk>/",
                autosave.keep,
                LINES,
                name="campaigns_press_keep",
            ),
            path("<int:pk>/versions/", history.page, name="campaigns_broadcast_versions"),
            path(
                "<int:pk>/versions/<int:revision>/restore/",
                history.restore,
                name="campaigns_broadcast_restore",
            ),
            path("test/<slug:slug>/", writing.test, name="campaigns_broadcast_test"),
            path("<int:pk>/test/", review.test, name="campaigns_broadcast_test_saved"),
            path("add/<slug:slug>/press/test/", press.test, name="campaigns_press_test"),
            path("add/<slug:slug>/press/", press.write, name="campaigns_press_write"),
            path("add/<slug:slug>/press/lines/", press.lines, name="campaigns_press_lines"),
            path("<int:pk>/edit/press/", press.change, name="campaigns_press_edit"),
            path("<int:pk>/edit/", writing.change, name="campaigns_broadcast_edit"),
            path("<int:pk>/change/", page, name="campaigns_broadcast_change"),
            path("<int:pk>/correct/", correcting.begin, name="campaigns_broadcast_correct"),
            path("<int:pk>/review/", review.page, name="campaigns_broadcast_review"),
            path("<int:pk>/progress/", fragment, name="campaigns_broadcast_progress"),
            path("<int:pk>/<slug:name>/confirm/", confirm, name="campaigns_broadcast_confirm"),
            path("<int:pk>/do/<slug:name>/", act, name="campaigns_broadcast_do"),
            path("", self.admin_site.admin_view(self.changelist_view), name=LIST),
        ]

    @admin.display(description=gettext_lazy("message"))
    def headline(self, broadcast: Broadcast) -> str:
        """Show the first words, or that there are none yet."""
        return broadcast.message.headline or _("(nothing written yet)")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Offer copies to those who write."""
        may_copy = request.user.has_perms(["campaigns.add_message", "campaigns.view_message"])
        return [*self.list_display, *(["copying"] if may_copy else [])]

    @admin.display(description=gettext_lazy("Copy"))
    def copying(self, broadcast: Broadcast) -> SafeString | str:
        """Lead to a new message with the same words."""
        category = broadcast.message.category
        if category.is_archived:
            return ""
        return format_html(
            '<a href="{}?copy={}" aria-label="{}: {}">{}</a>',
            desk.writing_url(category),
            broadcast.pk,
            _("Copy"),
            broadcast.message.headline,
            _("Copy"),
        )

    @admin.display(description=gettext_lazy("category"), ordering="message__category__position")
    def category(self, broadcast: Broadcast) -> str:
        """Name the category in the reader's language."""
        return str(broadcast.message.category)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def badge(self, broadcast: Broadcast) -> SafeString:
        """Show the state in colour."""
        return format_html(
            '<span class="badge badge-{}">{}</span>',
            broadcast.state,
            broadcast.get_state_display(),
        )

    @admin.display(description=gettext_lazy("to be sent at"), ordering="due_at")
    def due(self, broadcast: Broadcast) -> str:
        """Show when it leaves, or left."""
        at = broadcast.started_at or broadcast.due_at
        return moment(at) if at else ""

    @admin.display(description=gettext_lazy("result"))
    def outcome(self, broadcast: Any) -> str:
        """Say in one line what became of it so far."""
        if not broadcast.started_at:
            return ""
        return _account(broadcast, broadcast.balance, now=timezone.now()).in_short

    @admin.display(description=gettext_lazy("written by"))
    def author(self, broadcast: Broadcast) -> str:
        """Name the author."""
        writer = broadcast.message.created_by
        return writer.get_full_name() or writer.get_username()


@needs(VIEW)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a broadcast with everything that can be done about it."""
    return _show(request, get_object_or_404(Broadcast.objects.with_message(), pk=pk))


@needs(VIEW)
def fragment(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a page that asks how it is getting on; reload it where more than figures changed."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    context = _progress(broadcast, user=user_of(request), now=timezone.now())
    if request.GET.get("state") != context["stage"]:
        return HttpResponseClientRefresh()
    return show(request, "desk/progress.html", **context)


@needs(VIEW)
def confirm(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Ask before doing what nothing leads back from."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    verb = verbs.possible(broadcast, user=user_of(request)).get(name)
    if verb is None or not verb.warning:
        return redirect("admin:campaigns_broadcast_change", pk)
    title = f"{verb.label}: {broadcast.message.headline}"
    return show(
        request, "desk/confirm.html", title=title, broadcast=broadcast, name=name, verb=verb
    )


@needs(VIEW)
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do what a button says; whatever is refused, what was typed beside it stays."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    verb = verbs.VERBS.get(name)
    if verb is None:
        raise Http404
    try:
        verb.act(broadcast, request.POST, by=user_of(request), now=timezone.now())
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        stored = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
        if name in review.DECISIONS and stored.waits_for_approval:
            return review.answer(request, stored, typed=request.POST)
        return _show(request, stored, typed=request.POST)
    taken_in(request, str(verb.done))
    return redirect("admin:campaigns_broadcast_change", pk)


def _show(request: HttpRequest, broadcast: Broadcast, *, typed: Any = None) -> HttpResponse:
    user, now = user_of(request), timezone.now()
    message = broadcast.message
    possible = verbs.possible(broadcast, user=user)
    context: dict[str, Any] = {
        "title": message.headline or _("(nothing written yet)"),
        "broadcast": broadcast,
        "message": message,
        "bubble": bubble.of_message(message),
        "verbs": possible,
        "can_edit": verbs.can_edit(broadcast, user=user),
        "can_copy": user.has_perm("campaigns.add_message"),
        "is_own": verbs.is_own(broadcast, user=user),
        "note": (typed or {}).get("note", ""),
        "time_form": forms.TimeForm(typed if typed and "when" in typed else None),
        "tiers": Tier.objects.filter(level__gte=message.category.tier.level).order_by("level"),
        "diary": diary.of(broadcast),
        "returned": diary.returned(broadcast),
        "pause": PauseReason(broadcast.pause_reason) if broadcast.pause_reason else None,
        "waits_until": _waits_until(broadcast, now=now),
        **correcting.of_broadcast(broadcast, user=user, now=now),
        "flight": flight.of([broadcast], user=user).get(broadcast.pk),
        "needs_decision": broadcast.waits_for_approval,
        "seconds_to_undo": verbs.seconds_to_undo(broadcast, now=now),
    }
    if broadcast.started_at:
        context |= _progress(broadcast, user=user, now=now)
        context |= money.of_broadcast(broadcast)
    else:
        context |= _plan(broadcast, now=now)
        context["standing"] = standing.of([broadcast], user=user, now=now).get(broadcast.pk)
    return show(request, "desk/broadcast.html", **context)


def _plan(broadcast: Broadcast, *, now: datetime) -> dict[str, Any]:
    """Return whom it would reach and what that would cost, before it begins."""
    message, today = broadcast.message, timezone.localdate(now)
    goes_to = reach.of(broadcast, now=now)
    plan: dict[str, Any] = {
        "reach": goes_to,
        "price": money.estimated(message.template, people=goes_to.figure, on=today),
    }
    if message.full_text:
        plan["reading_price"] = money.reading_facts(goes_to.figure, on=today)
    if broadcast.corrects_id is None:
        plan["waves"] = limits.forecast(message.category, people=goes_to.figure)
    return plan


def _waits_until(broadcast: Broadcast, *, now: datetime) -> datetime | None:
    """Return when the quiet hours end that keep a broadcast whose time has passed; else None."""
    if broadcast.state != BroadcastState.SCHEDULED or not broadcast.due_at:
        return None
    hours = broadcast.message.category.hours(connections.sending_hours())
    return hours.next_open(now) if broadcast.due_at <= now and not hours.are_open(now) else None


def _progress(broadcast: Broadcast, *, user: User, now: datetime) -> dict[str, Any]:
    balance = reports.balance(broadcast.pk)
    held_by = standing.of([broadcast], user=user, now=now).get(broadcast.pk)
    return {
        "broadcast": broadcast,
        "standing": held_by,
        "stage": _stage(broadcast, balance, held_by),
        "account": _account(broadcast, balance, now=now, held=waves.held(broadcast.pk)),
        "rate": rate.of(broadcast, accepted=balance.accepted, now=now),
    }


def _account(
    broadcast: Broadcast,
    balance: reports.Balance,
    *,
    now: datetime,
    held: waves.Held | None = None,
) -> progress.Account:
    hours = connections.sending_hours()
    return progress.account(broadcast, balance, hours=hours, now=now, held=held)


def _stage(
    broadcast: Broadcast, balance: reports.Balance, held_by: standing.Standing | None
) -> str:
    """Return what the page was made for; when it changes, other buttons or lines are due."""
    stopped = held_by is not None and held_by.cause == Cause.STOPPED  # the diary says more
    marks = {"closed": broadcast.closed_at, "unclear": balance.in_doubt, "stopped": stopped}
    return "-".join([broadcast.state, *(name for name, is_so in marks.items() if is_so)])
