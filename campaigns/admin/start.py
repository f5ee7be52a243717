"""The start page: whether all went well, and what is there for me to do."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import alarms, connections, health, lookout, reports, series, tasks
from campaigns.admin import (
    alarm_bar,
    flight,
    officer,
    progress,
    published,
    standing,
    template_state,
    verbs,
)
from campaigns.admin.mood import Finding, Mood, worst_first
from campaigns.admin.pages import moment
from campaigns.admin.places import Place, next_empty
from campaigns.models import Alarm, Broadcast, MessageTemplate, Slot, Tally
from campaigns.reasons import PauseReason, StopReason
from campaigns.standstill import House
from campaigns.states import CLOSED, RUNNING, BroadcastState, DeliveryState
from campaigns.templatetags.desk import writing_url
from subscribers import threads

S = BroadcastState
SHORT = 5  # lines in each list; the rest is one click away
# Alarms whose cause this page explains at length.
SHOWN_ANYWAY = [
    Alarm.Kind.STOPPED,
    Alarm.Kind.SILENT,
    Alarm.Kind.MISSED,
    Alarm.Kind.STANDS_STILL,
    Alarm.Kind.SLOT_EMPTY,
    Alarm.Kind.DEARER,
]
NEVER = datetime.max.replace(tzinfo=UTC)
STILL_NEWS = timedelta(days=7)  # how long a closed broadcast counts as recently sent


@dataclass(frozen=True, slots=True)
class Row:
    """A broadcast in a list of the start page."""

    broadcast: Broadcast
    account: progress.Account | None
    is_own: bool
    is_to_decide: bool  # by this person, on the page for that
    seconds_to_undo: int | None
    undo: verbs.Verb | None
    flight: flight.Flight | None
    standing: standing.Standing | None


def page(user: User, *, now: datetime) -> dict[str, Any]:
    """Return what this person's start page shows."""
    context: dict[str, Any] = {
        "can_write": user.has_perm("campaigns.add_message"),
        "can_approve": user.has_perm("campaigns.approve_broadcast"),
        "can_search_receipts": user.has_perm("subscribers.view_record"),
        "can_see_register": user.has_perm("subscribers.view_consentevent"),
        "can_see_figures": user.has_perm("subscribers.view_monthlyfigure"),
        "can_see_channel": user.has_perm("campaigns.view_channel"),
        "can_export_figures": user.has_perm("subscribers.export_monthlyfigure"),
        "has_no_rights": not user.get_all_permissions(),
    }
    if user.has_perm("subscribers.view_thread"):
        context["replies"] = _replies(now=now)
    if user.has_perm(officer.RIGHT):
        context["watch"] = officer.watch(user, now=now)
    if context["can_see_figures"]:
        context |= published.of_hr(now=now)
    if user.has_perm("campaigns.view_broadcast"):
        state = health.state(tasks.QUEUES, spool=connections.spool(), now=now)
        found = findings(state, user, now=now)
        context |= {
            "findings": found,
            "mood": found[0].mood if found else Mood.GOOD,
            **_lists(user, state.house, now=now),
        }
        context["coming"] = _in_their_order(context["planned"], next_empty(now=now, most=SHORT))
    return context


def _in_their_order(rows: list[Row], places: list[Place]) -> list[Row | Place]:
    """Return what is scheduled and what is still empty, the soonest first, without a time last."""
    timed: list[tuple[datetime | None, Row | Place]] = [(row.broadcast.due_at, row) for row in rows]
    timed += [(place.slot.due_at, place) for place in places]
    return [one for _at, one in sorted(timed, key=lambda it: (it[0] is None, it[0] or NEVER))]


def _replies(*, now: datetime) -> str:
    """Say how many threads wait; replies are not people, so the number may be exact."""
    n = 0 if threads.are_too_few() else threads.waiting(now=now)
    if not n:
        return _("No new replies")
    return ngettext("%(n)s new reply", "%(n)s new replies", n) % {"n": n}


