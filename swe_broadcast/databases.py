"""Brings the databases into being: creates what is missing, and tells what migrations lack."""

from contextlib import closing

import psycopg
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from swe_broadcast.routers import KEYS

ALIASES = (DEFAULT_DB_ALIAS, KEYS)  # in the order in which they are migrated
MAINTENANCE = "postgres"  # the database that every server has


class NotPrepared(Exception):
    """A database cannot be used as it is; the text tells the operator what to do."""


def prepare(*, embedded: bool) -> None:
    """Make both databases ready for this release; leaves no connection open.

    An empty database is migrated, and so is one of the embedded server, where nobody else
    could do it. Elsewhere migrating is a decision: raises NotPrepared, also if a database is
    missing and we may not create it.
    """
    try:
        for alias in ALIASES:
            ensure_exists(alias)
        if not any(_unapplied(alias) for alias in ALIASES):
            return
        if not (embedded or _is_empty()):
            raise NotPrepared("The databases lack migrations. Run: python manage.py migrate")
        call_command("migrate", verbosity=0)
    finally:
        connections.close_all()


def ensure_exists(alias: str) -> bool:
    """Create the database of `alias` if the server has none of that name; True if we did.

    Raises NotPrepared, and OperationalError if the server does not let us in at all.
    """
    connection = connections[alias]
    try:
        connection.ensure_connection()
    except OperationalError:
        name = connection.settings_dict["NAME"]
        with closing(_maintenance(connection)) as server:
            if server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone():
                raise
            _create(server, name)
        return True
    return False


def _unapplied(alias: str) -> int:
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _is_empty() -> bool:
    return not MigrationRecorder(connections[DEFAULT_DB_ALIAS]).applied_migrations()


def _maintenance(connection: BaseDatabaseWrapper) -> "psycopg.Connection[tuple[object, ...]]":
    parameters = connection.get_connection_params()
    try:
        return psycopg.connect(**parameters | {"dbname": MAINTENANCE}, autocommit=True)
    except psycopg.OperationalError as exc:
        raise OperationalError(str(exc)) from exc


def _create(server: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
        sql.Identifier(name)
    )
    try:
        server.execute(statement)
    except psycopg.errors.DuplicateDatabase:
        pass  # another process was faster
    except psycopg.errors.InsufficientPrivilege as exc:
        raise NotPrepared(
            f"There is no database {name}, and {server.info.user} may not create one. "
            f"Let an administrator run: CREATE DATABASE {name} OWNER {server.info.user};"
        ) from exc
