"""`migrate` and `up` on databases that are empty, missing, or somebody else's."""

import json

import psycopg
import pytest

from swe_broadcast import engines
from tests.swe_broadcast.witness import free_port, python, rest

pytestmark = pytest.mark.processes

OLD_EVENTS = """
    INSERT INTO subscribers_consentevent
           (subscriber_id, kind, act, tier, notice_id, notice_sha256, happened_at, recorded_at)
    SELECT '12345678-1234-1234-1234-123456789012', kind, 'word', '', notice.id, notice.sha256,
           now(), now()
      FROM subscribers_notice AS notice,
           unnest(ARRAY['requested', 'notice_sent', 'refused']) AS kind
     WHERE language = 'de' AND version = 1
"""


class Server:
    """A PostgreSQL with an administrator and a clerk who may not create databases."""

    def __init__(self, where):
        self.where = where
        self.execute("CREATE ROLE clerk LOGIN", database="postgres")

    def url(self, database, *, user="postgres"):
        return f"postgres://{user}@:5432/{database}?host={self.where.sockets}"

    def execute(self, statement, *, database):
        parts = {"host": str(self.where.sockets), "user": "postgres", "dbname": database}
        with psycopg.connect(**parts, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return [row[0] for row in cursor] if cursor.description else []

    def tables(self, database):
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return set(self.execute(query, database=database))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("server")
    with engines.use(data_dir, servers=["postgres"], durable=False, grace=0) as where:
        yield Server(where)
    engines.wait_until_ended(data_dir)


def manage(*arguments, **variables):
    """Run a command to its end; return its exit code and what it said."""
    with python("manage.py", *arguments, **{"KEYS_DATABASE_URL": ""} | variables) as process:
        said = rest(process)
        return process.returncode, said


def test_both_databases_are_created_and_migrated_and_keys_live_alone(server):
    manage("migrate", DATABASE_URL=server.url("fresh"))

    assert "subscribers_subjectkey" in server.tables("fresh_keys")
    assert "subscribers_subjectkey" not in server.tables("fresh")
    assert {"subscribers_subscriber", "campaigns_delivery"} <= server.tables("fresh")
    assert not {"subscribers_subscriber", "campaigns_delivery"} & server.tables("fresh_keys")


def test_one_database_alone_can_be_named(server):
    manage("migrate", "--database=keys", DATABASE_URL=server.url("alone"))

    assert "subscribers_subjectkey" in server.tables("alone_keys")
    assert "alone" not in server.execute("SELECT datname FROM pg_database", database="postgres")


def test_who_may_not_create_a_database_is_told_what_an_administrator_does(server):
    code, said = manage("migrate", DATABASE_URL=server.url("foreign", user="clerk"))

    assert code == 1
    assert "CREATE DATABASE foreign OWNER clerk;" in said
    assert "Traceback" not in said


def test_the_events_of_an_older_release_are_brought_into_the_ledger(server):
    url = server.url("older")
    manage("migrate", DATABASE_URL=url)
    manage("migrate", "subscribers", "0002", DATABASE_URL=url)
    server.execute(OLD_EVENTS, database="older")

    migrated, said = manage("migrate", DATABASE_URL=url)
    verified, report = manage("consent", "verify", "--json", DATABASE_URL=url)

    assert migrated == 0, said
    assert (verified, json.loads(report)["events"]) == (0, 3)


def test_up_does_not_migrate_a_database_that_is_in_use_elsewhere(server, tmp_path):
    url = server.url("shared")
    manage("migrate", DATABASE_URL=url)
    server.execute("DELETE FROM django_migrations WHERE app = 'sessions'", database="shared")

    code, said = manage("up", DATABASE_URL=url, DATA_DIR=str(tmp_path), PORT=str(free_port()))

    assert code == 1
    assert "lack migrations. Run: python manage.py migrate" in said
