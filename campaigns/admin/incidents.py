"""Incident mode: one switch, a clock, a log of what was done, and the evidence in one file."""

from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import dossier, stopping, tasks
from campaigns.admin import incident_bar
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs, show, taken_in
from campaigns.reasons import StopReason
from subscribers import incidents
from subscribers.admin import noting
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.incidents import AlreadyOpen
from subscribers.models import AccessEvent, Incident

LIST = "admin:subscribers_incident_changelist"
DECLARE, EVIDENCE = "subscribers.declare_incident", "subscribers.view_ledgercheck"
SHOWN = 20  # incidents that are over
LONGEST = 2000  # characters


class Declaration(forms.Form):
    """What happened, and since when we know."""

    what = forms.CharField(
        label=gettext_lazy("What happened?"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("In a few sentences, without names of subscribers."),
    )
    known_at = forms.DateTimeField(
        label=gettext_lazy("Known since"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("The 72 hours of Art. 33 GDPR run from then."),
    )

    def clean_known_at(self) -> datetime:
        """Refuse a moment that is still to come; raises ValidationError."""
        known_at: datetime = self.cleaned_data["known_at"]
        if known_at > timezone.now() + timedelta(minutes=1):
            raise forms.ValidationError(_("This moment is still to come."))
        return known_at


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """One page: what goes on now, and what has been."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page, the switch, and what is done while an incident is open."""
        name = "subscribers_incident"
        return [
            path("", page, name=f"{name}_changelist"),
            path("declare/", declare, name=f"{name}_declare"),
            path("note/", note, name=f"{name}_note"),
            path("evidence/", evidence, name=f"{name}_evidence"),
            path("end/", end, name=f"{name}_end"),
        ]


@needs("subscribers.view_incident")
def page(request: HttpRequest) -> HttpResponse:
    """Show the open incident with its log, and those that are over."""
    incident = incidents.current()
    return show(
        request,
        "desk/incidents.html",
        title=_("Incidents"),
        current=incident,
        clock=incident_bar.clock(incident, now=timezone.now()) if incident else None,
        steps=incident.steps.order_by("pk") if incident else (),
        past=Incident.objects.filter(ended_at__isnull=False).order_by("-began_at")[:SHOWN],
        can_take_evidence=request.user.has_perm(EVIDENCE),
        longest=LONGEST,
    )


@needs(DECLARE)
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Turn incident mode on: nothing leaves any more, nothing that is evidence is deleted."""
    now = timezone.now()
    start = {"known_at": timezone.localtime(now)}
    form = Declaration(request.POST or None, initial=start, label_suffix="")
    if not form.is_valid():
        return show(
            request, "desk/incident_declare.html", title=_("Declare an incident?"), form=form
        )
    by = user_of(request).get_username()
    try:
        with transaction.atomic():
            incident = incidents.declare(
                form.cleaned_data["what"], known_at=form.cleaned_data["known_at"], by=by, now=now
            )
            stopping.stop_channel(StopReason.INCIDENT, now=now, by=by)
            _log(request, incident, "incident declared")
    except AlreadyOpen:
        messages.warning(request, _("There is an open incident already. Please add to its log."))
        return redirect(LIST)
    words = _("Incident mode is on: nothing is sent, no evidence is deleted.")
    taken_in(request, words, level=messages.WARNING)
    return redirect(LIST)


@needs(DECLARE)
@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Add to the log what was done."""
    incident, words = incidents.current(), request.POST.get("words", "").strip()
    if incident and words:
        incidents.note(
            incident, words[:LONGEST], by=user_of(request).get_username(), now=timezone.now()
        )
        taken_in(request, _("Noted."))
    else:
        messages.error(request, _("Please say in a few words what was done."))
    return redirect(LIST)


@needs(EVIDENCE)
@require_POST
def evidence(request: HttpRequest) -> HttpResponse:
    """Hand out the evidence as it is now; its hash goes into the log of the incident."""
    incident, now = incidents.current(), timezone.now()
    if incident is None:
        messages.error(request, _("No incident is open."))
        return redirect(LIST)
    noting.note(request, AccessEvent.What.EXPORT, ref="incident", reason=f"incident {incident.pk}")
    content, digest = dossier.write(incident, origin=settings.LEDGER_ORIGIN, now=now)
    words = _("Evidence taken along.")
    incidents.note(incident, words, by=user_of(request).get_username(), now=now, sha256=digest)
    name = f"incident-{incident.pk}-{timezone.localtime(now):%Y-%m-%d-%H%M}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@needs(DECLARE)
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Turn incident mode off, for a reason."""
    incident, conclusion = incidents.current(), request.POST.get("conclusion", "").strip()
    if incident is None or not conclusion:
        messages.error(request, _("Please say why the incident is over."))
        return redirect(LIST)
    by, now = user_of(request).get_username(), timezone.now()
    with transaction.atomic():
        incidents.end(incident, conclusion=conclusion[:LONGEST], by=by, now=now)
        is_released = stopping.release_channel(StopReason.INCIDENT, now=now, by=by)
        _log(request, incident, "incident ended")
        tasks.ring_tick()
    taken_in(request, _("The incident is over."))
    if not is_released:
        messages.warning(request, _("Sending is still stopped, for another reason."))
    return redirect(LIST)


def _log(request: HttpRequest, incident: Incident, what: str) -> None:
    admin.site.get_model_admin(Incident).log_change(request, incident, what)
