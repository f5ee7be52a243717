"""The page on which somebody decides about a colleague's message; made for a phone."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import connections, preflight
from campaigns.admin import bubble, limits, money, phone, reach, verbs
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import moment, needs, show
from campaigns.models import Broadcast, BroadcastEvent
from campaigns.phone_tests import Words
from campaigns.states import BroadcastState

S = BroadcastState
DECISIONS = ("approve", "send_back")  # the verbs of this page


@needs("campaigns.view_broadcast")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what there is to decide; where nothing is, lead to the page of the broadcast."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    if not broadcast.waits_for_approval:
        return redirect("admin:campaigns_broadcast_change", pk)
    return answer(request, broadcast)


@needs("campaigns.send_phonetest")
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what there is to decide to the phone of whoever decides."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    message = broadcast.message
    words = Words(
        category=message.category,
        template=message.template,
        values=message.values,
        media=message.media,
        full_text=message.full_text,
    )
    if request.headers.get("HX-Request"):
        return phone.answer(request, words, now=timezone.now())
    phone.tell(request, words, now=timezone.now())
    return redirect("admin:campaigns_broadcast_review", pk)


def answer(
    request: HttpRequest, broadcast: Broadcast, *, typed: QueryDict | None = None
) -> HttpResponse:
    """Show the page; `typed` is what was posted and refused."""
    user, now = user_of(request), timezone.now()
    message = broadcast.message
    goes_to, today = reach.of(broadcast, now=now), timezone.localdate(now)
    context: dict[str, Any] = {
        "title": message.headline,
        "broadcast": broadcast,
        "message": message,
        "bubble": bubble.of_message(message),
        "verbs": verbs.possible(broadcast, user=user),
        "is_own": verbs.is_own(broadcast, user=user),
        "content_hash": message.content_hash(),
        "reach": goes_to,
        "price": money.estimated(message.template, people=goes_to.figure, on=today),
        "leaves": _leaves(broadcast, now=now),
        "wants_tick": reach.is_large(broadcast, now=now),
        "problems": preflight.problems(broadcast, now=now),
        "reason": _reason(broadcast),
        "note": typed.get("note", "") if typed else "",
    }
    context |= phone.panel(request, message.category, now=now)
    if message.full_text:
        context["reading_price"] = money.reading_facts(goes_to.figure, on=today)
    if broadcast.corrects_id is None:
        context["waves"] = limits.forecast(message.category, people=goes_to.figure)
    return show(request, "desk/review.html", **context)


def _reason(broadcast: Broadcast) -> str:
    """Return why it cannot wait, as said when it was submitted."""
    submitted = broadcast.events.filter(what=BroadcastEvent.What.SUBMITTED)
    return submitted.order_by("-at", "-pk").values_list("note", flat=True).first() or ""


def _leaves(broadcast: Broadcast, *, now: datetime) -> str:
    """Say when it leaves if it is approved now."""
    hours = broadcast.message.category.hours(connections.sending_hours())
    if broadcast.due_at and broadcast.state != S.MISSED:
        return moment(hours.next_open(max(broadcast.due_at, now + hours.hold)))
    at = hours.next_open(now + hours.hold)
    if at != now + hours.hold:
        return moment(at)
    if not hours.hold:
        return _("at once")
    minutes = -(-hours.hold // timedelta(minutes=1))
    return _("at once; for %(n)s min it can be undone") % {"n": minutes}