def findings(state: health.State, user: User, *, now: datetime) -> list[Finding]:
    """Return what is wrong, the worst first; empty if all is well."""
    found = [
        *_of_the_system(state, user),
        *_of_broadcasts(),
        *_of_places(user, now=now),
        *_of_alarms(user),
        *_of_templates(user, now=now),
    ]
    if state.in_doubt:
        words = ngettext(
            "For %(n)s message it is unclear whether it arrived; this usually clears up by itself.",
            "For %(n)s messages it is unclear whether they arrived; this usually clears up "
            "by itself.",
            state.in_doubt,
        )
        found.append(Finding(Mood.ATTENTION, words % {"n": state.in_doubt}, _newest_doubt()))
    return worst_first(found)


def _of_the_system(state: health.State, user: User) -> list[Finding]:
    url = ""
    if user.has_perm("campaigns.view_channel"):
        url = reverse("admin:campaigns_channel_changelist")
    found = []
    if state.stop_reason:
        reason = StopReason(state.stop_reason)
        words = _("All sending is stopped. %(reason)s") % {"reason": reason.label}
        words = f"{words} {reason.advice}"
        found.append(Finding(Mood.TROUBLE, words, url))
    if state.silent:
        words = _("A part of the system is silent, so messages may be late. Please tell IT.")
        found.append(Finding(Mood.TROUBLE, words, url))
    if state.inbox_late or state.inbox_quarantined:
        words = _("Some incoming messages have not been read yet. Please tell IT.")
        found.append(Finding(Mood.TROUBLE, words, url))
    if state.spool_late or state.spool_unreadable:
        words = _(
            "Incoming messages wait on the disk, perhaps with a STOP among them. Nothing is sent "
            "until they have been read. Please tell IT."
        )
        found.append(Finding(Mood.TROUBLE, words, url))
    if state.full_disks:
        words = _("A disk is full or cannot be written, so nothing can be sent. Please tell IT.")
        found.append(Finding(Mood.TROUBLE, words, url))
    return found


def _of_broadcasts() -> list[Finding]:
    still = Broadcast.objects.with_message().filter(state__in=[S.PAUSED, S.PAUSING, S.MISSED])
    found = []
    for broadcast in still.order_by("-due_at")[:SHORT]:
        words = {"message": broadcast.message.headline}
        url = reverse("admin:campaigns_broadcast_change", args=[broadcast.pk])
        if broadcast.state == S.MISSED:
            said = _("“%(message)s” missed its time and has reached nobody.") % words
            found.append(Finding(Mood.TROUBLE, said, url))
            continue
        said = _("“%(message)s” stands still.") % words
        reason = PauseReason(broadcast.pause_reason)
        mood = Mood.ATTENTION if reason in lookout.EXPECTED else Mood.TROUBLE
        found.append(Finding(mood, f"{said} {reason.label} {reason.advice}", url))
    return found


def _newest_doubt() -> str:
    """Return the page of the newest broadcast of which something is unclear."""
    unclosed = list(Broadcast.objects.unclosed().values_list("pk", flat=True))
    rows = Tally.objects.filter(broadcast__in=unclosed, state=DeliveryState.IN_DOUBT)
    unclear = rows.values("broadcast").annotate(total=Sum("n")).filter(total__gt=0)
    newest = unclear.order_by("-broadcast").values_list("broadcast", flat=True).first()
    return reverse("admin:campaigns_broadcast_change", args=[newest]) if newest else ""


def _of_places(user: User, *, now: datetime) -> list[Finding]:
    """Name the places in the plan that want their message now."""
    found = []
    for slot in series.wanting(now=now).select_related("series__category")[:SHORT]:
        words = {"place": slot.series, "when": moment(slot.due_at)}
        said = _("The place “%(place)s” (%(when)s) has no approved message yet.") % words
        found.append(Finding(Mood.TROUBLE, said, _place_url(slot, user)))
    return found


