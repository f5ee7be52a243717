"""Threads that meet in the database, each with connections of its own."""

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections

PATIENCE = 30  # seconds; never reached unless something is broken


def start(pool, work):
    """Run `work` in a thread of the pool and close what it opened."""

    def run():
        try:
            return work()
        finally:
            connections.close_all()

    return pool.submit(run)


def at_the_same_time(*works):
    """Run all `works` at once; return what they returned, in their order."""
    with ThreadPoolExecutor(len(works)) as pool:
        futures = [start(pool, work) for work in works]
        return [future.result(timeout=PATIENCE) for future in futures]


def until(happened):
    """Return as soon as `happened()` is true."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "It never happened."
        time.sleep(0.01)


def wait_until_blocked():
    """Return as soon as some thread waits for a lock that this one holds."""
    until(_blocks_somebody)


def _blocks_somebody():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None
