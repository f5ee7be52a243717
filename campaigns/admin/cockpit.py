"""The page of the data-protection officer: every promise of this system, and how it stands."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import account, accountability, connections, housekeeping
from campaigns.admin import documents, keeping, processing_record, works_council
from campaigns.admin.pages import needs, show
from subscribers import bundle, checkpoints, clearance, oversight, verification
from subscribers.admin import days, noting, reasons
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.models import (
    AccessEvent,
    Anchor,
    Checkpoint,
    DeletionReport,
    LedgerCheck,
    Processor,
    Tier,
)
from subscribers.retention import Rule
from verifier import verify_ledger

QUARTER, YEAR = timedelta(days=90), timedelta(days=365)
ANSWER_WITHIN = timedelta(days=28)  # one month, Art. 12(3) GDPR; February is the shortest
ANCHORS = 6  # shown
OVERSIGHT = "subscribers.view_ledgercheck"


@admin.register(LedgerCheck)
class EvidenceAdmin(ReadOnlyAdmin):
    """One page for everything that is proved, under the name of the list of verifications."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page, the ledger to take along, and the two documents."""
        name = "subscribers_ledgercheck"
        return [
            path("", page, name=f"{name}_changelist"),
            path("ledger.jsonl", download, name=f"{name}_bundle"),
            path("verify_ledger.py", verifier, name=f"{name}_verifier"),
            path("works-council/", council, name=f"{name}_works_council"),
            path("processing/", processing, name=f"{name}_processing"),
        ]


@needs(OVERSIGHT)
def page(request: HttpRequest) -> HttpResponse:
    """Show how every promise stands at this moment."""
    now = timezone.now()
    deletions = accountability.deletions(_rules(), now=now)
    return show(
        request,
        "desk/evidence.html",
        title=_("Evidence"),
        **_integrity(now=now),
        latency=oversight.withdrawal_latency(since=now - QUARTER),
        **_cases(now=now),
        sends_after=accountability.sends_after_withdrawal(),
        deletions=[(keeping.described(one.rule), one) for one in deletions],
        overdue=sum(one.overdue for one in deletions),
        report=DeletionReport.objects.order_by("-day").first(),
        searched=DeletionReport.objects.filter(found__isnull=False).order_by("-day").first(),
        versions=oversight.versions(),
        processors=Processor.objects.current(on=timezone.localdate()).order_by("name"),
        overdue_processors=Processor.objects.overdue(on=timezone.localdate()).count(),
        **_account(),
        papers_missing=clearance.missing(),
        **_standing(request.GET.get("on", "")),
    )


@needs(OVERSIGHT)
def download(request: HttpRequest) -> HttpResponse:
    """Hand out the ledger for the verifier; that it was handed out is logged."""
    about = f"{AccessEvent.What.EXPORT} ledger"
    reason = reasons.given(request, about, now=timezone.now())
    if not reason:
        return reasons.ask(request, about)
    noting.note(request, AccessEvent.What.EXPORT, ref="ledger", reason=reason)
    file = StringIO()
    bundle.write(file, origin=settings.LEDGER_ORIGIN, now=timezone.now())
    name = f"ledger-{timezone.localdate():%Y-%m-%d}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(file.getvalue(), content_type="application/jsonl", headers=headers)


@needs(OVERSIGHT)
def verifier(_request: HttpRequest, /) -> HttpResponse:
    """Hand out the one file that verifies a bundle without us."""
    file = Path(verify_ledger.__file__)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.read_bytes(), content_type="text/x-python", headers=headers)


@needs(OVERSIGHT)
def council(request: HttpRequest) -> HttpResponse:
    """Show what is stored and what is not, for the works council."""
    document = works_council.document(
        hours=connections.sending_hours(), rules=_rules(), now=timezone.now()
    )
    return documents.answer(request, document, name="betriebsrat")


@needs(OVERSIGHT)
def processing(request: HttpRequest) -> HttpResponse:
    """Show the record of processing activities (Art. 30 GDPR)."""
    document = processing_record.document(
        organisation=settings.ORGANISATION,
        proof_mode=settings.PROOF_MODE,
        rules=_rules(),
        now=timezone.now(),
    )
    return documents.answer(
        request,
        document,
        name="verarbeitungsverzeichnis",
        title=_("Record of processing activities (Art. 30)"),
        language=processing_record.LANGUAGE,
    )


def _rules() -> tuple[Rule, ...]:
    return housekeeping.rules(keeps_proof=settings.PROOF_MODE != "none")


def _integrity(*, now: datetime) -> dict[str, object]:
    check = LedgerCheck.objects.order_by("-checked_at").first()
    late = checkpoints.late_places(now=now)
    troubles = list(_troubles(check, late=late, now=now))
    return {
        "check": check,
        "troubles": troubles,
        "mood": "trouble" if troubles else "good" if check else "attention",
        "checkpoint": Checkpoint.objects.order_by("-pk").first(),
        "anchors": Anchor.objects.order_by("-tried_at", "-pk")[:ANCHORS],
        "has_places": bool(connections.anchor_places()),
    }


def _troubles(check: LedgerCheck | None, *, late: list[str], now: datetime) -> Iterator[str]:
    if check and check.findings:
        words = ngettext(
            "The last verification found %(n)s contradiction. Do not change anything; tell IT.",
            "The last verification found %(n)s contradictions. Do not change anything; tell IT.",
            len(check.findings),
        )
        yield words % {"n": len(check.findings)}
    if verification.is_overdue(now=now):
        yield _("The ledger was not verified last night. Please tell IT.")
    for place in late:
        yield _("Checkpoints do not reach the place “%(place)s”.") % {"place": place}


def _cases(*, now: datetime) -> dict[str, object]:
    cases = oversight.cases(since=now - YEAR)
    due = cases.oldest_open_at and cases.oldest_open_at + ANSWER_WITHIN
    return {"cases": cases, "cases_due_at": due}


def _account() -> dict[str, object]:
    newest = account.newest()
    return {"account": newest, "account_problems": list(account.problems(newest)) if newest else []}


def _standing(typed: str) -> dict[str, object]:
    """Count who subscribed at the end of a day; of today where no day is asked for."""
    day, today = days.chosen(typed), timezone.localdate()
    is_past = day < today
    counts = oversight.standing_at(days.end(day)) if is_past else oversight.standing_now()
    tiers = [(tier.name, counts.get(tier.slug, 0)) for tier in Tier.objects.order_by("level")]
    return {
        "day": day,
        "today": today,
        "standing": tiers,
        "total": sum(counts.values()),
    }
