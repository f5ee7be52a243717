"""Incident mode: what happened, what was done about it, and whether it goes on.

While an incident is open nothing is deleted that could be evidence (subscribers/retention.py)
and no broadcast leaves (campaigns/stopping.py). STOP and LÖSCHEN are obeyed as ever.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from subscribers.models import Incident, IncidentStep


class AlreadyOpen(Exception):
    """There is an open incident; what happened belongs into its log."""


def current() -> Incident | None:
    """Return the incident that goes on, if there is one."""
    return Incident.objects.filter(ended_at__isnull=True).first()


def is_open() -> bool:
    """Tell whether an incident goes on."""
    return Incident.objects.filter(ended_at__isnull=True).exists()


def declare(what: str, *, known_at: datetime, by: str, now: datetime) -> Incident:
    """Open an incident; `known_at` starts the clock of Art. 33 GDPR. Raises AlreadyOpen."""
    try:
        with transaction.atomic():
            return Incident.objects.create(what=what, known_at=known_at, began_at=now, began_by=by)
    except IntegrityError:
        raise AlreadyOpen from None


def note(incident: Incident, words: str, *, by: str, now: datetime, sha256: str = "") -> None:
    """Add a step to the log of an incident."""
    IncidentStep.objects.create(incident=incident, at=now, by=by, words=words, sha256=sha256)


def end(incident: Incident, *, conclusion: str, by: str, now: datetime) -> bool:
    """End an incident, for a reason; False if somebody else was faster."""
    rows = Incident.objects.filter(pk=incident.pk, ended_at__isnull=True)
    return bool(rows.update(ended_at=now, ended_by=by, conclusion=conclusion))
