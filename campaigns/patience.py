"""How long a webhook waits for the database, and what trouble with it means “not now”.

Meta waits for our answer for some seconds and then comes again, for days. So whoever takes in a
webhook asks the database briefly; what it cannot take now waits on disk (campaigns/outage.py).
"""

from django.db import Error, InterfaceError, OperationalError, connection

WAIT = 1500  # milliseconds, for one lock or one statement; an answer should take below two seconds
# Classes of SQLSTATE (PostgreSQL, appendix A) that are about the server and not about what was
# asked of it: connection, transaction rolled back, resources, locks, operator, system error.
NOT_NOW = ("08", "40", "53", "55", "57", "58")
READ_ONLY = "25006"  # a disk or a standby that takes no writes


def limit() -> None:
    """Let this transaction wait no longer than WAIT for any lock or statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {WAIT}; SET LOCAL statement_timeout = {WAIT}")


def is_outage(trouble: Exception) -> bool:
    """Tell whether the database cannot do now what it could do at another time.

    Everything else would fail again whenever it is asked.
    """
    if not isinstance(trouble, Error):
        return False
    state = getattr(trouble.__cause__, "sqlstate", None)
    if state is None:  # it did not even answer
        return isinstance(trouble, InterfaceError | OperationalError)
    return str(state) == READ_ONLY or str(state).startswith(NOT_NOW)
