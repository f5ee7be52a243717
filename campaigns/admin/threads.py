"""Replies of subscribers: read and answered, without anybody knowing whose they are."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import answering, connections, tasks
from campaigns.admin import coarse
from campaigns.admin.pages import needs, show, taken_in
from subscribers import threads
from subscribers.admin import noting
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.models import AccessEvent, Letterbox, Thread, ThreadMessage
from subscribers.redaction import CUT
from subscribers.threads import NotAnswerable, Overtaken

READY_LABELS = {
    "answer_passed_on": gettext_lazy("Passed on"),
    "answer_sick_note": gettext_lazy("Sick note"),
    "answer_complaint": gettext_lazy("Complaint about somebody"),
    "answer_report": gettext_lazy("Hand over to the reporting office"),
}
AT_MOST = 100  # threads on the page
LONGEST = 1000  # characters of an answer: it is read on a phone


@dataclass(frozen=True, slots=True)
class Line:
    """A thread in the list."""

    thread: Thread
    when: str
    last: ThreadMessage


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message of a thread: its words with `None` where something was cut out."""

    message: ThreadMessage
    pieces: list[str | None]
    when: str
    is_lost: bool


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin):
    """The list, a thread, and what can be done with it. No search, no export."""

    def get_urls(self) -> list[URLPattern]:
        """Offer our own pages under the names of the admin."""
        return [
            path("", inbox, name="subscribers_thread_changelist"),
            path("<uuid:thread_id>/", page, name="subscribers_thread_change"),
            path("<uuid:thread_id>/answer/", answer, name="subscribers_thread_answer"),
        ]


@admin.register(Letterbox)
class LetterboxAdmin(ReadOnlyAdmin):
    """The switch has a page of its own."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page under the name of the list."""
        return [path("", letterbox, name="subscribers_letterbox_changelist")]


@needs("subscribers.view_thread")
def inbox(request: HttpRequest) -> HttpResponse:
    """List what can still be read; nothing at all while too few subscribe.

    The list shows the beginnings of letters, so that somebody looked at it is noted.
    """
    now, is_off = timezone.now(), threads.are_too_few()
    rows = Thread.objects.none() if is_off else threads.open_ones(now=now)
    lines = _lines(rows, now=now)
    if lines:
        noting.note(request, AccessEvent.What.THREADS)
    return show(
        request,
        "desk/threads.html",
        title=_("Replies"),
        lines=lines,
        is_off=is_off,
        is_discarding=threads.is_discarding(),
    )


@needs("subscribers.view_thread")
def page(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """Show a thread; that somebody looked at it is noted."""
    return _page(request, thread_id)


def _page(request: HttpRequest, thread_id: UUID, *, typed: str = "") -> HttpResponse:
    """Show a thread as it is now; `typed` is an answer that could not be sent."""
    now = timezone.now()
    rows = Thread.objects.none() if threads.are_too_few() else threads.open_ones(now=now)
    thread = get_object_or_404(rows.select_related("subscriber"), pk=thread_id)
    noting.note(request, AccessEvent.What.THREAD, ref=str(thread.pk))
    talk = connections.desk().conversation
    lost, said = answering.lost(thread), list(thread.messages.order_by("pk"))
    can_answer = threads.can_answer(thread, now=now)
    return show(
        request,
        "desk/thread.html",
        title=thread.alias,
        thread=thread,
        bubbles=[_bubble(one, lost, now=now) for one in said],
        seen=said[-1].pk,
        left=coarse.time_left(thread.heard_at, now=now) if can_answer else "",
        ready=[(name, READY_LABELS[name], talk.words("de", name)) for name in answering.READY],
        longest=LONGEST,
        typed=typed,
        can_answer=request.user.has_perm("subscribers.answer_thread"),
    )


@needs("subscribers.answer_thread")
@require_POST
def answer(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """Send an answer, typed or ready, or set the thread aside; what is refused stays typed."""
    thread = get_object_or_404(Thread, pk=thread_id)
    try:
        done = _act(request, thread, now=timezone.now())
    except Overtaken:
        messages.warning(request, _("Something new has been said here. Please read it first."))
    except NotAnswerable:
        messages.error(request, _("This thread cannot be answered any more. Nothing was sent."))
    else:
        if done:
            taken_in(request, done)
            return redirect("admin:subscribers_thread_changelist")
        messages.error(request, _("There is nothing to send, or it is too long."))
    return _page(request, thread_id, typed=request.POST.get("text", ""))


@needs("subscribers.change_letterbox")
@require_http_methods(["GET", "POST"])
def letterbox(request: HttpRequest) -> HttpResponse:
    """Switch the keeping of replies off or on."""
    if request.method == "GET":
        is_off = threads.is_discarding()
        return show(
            request, "desk/letterbox.html", title=_("Keeping replies"), is_discarding=is_off
        )
    is_discarding = request.POST.get("keep") != "yes"
    threads.discard_from_now_on(is_discarding=is_discarding)
    box = Letterbox.objects.get(pk=Letterbox.ONLY)
    what = "replies are discarded" if is_discarding else "replies are kept"
    admin.site.get_model_admin(Letterbox).log_change(request, box, what)
    done = _("Replies are discarded now.") if is_discarding else _("Replies are kept now.")
    messages.success(request, done)
    return redirect("admin:subscribers_letterbox_changelist")


def _act(request: HttpRequest, thread: Thread, *, now: datetime) -> str:
    """Do what was pressed; return what to say about it, "" if there was nothing to do."""
    typed = request.POST.get("text", "").replace("\r\n", "\n").strip()
    ready, seen = request.POST.get("ready", ""), _number(request.POST.get("seen", ""))
    if request.POST.get("aside"):
        threads.set_aside(thread.pk, seen=seen)
        return _("Set aside.")
    if ready in answering.READY:
        talk = connections.desk().conversation
        answering.answer_ready(thread.pk, ready, conversation=talk, seen=seen, now=now)
    elif typed and len(typed) <= LONGEST:
        answering.answer(thread.pk, typed, seen=seen, now=now)
    else:
        return ""
    admin.site.get_model_admin(Thread).log_change(request, thread, "thread answered")
    tasks.ring_for_replies()
    return _("The answer is on its way.")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _lines(rows: QuerySet[Thread], *, now: datetime) -> list[Line]:
    found = list(rows.prefetch_related("messages")[:AT_MOST])
    newest = [max(thread.messages.all(), key=lambda one: one.pk) for thread in found]
    return [
        Line(thread, coarse.moment(thread.heard_at, now=now), last)
        for thread, last in zip(found, newest, strict=True)
    ]


def _bubble(message: ThreadMessage, lost: set[int], *, now: datetime) -> Bubble:
    pieces: list[str | None] = []
    for piece in message.text.split(CUT):
        pieces += [None, piece]
    when = coarse.moment(message.at, now=now)
    return Bubble(message, pieces[1:], when, message.pk in lost)
