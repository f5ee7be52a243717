"""`manage.py migrate` for both databases: the main one, then the one of the wrapped keys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from swe_broadcast import databases


class Command(migrate.Command):
    """Django's command, which without --database would migrate the main database only."""

    help = (
        "Brings both databases up to date, or the one that --database names. "
        "Creates a database that is missing, if the role may do so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[arg-type]  # its CommandParser is private
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        return super().get_check_kwargs(options) | {"databases": _chosen(options)}

    def execute(self, *args: Any, **options: Any) -> Any:
        # Before the system checks: one of them asks the server for its version.
        for alias in _chosen(options):
            try:
                databases.ensure_exists(alias)
            except databases.NotPrepared as exc:
                raise CommandError(str(exc)) from exc
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        for alias in _chosen(options):
            super().handle(*args, **options | {"database": alias})


def _chosen(options: dict[str, Any]) -> list[str]:
    return [options["database"]] if options["database"] else list(databases.ALIASES)
