"""Our WhatsApp number: whether it may send, who is at work, and the kill switch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns import connections, health, stopping, tasks
from campaigns.admin import limits
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs, show
from campaigns.models import Channel, Heartbeat
from campaigns.reasons import HOLDS, StopReason
from subscribers.admin.readonly import ReadOnlyAdmin

WORKERS: Mapping[str, Promise] = {
    "inbound": gettext_lazy("Replies: STOP and everything else that people write"),
    "send_urgent": gettext_lazy("Sending urgent notices"),
    "send_bulk": gettext_lazy("Sending news"),
    "ops": gettext_lazy("Starting, repairing, closing"),
}


@dataclass(frozen=True, slots=True)
class Worker:
    """One part of the system, and when it last did its work."""

    name: str
    label: str
    at: datetime | None
    is_silent: bool


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    """There is one number, so its list is its page."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page and the two steps of the kill switch."""
        return [
            path("", page, name="campaigns_channel_changelist"),
            path("stop/", stop, name="campaigns_channel_stop"),
            path("release/", release, name="campaigns_channel_release"),
        ]


@needs("campaigns.view_channel")
def page(request: HttpRequest) -> HttpResponse:
    """Show whether all is well."""
    now, channel = timezone.now(), Channel.objects.get(pk=Channel.ONLY)
    return show(
        request,
        "desk/channel.html",
        title=_("WhatsApp number"),
        channel=channel,
        advice=StopReason(channel.stop_reason).advice if channel.stop_reason else "",
        state=health.state(tasks.QUEUES, spool=connections.spool(), now=now),
        workers=_workers(now=now),
        limit=limits.in_force(),
        used=limits.used(now=now),
        can_stop=request.user.has_perm("campaigns.stop_channel")
        and channel.stop_reason not in HOLDS,
    )


@needs("campaigns.stop_channel")
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """Stop all sending, after asking."""
    if request.method == "GET":
        return show(request, "desk/stop.html", title=_("Stop all sending?"))
    by = user_of(request).get_username()
    with transaction.atomic():
        stopping.stop_channel(StopReason.KILL_SWITCH, now=timezone.now(), by=by)
        _log(request, "all sending stopped")
    messages.warning(request, _("All sending is stopped."))
    return redirect("admin:campaigns_channel_changelist")


@needs("campaigns.stop_channel")
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest) -> HttpResponse:
    """Allow sending again, after asking."""
    if request.method == "GET":
        channel = Channel.objects.get(pk=Channel.ONLY)
        title = _("Allow sending again?")
        return show(request, "desk/release.html", title=title, channel=channel)
    by = user_of(request).get_username()
    with transaction.atomic():
        is_released = stopping.release_channel(now=timezone.now(), by=by)
        if is_released:
            _log(request, "sending released")
            tasks.ring_tick()
    if is_released:
        messages.success(request, _("Sending is allowed again."))
    else:
        messages.error(request, _still_stopped())
    return redirect("admin:campaigns_channel_changelist")


def _still_stopped() -> str:
    reason = Channel.objects.values_list("stop_reason", flat=True).get(pk=Channel.ONLY)
    return f"{StopReason(reason).label} {StopReason(reason).advice}" if reason else ""


def _log(request: HttpRequest, what: str) -> None:
    channel = Channel.objects.get(pk=Channel.ONLY)
    admin.site.get_model_admin(Channel).log_change(request, channel, what)


def _workers(*, now: datetime) -> list[Worker]:
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    never = now - timedelta(days=1)
    return [
        Worker(
            name,
            str(WORKERS.get(name, name)),
            beats.get(name),
            beats.get(name, never) <= now - Heartbeat.SILENT_AFTER,
        )
        for name in tasks.QUEUES
    ]
