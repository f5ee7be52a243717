"""The engines that come along: started once, shared, brought back, and gone with their users."""

import fcntl
import os
import signal
from pathlib import Path

import psycopg
import pytest

from swe_broadcast import engines
from tests.swe_broadcast.witness import eventually, pids, processes_of

pytestmark = pytest.mark.processes

USER = """
import sys
from pathlib import Path
from swe_broadcast import engines
with engines.use(Path(sys.argv[1]), durable=False, grace=0):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir(folder):
    """Where servers are to keep their data; it does not exist yet."""
    return folder / "data"


def use(data_dir, **options):
    return engines.use(data_dir, durable=False, grace=0, **options)


def connect(where):
    return psycopg.connect(host=str(where.sockets), dbname="swe_broadcast", user="postgres")


def ask(where, question):
    with connect(where) as connection:
        return connection.execute(question).fetchone()


def postmaster(data_dir):
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize("name", ["with a blank", "Fähre für Öl", "x" * 120, "a'b\"c%d"])
def test_any_folder_will_do(tmp_path, name):
    data_dir = tmp_path / name

    with use(data_dir) as where:
        answer = ask(where, "SELECT 42")

    assert answer == (42,)
    eventually(lambda: not processes_of(where.data_dir) and not processes_of(where.sockets))


def test_data_outlive_the_servers(data_dir):
    with use(data_dir) as where, connect(where) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    engines.wait_until_ended(data_dir)

    with use(data_dir) as where:
        answer = ask(where, "SELECT number FROM kept")

    assert answer == (7,)


def test_two_processes_share_their_servers_and_the_last_one_ends_them(data_dir, start):
    first, second = (start("-c", USER, data_dir) for _ in range(2))
    assert first.stdout.readline() == second.stdout.readline() == "ready\n"
    shared = pids(data_dir, "bin/postgres -D")

    first.communicate()
    still_there = pids(data_dir, "bin/postgres -D")
    second.communicate()

    assert len(shared) == 1
    assert still_there == shared
    eventually(lambda: not processes_of(data_dir))


def test_users_that_are_killed_leave_nothing_behind(data_dir, start):
    user = start("-c", USER, data_dir)
    assert user.stdout.readline() == "ready\n"

    user.kill()
    user.communicate()

    eventually(lambda: not processes_of(data_dir))


@pytest.mark.parametrize("program", ["bin/postgres -D", "valkey-server"])
def test_a_killed_server_comes_back(data_dir, program):
    with use(data_dir) as where:
        (killed,) = pids(data_dir, program)

        os.kill(killed, signal.SIGKILL)

        eventually(lambda: pids(data_dir, program) - {killed})
        eventually(where.server("postgres").is_answering)
        eventually(where.server("valkey").is_answering)


def test_waiting_for_the_end_ends_when_others_stay(data_dir):
    with use(data_dir, servers=["valkey"]) as where:
        engines.wait_until_ended(data_dir)

        assert where.server("valkey").is_answering()


def wait_for_its_death(data_dir):
    """kill() returns before the kernel has taken the keeper's lock back."""
    lock = engines.locations(data_dir).lock("postgres", role="keeper")
    with engines.locked(lock, fcntl.LOCK_SH):
        pass


def test_the_next_user_replaces_a_keeper_that_was_killed_with_its_supervisor(data_dir):
    with use(data_dir, servers=["postgres"]):
        before = postmaster(data_dir)
        for pid in pids(data_dir, "swe_broadcast.keeper"):
            os.kill(pid, signal.SIGKILL)
        wait_for_its_death(data_dir)

        with use(data_dir, servers=["postgres"]) as where:
            answer = ask(where, "SELECT 42")
            after = postmaster(data_dir)

    assert answer == (42,)
    assert after != before


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(data_dir):
    with use(data_dir, servers=["postgres"]):
        pass
    engines.wait_until_ended(data_dir)
    (data_dir / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{data_dir}\n")

    with use(data_dir, servers=["postgres"]) as where:
        answer = ask(where, "SELECT 42")

    assert answer == (42,)


def test_only_the_owner_gets_in_and_the_folders_above_stay_as_they_are(tmp_path):
    above = tmp_path / "above"
    above.mkdir(mode=0o711)

    with use(above / "data", servers=["postgres"]) as where:
        modes = [path.stat().st_mode & 0o777 for path in (above, where.data_dir, where.sockets)]

    assert modes == [0o711, 0o700, 0o700]
    engines.wait_until_ended(where.data_dir)


def test_data_of_another_postgresql_are_left_alone(data_dir):
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("9\n")

    foreign = use(data_dir, servers=["postgres"])
    with pytest.raises(engines.EnginesUnavailable, match="belong to PostgreSQL 9"), foreign:
        pass


def test_a_folder_that_nobody_may_write_to_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()

    with pytest.raises(engines.EnginesUnavailable, match=f"Cannot use {blocked}"), use(blocked):
        pass


@pytest.mark.parametrize(
    ("environment", "needed"),
    [
        ({}, ("postgres", "valkey")),
        ({"DATABASE_URL": "postgres://db/desk"}, ("valkey",)),
        ({"REDIS_URL": "redis://broker/0", "DATABASE_URL": ""}, ("postgres",)),
        ({"REDIS_URL": "redis://broker/0", "DATABASE_URL": "postgres://db/desk"}, ()),
    ],
)
def test_servers_named_by_the_environment_are_not_brought_along(environment, needed):
    assert engines.needed(environment) == needed


def test_an_installation_with_servers_of_its_own_needs_no_folder(tmp_path):
    with engines.use(tmp_path / "data", servers=()):
        pass

    assert not (tmp_path / "data").exists()


def test_the_database_next_door_keeps_the_rest_of_the_url():
    url = engines.sibling("postgres://u:p@host:5432/desk?sslmode=require", "_keys")

    assert url == "postgres://u:p@host:5432/desk_keys?sslmode=require"


def test_the_same_folder_means_the_same_place(tmp_path):
    link = Path(tmp_path / "link")
    link.symlink_to(tmp_path)

    assert engines.locations(link) == engines.locations(tmp_path)
