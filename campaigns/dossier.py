"""The evidence of an incident in one file, with a hash of everything in it.

For the data-protection officer, and for whoever investigates on their behalf: the ledger, who
looked at what, what was changed at the desk, when sending stood still, what came in and could
not be read. Subscribers are in it as the random references of the ledger alone.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model

from campaigns.models import AccountCheck, Alarm, BroadcastEvent, Channel, InboxEntry
from subscribers import bundle
from subscribers.models import (
    AccessEvent,
    Clearance,
    DeletionReport,
    Incident,
    IncidentStep,
    LedgerCheck,
    Processor,
)

BEFORE = timedelta(days=90)  # what happened so long before we knew of it may belong to it
SUMS = "SHA256SUMS"  # as `sha256sum --check` reads it
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same evidence has the same hash

# File -> model, its column of time, and the columns that are written.
FILES: Mapping[str, tuple[type[Model], str, tuple[str, ...]]] = {
    "access-log": (AccessEvent, "at", ("at", "user__username", "role", "what", "ref", "reason")),
    "desk-log": (
        LogEntry,
        "action_time",
        ("action_time", "user__username", "content_type__model", "object_id", "change_message"),
    ),
    "broadcasts": (BroadcastEvent, "at", ("at", "broadcast_id", "what", "actor", "facts")),
    "alarms": (Alarm, "raised_at", ("raised_at", "cleared_at", "kind", "subject")),
    "webhooks": (InboxEntry, "received_at", ("received_at", "state", "tries")),
    "deletions": (DeletionReport, "written_at", ("written_at", "day", "overdue", "found")),
    "verifications": (LedgerCheck, "checked_at", ("checked_at", "size", "findings")),
    "account": (
        AccountCheck,
        "checked_at",
        ("checked_at", "storage", "region", "has_insights", "marketing", "trouble"),
    ),
}


def write(incident: Incident, *, origin: str, now: datetime) -> tuple[bytes, str]:
    """Return the bundle, a ZIP file, and its SHA-256."""
    since = incident.known_at - BEFORE
    files = {"ledger.jsonl": _text(lambda out: bundle.write(out, origin=origin, now=now))}
    for name, (model, column, columns) in FILES.items():
        rows = model._default_manager.filter(**{f"{column}__gte": since, f"{column}__lte": now})
        files[f"{name}.jsonl"] = _lines(rows.order_by(column, "pk").values(*columns).iterator())
    files["incident.json"] = _object(_incident(incident))
    files["installation.json"] = _object(_installation())
    content = _zip(files)
    return content, hashlib.sha256(content).hexdigest()


def _incident(incident: Incident) -> dict[str, Any]:
    steps = IncidentStep.objects.filter(incident=incident).order_by("pk")
    return {
        "known_at": incident.known_at,
        "declared_at": incident.began_at,
        "declared_by": incident.began_by,
        "what": incident.what,
        "report_by": incident.report_by,
        "steps": list(steps.values("at", "by", "words", "sha256")),
    }


def _installation() -> dict[str, Any]:
    channel = Channel.objects.values("stop_reason", "stopped_at", "stopped_by", "live_at")
    papers = Clearance.objects.order_by("pk").values()
    return {
        "channel": channel.get(pk=Channel.ONLY),
        "papers": list(papers),
        "processors": list(Processor.objects.order_by("name").values("name", "role", "country")),
    }


def _zip(files: Mapping[str, bytes]) -> bytes:
    sums = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, SUMS: sums.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _text(fill: Callable[[io.StringIO], object]) -> bytes:
    out = io.StringIO()
    fill(out)
    return out.getvalue().encode()


def _lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    return "".join(f"{_json(row)}\n" for row in rows).encode()


def _object(value: Mapping[str, object]) -> bytes:
    return f"{_json(value)}\n".encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
