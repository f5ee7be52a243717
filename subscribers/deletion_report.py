"""The proof that something is deleted: a report every night, and a search every month.

Both say what was looked at and what was found, in numbers, and become events of the ledger,
which signs them. Vocabulary: DIN 66398 (class of data, rule, cut-off).

The search goes a second way: it takes references of people who have been erased and looks for
them in every column of every table that could hold one, whatever our models think is there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections, router, transaction
from django.db.models import Max
from django.utils import timezone
from psycopg import sql

from subscribers import consent, retention
from subscribers.models import (
    ConsentEvent,
    DeletionReport,
    Erasure,
    SealedProof,
    SubjectKey,
)
from subscribers.retention import Rule

SAMPLE = 50
SEARCH_ON = 1  # day of the month
LATE_AFTER = timedelta(hours=30)  # a night, and a morning to repair it
# These may know a reference: the list itself, and the proof of consent, each with a rule.
MAY_KNOW = {model._meta.db_table for model in (ConsentEvent, Erasure, SealedProof)}


@transaction.atomic
def write_if_due(rules: Sequence[Rule], *, now: datetime) -> bool:
    """After midnight, in the installation's zone, report about the day before; once."""
    day = timezone.localtime(now).date() - timedelta(days=1)
    if DeletionReport.objects.filter(day=day).exists():
        return False
    classes = [_about(rule, deleted_on=retention.deleted_on(day), now=now) for rule in rules]
    details: dict[str, object] = {"day": day.isoformat(), "classes": classes}
    found = None
    if day.day == SEARCH_ON:
        details["search"] = searched = search(now=now)
        found = searched["found"]
    _row, is_new = DeletionReport.objects.get_or_create(
        day=day,
        defaults={
            "written_at": now,
            "overdue": sum(rule.overdue(now=now) for rule in rules),
            "found": found,
        },
    )
    if is_new:  # or another worker was faster
        consent.record(ConsentEvent.Kind.DELETIONS, details=details, now=now)
    return is_new


def is_late(*, now: datetime) -> bool:
    """Tell whether a report is missing: then nobody knows whether anything is deleted."""
    last = DeletionReport.objects.aggregate(at=Max("written_at"))["at"]
    return last is not None and last < now - LATE_AFTER


def last_overdue() -> int:
    """Return how many rows were older than promised when the last report was written."""
    last = DeletionReport.objects.order_by("-day").first()
    return last.overdue if last else 0


def _about(rule: Rule, *, deleted_on: Mapping[str, int], now: datetime) -> dict[str, object]:
    return {
        "class": rule.name,
        "kept_seconds": int(rule.promise.total_seconds()),
        "cut_off": (now - rule.promise).isoformat(timespec="seconds"),
        "deleted": deleted_on.get(rule.name, 0),
        "overdue": rule.overdue(now=now),
        **({"held": "incident"} if rule.is_held() else {}),
    }


def search(*, now: datetime) -> dict[str, int]:
    """Look for a random sample of erased people in all columns of both databases."""
    gone = Erasure.objects.filter(is_listed=True, done_at__lt=now)
    refs = list(gone.order_by("?").values_list("pk", flat=True)[:SAMPLE])
    columns = found = 0
    for alias in sorted({router.db_for_read(Erasure), router.db_for_read(SubjectKey)}):
        for table, column in _columns(alias):
            columns += 1
            found += _count(alias, table, column, refs)
    return {"sampled": len(refs), "columns": columns, "found": found}


def _columns(alias: str) -> list[tuple[str, str]]:
    """Return every column that holds references, as the database itself knows them."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
             WHERE table_schema = current_schema() AND data_type = 'uuid'
            """
        )
        return [(table, column) for table, column in cursor.fetchall() if table not in MAY_KNOW]


def _count(alias: str, table: str, column: str, refs: list[UUID]) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE {} = ANY(%s)").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    with connections[alias].cursor() as cursor:
        cursor.execute(query, [refs])
        (n,) = cursor.fetchone()
    return int(n)
