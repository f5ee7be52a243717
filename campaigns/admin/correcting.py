"""Korrektur: the button on a broadcast, and what its page and that of its correction say."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import audiences, corrections, scheduling
from campaigns.admin.forms import VALUE
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs
from campaigns.models import Broadcast, Category
from campaigns.reasons import PauseReason
from campaigns.refusals import NotPossible
from campaigns.states import CLOSED, RUNNING, BroadcastState
from campaigns.templatetags.desk import writing_url


@needs("campaigns.add_message")
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause what is still leaving, or would go on by itself; open its words for correction."""
    original = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    now = timezone.now()
    why = corrections.refusal(original, now=now)
    if not why and _may_leave(original):
        try:
            scheduling.pause(original, by=user_of(request), now=now)
        except NotPossible as refusal:
            why = str(refusal)
    if why:
        messages.error(request, why)
        return redirect("admin:campaigns_broadcast_change", pk)
    form = writing_url(original.message.category)
    return redirect(f"{form}?copy={pk}&corrects={pk}")


def _may_leave(original: Broadcast) -> bool:
    """Tell whether more of it could leave without anybody's doing."""
    reason = original.pause_reason
    return original.state == BroadcastState.SENDING or bool(
        reason and PauseReason(reason).resumes_alone
    )


def of_broadcast(broadcast: Broadcast, *, user: User, now: datetime) -> dict[str, Any]:
    """Return what the page of a broadcast says about corrections."""
    found: dict[str, Any] = {"original": _with_message(broadcast.corrects_id)}
    if not broadcast.started_at or broadcast.state not in RUNNING | CLOSED:
        return found
    why = corrections.refusal(broadcast, now=now)
    may = user.has_perm("campaigns.add_message")
    return found | {
        "correction": corrections.of(broadcast),
        "can_correct": may and not why,
        "no_correction": why if may else "",
        "correct_until": audiences.known_until(broadcast),
    }


def start(request: HttpRequest, category: Category) -> dict[str, Any]:
    """Return what a form begins with that corrects a broadcast (?corrects=); else nothing."""
    wanted = request.GET.get("corrects", "")
    if not wanted.isdecimal():
        return {}
    rows = Broadcast.objects.with_message().filter(message__category=category)
    message = get_object_or_404(rows, pk=int(wanted)).message
    values = corrections.marked(message.template, message.values)
    return {"corrects": int(wanted)} | {f"{VALUE}{name}": text for name, text in values.items()}


def original_of(typed: object) -> Broadcast | None:
    """Return the broadcast that a form corrects, by what stands in its hidden field."""
    return _with_message(int(str(typed))) if str(typed).isdecimal() else None


def shown(original: Broadcast | None) -> dict[str, Any]:
    """Return what a form says that corrects something."""
    if original is None:
        return {}
    return {"original": original, "stops": original.state in RUNNING}


def _with_message(pk: int | None) -> Broadcast | None:
    return Broadcast.objects.with_message().filter(pk=pk).first() if pk else None
