"""The Celery application: four queues, one beat entry (settings.py, CELERY_*)."""

import os
from pathlib import Path

from celery import Celery, signals  # noqa: TID251
from django.db import close_old_connections
from kombu.entity import Queue

from swe_broadcast import transactions

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "swe_broadcast.settings")

app = Celery("swe_broadcast")
app.config_from_object("django.conf:settings", namespace="CELERY")
# One worker process each, so that a bulk broadcast delays neither an urgent one nor a reply.
app.conf.task_queues = [Queue(name) for name in ("inbound", "send_urgent", "send_bulk", "ops")]
app.autodiscover_tasks()


@signals.worker_init.connect
def bound_transactions(**_: object) -> None:
    """Lose a transaction rather than let the kill switch wait for a frozen worker."""
    transactions.bound_all()


@signals.task_prerun.connect
def drop_broken_connections(**_: object) -> None:
    """Begin every task as Django begins every request.

    Celery keeps connections for CELERY_DB_REUSE_MAX tasks without a look at them: after a
    restart of PostgreSQL a worker would fail as often.
    """
    close_old_connections()


@signals.worker_ready.connect
@signals.beat_init.connect
def say_that_we_are_ready(**_: object) -> None:
    """Write our pid to the file that whoever started us looks at (processes.py)."""
    if path := os.environ.get("READY_FILE"):
        Path(path).write_text(str(os.getpid()), encoding="utf-8")