def _of_alarms(user: User) -> list[Finding]:
    """Name the alarms of which nothing else on this page speaks."""
    others = Alarm.objects.filter(cleared_at__isnull=True)
    others = others.exclude(kind__in=[*SHOWN_ANYWAY, *alarms.FOR_DATA_PROTECTION])
    return [
        Finding(
            Mood.ATTENTION if alarm.kind in alarms.MILD else Mood.TROUBLE,
            alarms.words(alarm),
            alarm_bar.repair(alarm, user),
        )
        for alarm in others.order_by("-raised_at", "-pk")[:SHORT]
    ]


def _place_url(slot: Slot, user: User) -> str:
    """Return where the message for a place is, or can be written."""
    inside = slot.broadcasts.exclude(state=S.CANCELLED).values_list("pk", flat=True).first()
    if inside:
        return reverse("admin:campaigns_broadcast_change", args=[inside])
    if user.has_perm("campaigns.add_message"):
        return f"{writing_url(slot.series.category)}?slot={slot.pk}"
    return reverse("admin:campaigns_series_changelist")


def _of_templates(user: User, *, now: datetime) -> list[Finding]:
    """Say which templates WhatsApp does not let us send, and which it made dearer."""
    can_look = user.has_perm("campaigns.view_messagetemplate")
    found = [
        Finding(Mood.ATTENTION, words, url if can_look else "")
        for words, url in template_state.warnings(now=now, most=SHORT)
    ]
    waiting = MessageTemplate.objects.in_use().not_approved()
    names = list(waiting.order_by("name").values_list("name", flat=True))
    if names:
        url = reverse("admin:campaigns_messagetemplate_changelist") if can_look else ""
        words = ngettext(
            "%(n)s template is not approved by WhatsApp; what needs it cannot be sent: %(names)s.",
            "%(n)s templates are not approved by WhatsApp; what needs them cannot be sent: "
            "%(names)s.",
            len(names),
        )
        shown = ", ".join(names[:SHORT]) + (" …" if names[SHORT:] else "")
        found.append(Finding(Mood.ATTENTION, words % {"n": len(names), "names": shown}, url))
    return found


def _lists(user: User, house: House, *, now: datetime) -> dict[str, list[Row]]:
    rows = Broadcast.objects.with_message()
    mine = Q(message__created_by=user) | Q(message__changed_by=user)
    chosen = {
        "waiting": rows.filter(state=S.IN_REVIEW).order_by("submitted_at"),
        "running": rows.filter(state__in=RUNNING).order_by("started_at"),
        "planned": rows.filter(state__in=[S.SCHEDULED, S.APPROVED]).order_by(
            F("due_at").asc(nulls_last=True)
        ),
        "drafts": rows.filter(mine, state=S.DRAFT).order_by("-message__changed_at"),
        "recent": rows.filter(
            state__in=CLOSED, started_at__isnull=False, due_at__gte=now - STILL_NEWS
        ).order_by("-started_at"),
    }
    lists = {name: list(queryset[:SHORT]) for name, queryset in chosen.items()}
    shown = [broadcast for found in lists.values() for broadcast in found]
    balances = reports.balances_of(shown)
    hours = connections.sending_hours()
    may_approve = user.has_perm("campaigns.approve_broadcast")
    flights = flight.of(shown, user=user)
    held = standing.of(shown, user=user, now=now, house=house)
    undo = verbs.VERBS["undo"] if user.has_perm(verbs.VERBS["undo"].right) else None

    def row(broadcast: Broadcast) -> Row:
        account = None
        if broadcast.started_at:
            account = progress.account(broadcast, balances[broadcast.pk], hours=hours, now=now)
        is_own = verbs.is_own(broadcast, user=user)
        return Row(
            broadcast,
            account,
            is_own=is_own,
            is_to_decide=may_approve and not is_own and broadcast.waits_for_approval,
            seconds_to_undo=verbs.seconds_to_undo(broadcast, now=now),
            undo=undo,
            flight=flights.get(broadcast.pk),
            standing=held.get(broadcast.pk),
        )

    return {name: [row(broadcast) for broadcast in found] for name, found in lists.items()}
