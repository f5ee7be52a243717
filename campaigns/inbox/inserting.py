"""Bodies written to their table: many in a commit of their own, or one in a transaction.

A cursor of psycopg waits for the socket in Python, several times for each statement; beside eight
threads at work that costs more than the statement. So the one that runs for every webhook goes to
libpq directly (psycopg.pq), prepared once for each connection, its values in binary.
"""

import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import OperationalError, connection
from psycopg import errors
from psycopg.pq import ExecStatus, Format

NAME = b"swe_store_webhooks"
# Sorted, so that two processes that store the same bodies wait for each other in one order.
INSERT_MANY = b"""
    INSERT INTO campaigns_inboxentry (body_hash, body, state, received_at, tries, not_before)
    SELECT body_hash, body, 'received', at, 0, at
      FROM (SELECT body_hash, body, timestamptz 'epoch' + us * interval '1 microsecond' AS at
              FROM unnest($1::bytea[], $2::bytea[], $3::bigint[]) AS new (body_hash, body, us)
             ORDER BY body_hash) AS sorted
        ON CONFLICT (body_hash) DO NOTHING
"""
INSERT_ONE = """
    INSERT INTO campaigns_inboxentry (body_hash, body, state, received_at, tries, not_before)
    VALUES (%s, %s, 'received', %s, 0, %s)
        ON CONFLICT (body_hash) DO NOTHING
"""
BYTEA, BIGINT = 17, 20  # object ids of PostgreSQL's types, the same everywhere (pg_type.dat)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_prepared = threading.local()  # `on`: the connection of this thread that knows the statement


@dataclass(frozen=True, slots=True)
class Sealed:
    """A body as it is stored."""

    body_hash: bytes
    body: bytes
    at: datetime


def insert_one(body: Sealed) -> bool:
    """Store a body within the present transaction; tell whether it is new. Raises Error."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT_ONE, [body.body_hash, body.body, body.at, body.at])
        return bool(cursor.rowcount)


def insert_many(bodies: Sequence[Sealed]) -> None:
    """Store and commit those of these bodies that are new. Call it outside of transactions.

    Raises Error. A kept connection that has died is replaced, once: instead of the question
    whether it lives, which Django would ask each time.
    """
    assert not connection.in_atomic_block
    was_kept = connection.connection is not None
    try:
        _execute(bodies)
    except OperationalError:
        if not was_kept or connection.is_usable():
            raise
        connection.close()
        _execute(bodies)


def _execute(bodies: Sequence[Sealed]) -> None:
    values = [
        _array(BYTEA, [body.body_hash for body in bodies]),
        _array(BYTEA, [body.body for body in bodies]),
        _array(BIGINT, [struct.pack("!q", (body.at - EPOCH) // MICROSECOND) for body in bodies]),
    ]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw = connection.connection
        if getattr(_prepared, "on", None) is not raw:
            _check(raw.pgconn.prepare(NAME, INSERT_MANY))
            _prepared.on = raw
        _check(raw.pgconn.exec_prepared(NAME, values, [Format.BINARY] * len(values)))


def _array(kind: int, items: Sequence[bytes]) -> bytes:
    """Write an array as PostgreSQL's array_recv reads it: one dimension, from 1, no NULL."""
    head = struct.pack("!iiiii", 1, 0, kind, len(items), 1)
    return head + b"".join(struct.pack("!i", len(item)) + item for item in items)


def _check(result: psycopg.pq.abc.PGresult) -> None:
    """Raise what psycopg itself would raise. Its text says nothing of the values."""
    if result.status == ExecStatus.COMMAND_OK:
        return
    state = (result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"").decode()
    if not state:  # the server did not even answer
        raise psycopg.OperationalError("The connection to the database is lost.")
    try:
        kind = errors.lookup(state)
    except KeyError:  # a code that is younger than psycopg
        kind = psycopg.DatabaseError
    raise kind("A webhook could not be stored.")
