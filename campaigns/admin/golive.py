"""Before the start: which papers are there, confirmed by the data-protection officer."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import tasks
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs, show
from campaigns.models import Channel
from subscribers import clearance
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.models import Clearance

LIST = "admin:subscribers_clearance_changelist"
CONFIRM = "subscribers.confirm_clearance"


class Confirmation(forms.Form):
    """Of which day the paper is, and where it can be found."""

    dated_on = forms.DateField(
        label=gettext_lazy("Dated"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=120,
        help_text=gettext_lazy(
            "Where it can be found: file number, folder, title. If it is not needed, say why."
        ),
    )

    def clean_dated_on(self) -> date:
        """Refuse a day that is still to come; raises ValidationError."""
        dated_on: date = self.cleaned_data["dated_on"]
        if dated_on > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return dated_on


@dataclass(frozen=True, slots=True)
class Line:
    """One paper, and the confirmation that counts for it."""

    paper: Clearance.Paper
    confirmed: Clearance | None


@admin.register(Clearance)
class ClearanceAdmin(ReadOnlyAdmin):
    """One page with all papers, and a page to confirm each."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page and the two acts of the data-protection officer."""
        name = "subscribers_clearance"
        return [
            path("", page, name=f"{name}_changelist"),
            path("<slug:paper>/", confirm, name=f"{name}_confirm"),
            path("<slug:paper>/take-back/", take_back, name=f"{name}_take_back"),
        ]


@needs("subscribers.view_clearance")
def page(request: HttpRequest) -> HttpResponse:
    """Show what is there and what is missing."""
    confirmed = clearance.in_force()
    return show(
        request,
        "desk/papers.html",
        title=_("Before the start"),
        lines=[Line(paper, confirmed.get(paper)) for paper in Clearance.Paper],
        missing=clearance.missing(),
        channel=Channel.objects.get(pk=Channel.ONLY),
        can_confirm=request.user.has_perm(CONFIRM),
    )


@needs(CONFIRM)
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, paper: str) -> HttpResponse:
    """Confirm that a paper is there."""
    wanted = _paper(paper)
    form = Confirmation(request.POST or None, label_suffix="")
    if not form.is_valid():
        return show(request, "desk/paper_confirm.html", title=wanted.label, form=form)
    with transaction.atomic():
        row = clearance.confirm(
            wanted,
            dated_on=form.cleaned_data["dated_on"],
            reference=form.cleaned_data["reference"],
            by=user_of(request).get_username(),
            now=timezone.now(),
        )
        admin.site.get_model_admin(Clearance).log_addition(request, row, "paper confirmed")
        tasks.ring_tick()
    messages.success(request, _("Confirmed."))
    return redirect(LIST)


@needs(CONFIRM)
@require_POST
def take_back(request: HttpRequest, paper: str) -> HttpResponse:
    """End a confirmation that was a mistake, or whose paper is gone."""
    row = clearance.in_force().get(_paper(paper))
    if row and clearance.take_back(_paper(paper), now=timezone.now()):
        admin.site.get_model_admin(Clearance).log_change(request, row, "confirmation taken back")
        messages.success(request, _("The confirmation is taken back."))
    return redirect(LIST)


def _paper(name: str) -> Clearance.Paper:
    if name not in Clearance.Paper.values:
        raise Http404
    return Clearance.Paper(name)
