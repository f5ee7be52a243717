"""How long a worker that no longer answers may hold what others wait for.

Whoever arms holds the channel, and the kill switch waits for them (docs/adr/0003). Such a
transaction takes milliseconds, unless its process freezes or its machine is gone: then
PostgreSQL waits for the next statement, for ever. So it is told to end a worker's transaction
in which nothing has come for a while; whoever wakes up later finds it undone, and can commit
nothing. Our workers ask nobody but the databases while a transaction is open.
"""

from datetime import timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# With what an armer may wait for a lock (campaigns/sending/arm.py) less than the 5 s within which
# the kill switch is in force.
FROZEN_AFTER = timedelta(seconds=3)


def bound(connection: BaseDatabaseWrapper, *, frozen_after: timedelta = FROZEN_AFTER) -> None:
    """Let PostgreSQL end this connection when it idles so long inside a transaction."""
    milliseconds = str(frozen_after // timedelta(milliseconds=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [milliseconds]
        )


def bound_all() -> None:
    """Bound every connection that this process opens from now on."""
    connection_created.connect(_bound_new)


def _bound_new(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    bound(connection)
