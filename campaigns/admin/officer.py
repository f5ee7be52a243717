"""The start page of the data-protection officer: whether all is well, and what waits for them.

Nothing is verified or counted anew here: the page reads what nights and workers have left, a row
or two each. What stands behind it is on the page of the evidence (cockpit.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import alarms, connections, health
from campaigns.admin import incident_bar
from campaigns.admin.mood import Finding, Mood, worst_first
from campaigns.admin.pages import moment
from campaigns.models import Alarm, Channel
from subscribers import checkpoints, clearance, incidents, verification
from subscribers.models import (
    Anchor,
    Checkpoint,
    DeletionReport,
    LedgerCheck,
    Processor,
    TextVersion,
)

RIGHT = "subscribers.view_ledgercheck"
SHORT = 3  # names under a duty; the rest is one click away


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that waits for this person, and the page where it is done."""

    words: str
    url: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """How the promises stand, and what there is to do."""

    findings: list[Finding]  # what is not well, the worst first
    kept: list[str]  # what is, in a sentence each
    duties: list[Duty]
    has_incident: bool  # said above every page and among the duties, so not a third time

    @property
    def mood(self) -> Mood:
        """The colour of it all; while an incident is open, not all is well."""
        if self.findings:
            return self.findings[0].mood
        return Mood.ATTENTION if self.has_incident else Mood.GOOD


def watch(user: User, *, now: datetime) -> Watch:
    """Look at every promise, and at what waits for this officer."""
    found = [*_ledger(now=now), *_checkpoints(now=now), *_deletions(now=now), *_account()]
    incident = list(_incident(now=now))
    return Watch(
        findings=worst_first([one for one in found if one.mood != Mood.GOOD]),
        kept=[one.words for one in found if one.mood == Mood.GOOD],
        duties=[*incident, *_texts(user), *_processors(now=now), *_papers(), *_anchors()],
        has_incident=bool(incident),
    )


def _ledger(*, now: datetime) -> Iterator[Finding]:
    """Say how the newest verification ended; the cause of a fault is for IT to find."""
    check = LedgerCheck.objects.order_by("-checked_at").first()
    is_overdue = verification.is_overdue(now=now)
    if check and check.findings:
        words = _("The consent ledger does not verify. Do not change anything; please tell IT.")
        yield Finding(Mood.TROUBLE, words, _evidence())
    if is_overdue:
        words = _("The consent ledger was not verified last night. Please tell IT.")
        yield Finding(Mood.TROUBLE, words)
    elif check is None:
        words = _("The consent ledger has not been verified yet.")
        yield Finding(Mood.ATTENTION, f"{words} {_('That happens by itself, every night.')}")
    elif not check.findings:
        words = _("The consent ledger is intact, verified on %(when)s.")
        yield Finding(Mood.GOOD, words % {"when": moment(check.checked_at)})


def _checkpoints(*, now: datetime) -> Iterator[Finding]:
    """Say when the ledger was signed last, and when a signature last left the house."""
    if checkpoints.late_places(now=now):
        words = _("Checkpoints of the consent ledger cannot be sent. Please tell IT.")
        yield Finding(Mood.ATTENTION, words, _evidence())
    newest = Checkpoint.objects.order_by("-pk").first()
    if newest is None:
        return
    words = _("Last checkpoint: %(when)s.") % {"when": moment(newest.taken_at)}
    anchor = Anchor.objects.filter(is_sent=True).order_by("-tried_at", "-pk").first()
    if anchor:
        anchored = _("Last anchor: %(when)s.") % {"when": moment(anchor.tried_at)}
        words = f"{words} {anchored}"
    yield Finding(Mood.GOOD, words)


def _deletions(*, now: datetime) -> Iterator[Finding]:
    """Say what the last report found; to count anew would read whole tables."""
    report = DeletionReport.objects.order_by("-day").first()
    if health.deletions_are_silent(now=now):
        words = _("Nobody has looked lately whether all deletions are done. Please tell IT.")
        yield Finding(Mood.TROUBLE, words, _evidence())
    if report and report.overdue:
        words = ngettext(
            "%(n)s row is older than promised, by the report for %(day)s. Please tell IT.",
            "%(n)s rows are older than promised, by the report for %(day)s. Please tell IT.",
            report.overdue,
        )
        day = formats.date_format(report.day, "SHORT_DATE_FORMAT")
        said = words % {"n": report.overdue, "day": day}
        yield Finding(Mood.TROUBLE, said, _evidence())
    elif report:
        day = formats.date_format(report.day, "SHORT_DATE_FORMAT")
        words = _("Deletions on time, by the report for %(day)s.") % {"day": day}
        yield Finding(Mood.GOOD, words)


def _account() -> Iterator[Finding]:
    """Name what Meta answered wrongly; everybody else hears of it by mail only."""
    alarm = Alarm.objects.filter(kind=Alarm.Kind.ACCOUNT_SET, cleared_at__isnull=True).first()
    if alarm:
        yield Finding(Mood.ATTENTION, alarms.words(alarm), _evidence())


def _incident(*, now: datetime) -> Iterator[Duty]:
    incident = incidents.current()
    if incident:
        url = reverse("admin:subscribers_incident_changelist")
        clock = incident_bar.clock(incident, now=now)
        yield Duty(_("An incident is open."), url, clock.words)


def _texts(user: User) -> Iterator[Duty]:
    """Lead to the text that waits, or to the list, where those that wait stand first."""
    rows = TextVersion.objects.approvable(by=user)
    waiting = sorted(set(rows.values_list("language", "name")))
    if not waiting:
        return
    words = ngettext(
        "%(n)s text waits for your approval.",
        "%(n)s texts wait for your approval.",
        len(waiting),
    )
    url = reverse("admin:subscribers_textversion_changelist")
    if len(waiting) == 1:
        url = reverse("admin:subscribers_textversion_text", args=waiting[0])
    yield Duty(words % {"n": len(waiting)}, url)


def _processors(*, now: datetime) -> Iterator[Duty]:
    rows = Processor.objects.overdue(on=timezone.localdate(now)).order_by("review_on", "pk")
    overdue = list(rows.values_list("pk", "name"))
    if not overdue:
        return
    words = ngettext(
        "%(n)s review of a processor is overdue.",
        "%(n)s reviews of processors are overdue.",
        len(overdue),
    )
    url = reverse("admin:subscribers_processor_changelist")
    if len(overdue) == 1:
        url = reverse("admin:subscribers_processor_change", args=[overdue[0][0]])
    yield Duty(words % {"n": len(overdue)}, url, _listed([name for _pk, name in overdue]))


def _papers() -> Iterator[Duty]:
    """Name what a real number waits for; a simulated one needs no papers."""
    if not Channel.objects.filter(pk=Channel.ONLY, is_real=True).exists():
        return
    missing = clearance.missing()
    if not missing:
        return
    words = ngettext(
        "%(n)s confirmation is missing before the start.",
        "%(n)s confirmations are missing before the start.",
        len(missing),
    )
    url = reverse("admin:subscribers_clearance_changelist")
    names = _listed([str(paper.label) for paper in missing])
    yield Duty(words % {"n": len(missing)}, url, names)


def _anchors() -> Iterator[Duty]:
    if not connections.anchor_places():
        more = _("Two mailboxes would prove later that nobody rewrote the ledger. Please ask IT.")
        yield Duty(_("Checkpoints go nowhere yet."), _evidence(), more)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHORT]) + (" …" if names[SHORT:] else "")


def _evidence() -> str:
    return reverse("admin:subscribers_ledgercheck_changelist")
