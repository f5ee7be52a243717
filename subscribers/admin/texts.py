"""The words that subscribers get: proposed by the editorial team, approved by somebody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers import claims, differences, revisions
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.claims import Problem
from subscribers.differences import Piece
from subscribers.models import Notice, TextVersion
from subscribers.wording import LANGUAGES, shipped, shipped_names

LABELS: Mapping[str, Promise] = {
    "access": gettext_lazy("Answer to AUSKUNFT"),
    "access_without_proof": gettext_lazy("Answer to AUSKUNFT, where no proof is kept"),
    "access_limit": gettext_lazy("AUSKUNFT more than three times a day"),
    "answer_complaint": gettext_lazy("Ready answer: complaint about somebody"),
    "answer_passed_on": gettext_lazy("Ready answer: passed on"),
    "answer_report": gettext_lazy("Ready answer: hand over to the reporting office"),
    "answer_sick_note": gettext_lazy("Ready answer: sick note"),
    "asked_again": gettext_lazy("The number has changed"),
    "changed": gettext_lazy("Tier changed"),
    "confirmed": gettext_lazy("Confirmation after joining"),
    "erase_cancelled": gettext_lazy("Erasure called off"),
    "erase_question": gettext_lazy("Question before erasure"),
    "erased": gettext_lazy("Erasure confirmed"),
    "erased_without_proof": gettext_lazy("Erasure confirmed, where no proof is kept"),
    "erasing": gettext_lazy("Somebody writes while being erased"),
    "full_text_gone": gettext_lazy("Full text no longer available"),
    "help": gettext_lazy("Help"),
    "join_code": gettext_lazy("Request for the join code"),
    "join_code_wrong": gettext_lazy("Wrong join code"),
    "letter_taken": gettext_lazy("Reply taken in"),
    "letters_off": gettext_lazy("Replies are not read"),
    "letters_only_text": gettext_lazy("Picture, voice or file in place of words"),
    "letters_too_few": gettext_lazy("Too few subscribers for replies"),
    "not_subscribed": gettext_lazy("STOP without a subscription"),
    "notice": gettext_lazy("Privacy notice in the chat"),
    "paused": gettext_lazy("Answer to PAUSE"),
    "question": gettext_lazy("Question for consent"),
    "reconfirmed": gettext_lazy("Yes to the yearly question"),
    "refused": gettext_lazy("No to the question"),
    "resumed": gettext_lazy("After a pause"),
    "slow_down": gettext_lazy("Too many messages"),
    "tier_while_paused": gettext_lazy("Tier changed during a pause"),
    "unchanged": gettext_lazy("Tier stays as it is"),
    "unsure": gettext_lazy("Question after a doubtful STOP"),
    "which_language": gettext_lazy("Choice of language"),
    "which_tier": gettext_lazy("Choice of tier"),
    "withdrawn": gettext_lazy("Confirmation of STOP"),
    "withdrawn_without_proof": gettext_lazy("Confirmation of STOP, where no proof is kept"),
}
# What stands inside other texts, and on buttons.
PARTS: Mapping[str, Promise] = {
    "button_cancel": gettext_lazy("Button: call it off"),
    "button_continue": gettext_lazy("Button: keep getting it"),
    "button_english": gettext_lazy("Button: English"),
    "button_erase": gettext_lazy("Button: erase"),
    "button_german": gettext_lazy("Button: German"),
    "button_maxi": gettext_lazy("Button: Maxi"),
    "button_mini": gettext_lazy("Button: Mini"),
    "button_only_stop": gettext_lazy("Button: only unsubscribe"),
    "button_stop": gettext_lazy("Button: unsubscribe"),
    "consent_given": gettext_lazy("Part of AUSKUNFT: agreed when"),
    "consent_none": gettext_lazy("Part of AUSKUNFT: has not agreed"),
    "scope_maxi": gettext_lazy("Part: what Maxi contains"),
    "scope_mini": gettext_lazy("Part: what Mini contains"),
    "standing_none": gettext_lazy("Part of AUSKUNFT: no subscription"),
    "standing_resting": gettext_lazy("Part of AUSKUNFT: subscription rests"),
    "standing_subscribed": gettext_lazy("Part of AUSKUNFT: subscription runs"),
}
SENTENCES: Mapping[str, Promise] = {
    "empty": gettext_lazy("Please write something."),
    "braces": gettext_lazy("Braces may only stand around the name of a placeholder."),
    "unknown_placeholder": gettext_lazy("There is no placeholder {%(about)s} in this text."),
    "missing_placeholder": gettext_lazy("The placeholder {%(about)s} must stay."),
    "false_claim": gettext_lazy("“%(about)s” is not true. Please say it differently."),
    "way_out": gettext_lazy("This text must say that STOP unsubscribes."),
    "too_long": gettext_lazy("Too long by %(about)s characters, with the longest values."),
    "unchanged": gettext_lazy("This is what is in force already."),
}


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the list or the page."""

    name: str
    language: str
    body: str
    in_force: TextVersion | None  # None: as shipped
    waiting: list["Change"] = field(default_factory=list)
    past: list["Change"] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What it is for."""
        return str(LABELS.get(self.name) or PARTS[self.name])


@dataclass(frozen=True, slots=True)
class Listed:
    """One text in one language, on the list."""

    text: Text
    is_waiting: bool

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """What waits stands first, then whole texts, then parts of sentences."""
        return not self.is_waiting, self.text.name not in LABELS, self.text.label


@dataclass(frozen=True, slots=True)
class Change:
    """A version, against what it takes or took the place of."""

    version: TextVersion
    pieces: list[Piece]
    may_approve: bool = False


class ProposalForm(forms.Form):
    """A new wording."""

    body = forms.CharField(
        label=gettext_lazy("New words"), widget=forms.Textarea(attrs={"rows": 12}), strip=False
    )
    is_material = forms.BooleanField(
        label=gettext_lazy("New purpose or new recipient: everybody has to agree again"),
        required=False,
    )


@admin.register(TextVersion)
class TextVersionAdmin(ReadOnlyAdmin):
    """Every text in both languages, with what is in force and what waits for approval."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the list, a page for each text, and the approval of a version."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.all_texts), name="subscribers_textversion_changelist"),
            path("<int:pk>/approve/", view(self.approve), name="subscribers_textversion_approve"),
            path(
                "<str:language>/<str:name>/",
                view(self.one_text),
                name="subscribers_textversion_text",
            ),
        ]

    def all_texts(self, request: HttpRequest) -> HttpResponse:
        """List the texts that people read as a whole; those that wait for approval first."""
        self._check(request, "view")
        versions = TextVersion.objects.order_by("version")
        in_force = {(it.language, it.name): it for it in versions if it.approved_at}
        waiting = {
            (it.language, it.name)
            for it in versions
            if it.approved_at is None and _is_newer(it, in_force.get((it.language, it.name)))
        }
        texts = [
            [
                Listed(
                    Text(name, language, "", in_force.get((language, name))),
                    (language, name) in waiting,
                )
                for language in LANGUAGES
            ]
            for name in shipped_names()
        ]
        texts.sort(key=lambda pair: min(listed.rank for listed in pair))
        title = _("Texts to subscribers")
        return self.page(request, "admin/subscribers/texts.html", title=title, texts=texts)

    def one_text(self, request: HttpRequest, language: str, name: str) -> HttpResponse:
        """Show one text with its history, and take a proposal."""
        self._check(request, "view")
        if language not in LANGUAGES or name not in shipped_names():
            raise Http404
        can_propose = request.user.has_perm("subscribers.add_textversion")
        text = _text(request, language, name)
        form = ProposalForm(request.POST or None, initial={"body": text.body})
        form.fields["body"].widget.attrs["lang"] = language
        if name not in revisions.NOTICE_TEXTS:
            del form.fields["is_material"]
        if request.method == "POST":
            self._check(request, "add")
            if form.is_valid() and self._propose(request, form, text):
                return redirect("admin:subscribers_textversion_text", language, name)
        return self.page(
            request,
            "admin/subscribers/text.html",
            title=f"{text.label} ({language.upper()})",
            text=text,
            form=form if can_propose else None,
            placeholders=sorted(claims.placeholders(shipped(language, name))),
            limit=claims.limit_of(name),
        )

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a proposal in force."""
        self._check(request, "approve")
        version = get_object_or_404(TextVersion, pk=pk)
        if request.method == "POST":
            self._approve(request, version)
        return redirect("admin:subscribers_textversion_text", version.language, version.name)

    def _propose(self, request: HttpRequest, form: ProposalForm, text: Text) -> bool:
        try:
            version = revisions.propose(
                text.name,
                form.cleaned_data["body"],
                language=text.language,
                by=_user(request),
                organisation=settings.ORGANISATION,
                now=timezone.now(),
                is_material=form.cleaned_data.get("is_material", False),
            )
        except revisions.NotUsable as refusal:
            for problem in refusal.problems:
                form.add_error("body", _sentence(problem))
            return False
        self.log_addition(request, version, f"text proposed: {version}")
        messages.success(request, _("Proposed. It counts as soon as somebody else approves it."))
        return True

    def _approve(self, request: HttpRequest, version: TextVersion) -> None:
        try:
            revisions.approve(
                version.pk,
                by=_user(request),
                organisation=settings.ORGANISATION,
                now=timezone.now(),
            )
        except revisions.NotApprovable:
            messages.error(
                request,
                _("This cannot be approved: it is your own proposal, or it has been overtaken."),
            )
            return
        self.log_change(request, version, f"text approved: {version}")
        messages.success(request, _("Approved. From now on subscribers get these words."))

    def _check(self, request: HttpRequest, right: str) -> None:
        if not request.user.has_perm(f"subscribers.{right}_textversion"):
            raise PermissionDenied


def _text(request: HttpRequest, language: str, name: str) -> Text:
    """Collect a text with its versions, each beside what it takes the place of."""
    versions = TextVersion.objects.filter(language=language, name=name).order_by("version")
    people = versions.select_related("proposed_by", "approved_by")
    body, in_force = shipped(language, name), None
    past: list[Change] = []
    for version in people.filter(approved_at__isnull=False):
        past.append(Change(version, differences.between(body, version.body)))
        body, in_force = version.body, version
    may_approve = request.user.has_perm("subscribers.approve_textversion")
    waiting = [
        Change(
            version,
            _changes(version, body),
            may_approve and version.proposed_by_id != request.user.pk,
        )
        for version in people.filter(approved_at__isnull=True)
        if _is_newer(version, in_force)
    ]
    return Text(name, language, body, in_force, waiting[::-1], past[::-1])


def _changes(version: TextVersion, body: str) -> list[Piece]:
    """Compare with what it would replace: for offered words, what subscribers see today."""
    if version.proposed_by_id is not None:
        return differences.between(body, version.body)
    now = Notice.objects.current(version.language)
    filled = version.body.format_map({**settings.ORGANISATION, "version": now.version + 1})
    return differences.between(now.notice, filled)


def _is_newer(version: TextVersion, in_force: TextVersion | None) -> bool:
    return in_force is None or version.version > in_force.version


def _sentence(problem: Problem) -> str:
    return str(SENTENCES[problem.rule]) % {"about": problem.about}


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
