"""Before a record or the ledger is shown, whoever asks says why; the reason goes into the log.

It holds for half an hour and for that one thing, so that reading on asks nothing again.
"""

from datetime import datetime, timedelta

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

HOLDS_FOR = timedelta(minutes=30)
KEPT = "access_reasons"  # in the session
AT_MOST = 20  # reasons in a session; the oldest goes first
READY: tuple[Promise, ...] = (
    gettext_lazy("The person asks"),
    gettext_lazy("The supervisory authority asks"),
    gettext_lazy("Regular check"),
    gettext_lazy("Dispute"),
)


class ReasonForm(forms.Form):
    """One of the usual reasons, by its button, or a typed one."""

    reason = forms.CharField(label=gettext_lazy("Another reason"), max_length=200)


def given(request: HttpRequest, about: str, *, now: datetime) -> str:
    """Return why somebody looks at a thing, if they have said so lately; else ""."""
    reason, at = request.session.get(KEPT, {}).get(about, ("", ""))
    is_fresh = bool(at) and datetime.fromisoformat(at) > now - HOLDS_FOR
    return str(reason) if is_fresh else ""


def ask(request: HttpRequest, about: str) -> HttpResponse:
    """Lead to the page that asks why, and from there back to where somebody was going."""
    query = urlencode({"about": about, "next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('admin:subscribers_accessevent_reason')}?{query}")


def page(request: HttpRequest) -> HttpResponse:
    """Ask for a reason, keep it for a while, and lead on."""
    about, onward = request.GET.get("about", "")[:60], request.GET.get("next", "")
    if not about or not url_has_allowed_host_and_scheme(onward, allowed_hosts=None):
        raise PermissionDenied
    form = ReasonForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        _keep(request, about, form.cleaned_data["reason"].strip(), now=timezone.now())
        return redirect(onward)
    frame = admin.site.each_context(request)
    context = {**frame, "title": _("Why do you look at this?"), "form": form, "ready": READY}
    return TemplateResponse(request, "admin/subscribers/reason.html", context)


def _keep(request: HttpRequest, about: str, reason: str, *, now: datetime) -> None:
    kept = {**request.session.get(KEPT, {}), about: (reason, now.isoformat())}
    newest = sorted(kept.items(), key=lambda item: str(item[1][1]))[-AT_MOST:]
    request.session[KEPT] = dict(newest)
