"""The papers before the start: which are confirmed, which are missing."""

from datetime import date, datetime

from django.db import transaction

from subscribers.models import Clearance

Paper = Clearance.Paper


def in_force() -> dict[str, Clearance]:
    """Return the confirmation that counts for each paper that has one."""
    return {one.paper: one for one in Clearance.objects.filter(ended_at__isnull=True)}


def missing() -> list[Clearance.Paper]:
    """Return the papers that nobody has confirmed, in the order of the page."""
    confirmed = in_force()
    return [paper for paper in Paper if paper not in confirmed]


@transaction.atomic
def confirm(
    paper: Clearance.Paper, *, dated_on: date, reference: str, by: str, now: datetime
) -> Clearance:
    """Note that a paper is there; an older confirmation of it no longer counts."""
    take_back(paper, now=now)
    return Clearance.objects.create(
        paper=paper, dated_on=dated_on, reference=reference, confirmed_by=by, confirmed_at=now
    )


def take_back(paper: Clearance.Paper, *, now: datetime) -> bool:
    """End the confirmation of a paper; False if there is none."""
    rows = Clearance.objects.filter(paper=paper, ended_at__isnull=True)
    return bool(rows.update(ended_at=now))
