"""The gate: who arms goes through it beside others, who stops closes it for all.

Everybody who arms holds the rows that allow it FOR SHARE. For a row alone PostgreSQL lets ever new
sharers pass whoever waits to change it, and a stop waits as long as several workers are busy (half
a minute was measured). For an advisory lock it keeps the order: who comes after a stop waits.

Pass or close before any row is locked: who holds the gate may wait for rows, never the reverse.
"""

from django.db import connection

LOCK = 0x47617465  # PostgreSQL's advisory locks are numbers
# While we wait inside, for the gate or for a row, a stop waits for us; and whoever holds what we
# wait for may be frozen. Shorter than the second after which PostgreSQL looks for deadlocks, so
# that of the two it is always the armer who gives way.
WAIT = "900ms"


def enter() -> None:
    """Go through until the transaction ends, beside others, and wait for no lock longer than WAIT.

    Raises OperationalError, from LockNotAvailable, where that is too short.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def close() -> None:
    """Wait for whoever is inside, and keep everybody else out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
