"""The bar above every page while an incident is open: what it is, and how much time is left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin.pages import moment
from subscribers import incidents
from subscribers.models import Incident

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The 72 hours of Art. 33(1) GDPR, in words."""

    words: str
    is_over: bool


def of(request: HttpRequest) -> Clock | None:
    """Return the clock of the open incident, for whoever may see incidents."""
    if not request.user.has_perm("subscribers.view_incident"):
        return None
    incident = incidents.current()
    return clock(incident, now=timezone.now()) if incident else None


def clock(incident: Incident, *, now: datetime) -> Clock:
    """Say until when the authority must have heard of it, and how long that is."""
    left = incident.report_by - now
    when = {"when": moment(incident.report_by)}
    if left <= timedelta():
        words = _("The 72 hours are over since %(when)s. A late report must say why it is late.")
        return Clock(words % when, is_over=True)
    hours = left // HOUR
    span = ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    if not hours:
        span = _("less than an hour")
    words = _("Report to the supervisory authority by %(when)s (%(left)s left).")
    return Clock(words % {**when, "left": span}, is_over=False)
