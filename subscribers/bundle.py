"""The whole ledger as lines of JSON: what the verifier reads, here and at an auditor's desk.

The format is described in docs/ledger.md. It is pseudonymous: events lead to a random id.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from django.db import connection, transaction

from subscribers.ledger import entries
from subscribers.models import Checkpoint

FORMAT, VERSION = "consent-ledger", 1
CHUNK = 2_000  # leaves fetched at once

# Plain rows: a million model instances would take minutes.
LEAVES = """
    SELECT leaf.seq, leaf.version, leaf.commitment, leaf.leaf_hash, leaf.link, leaf.appended_at,
           event.salt, event.kind, event.act, event.subscriber_id, event.tier,
           notice.language || '/' || notice.version, event.notice_sha256, event.happened_at,
           event.recorded_at, event.message_hash, event.receipt_code, event.details
      FROM subscribers_ledgerleaf leaf
      LEFT JOIN subscribers_consentevent event ON event.id = leaf.event_id
      LEFT JOIN subscribers_notice notice ON notice.id = event.notice_id
     ORDER BY leaf.seq
"""

# What entries.body() asks for, in the order of the query.
BODY = (
    *("kind", "act", "subject", "tier", "notice", "notice_sha256", "happened_at"),
    *("recorded_at", "message_hash", "receipt_code", "details"),
)

Line = dict[str, Any]
Row = tuple[Any, ...]


def write(file: TextIO, *, origin: str, now: datetime) -> int:
    """Write the ledger as it is at this moment; return the number of its leaves."""
    size = 0
    for line in _lines(origin=origin, now=now):
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        size += "seq" in line
    file.write(json.dumps({"end": True, "size": size}) + "\n")
    return size


def leaves() -> Iterator[Line]:
    """Return every leaf with the event that it stands for, or without one if it was erased.

    One statement, hence one moment: nothing that happens meanwhile is seen by halves.
    """
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(LEAVES)
        while rows := cursor.fetchmany(CHUNK):
            for row in rows:
                yield _leaf(row)


def checkpoints() -> list[str]:
    """Return all signed notes, the oldest first."""
    return list(Checkpoint.objects.order_by("pk").values_list("note", flat=True))


def _lines(*, origin: str, now: datetime) -> Iterator[Line]:
    yield {"bundle": FORMAT, "version": VERSION, "origin": origin, "exported_at": now.isoformat()}
    for note in checkpoints():
        yield {"checkpoint": note}
    yield from leaves()


def _leaf(row: Row) -> Line:
    seq, version, commitment, leaf_hash, link, appended_at, salt, *event = row
    line: Line = {
        "seq": seq,
        "v": version,
        "commit": commitment.hex(),
        "leaf": leaf_hash.hex(),
        "link": link.hex(),
        "at": appended_at.isoformat(),
        "salt": None,
        "body": None,
    }
    if salt is not None:  # not erased
        values = dict(zip(BODY, event, strict=True))
        values["details"] = json.loads(values["details"])
        line |= {"salt": salt.hex(), "body": entries.body(**values)}
    return line
