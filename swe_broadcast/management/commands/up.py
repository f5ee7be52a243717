"""`manage.py up`: everything that this machine is to run, until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from swe_broadcast import databases, engines, processes


class Command(BaseCommand):
    """Translates settings into a process tree and shows what becomes of it."""

    help = (
        "Starts web, workers and beat and keeps them running, with PostgreSQL and Valkey unless "
        "DATABASE_URL and REDIS_URL name others. Ctrl-C or SIGTERM ends everything in order."
    )
    requires_system_checks = ()  # the processes run them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--simulator", action="store_true", help="also start the stand-in for Meta"
        )

    def handle(self, *args: Any, simulator: bool, **options: Any) -> None:
        tree = processes.Tree(
            data_dir=settings.DATA_DIR,
            port=settings.PORT,
            simulator_port=settings.SIMULATOR_PORT if simulator else None,
            embedded=engines.needed(),
        )
        try:
            with processes.servers(tree):
                databases.prepare(embedded="postgres" in tree.embedded)
                code = processes.run(tree, announce=processes.in_words(self._show))
        except (processes.CannotRun, databases.NotPrepared) as exc:
            raise CommandError(str(exc)) from exc
        if code:
            raise CommandError("Stopped because of a failure, see above.", returncode=code)
        self._show("Everything has ended.")

    def _show(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
