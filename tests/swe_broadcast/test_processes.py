"""The process tree: what belongs to it, who may start it, and what becomes of it."""

import http.client
import os
import signal
import socket
from contextlib import closing

import pytest

from swe_broadcast import celery, probes, processes
from swe_broadcast.supervisor import Event, News
from tests.swe_broadcast.witness import eventually, free_port, pids, processes_of, rest, until

ALL_RUNS = "Everything runs."
# A caller of running() with a small tree: one child that the argument describes.
CALLER = """
import sys
from pathlib import Path
from swe_broadcast import processes
from swe_broadcast.supervisor import Child

class Small(processes.Tree):
    def children(self):
        return [Child(name="clerk", command=[sys.executable, "-c", sys.argv[2]])]

tree = Small(data_dir=Path(sys.argv[1]), port=int(sys.argv[3]), embedded=())
with processes.servers(tree), processes.running(tree, announce=processes.in_words(print)) as desk:
    print("inside", flush=True)
    desk.wait()
"""
SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def tree(tmp_path):
    """A tree whose servers are elsewhere."""
    return processes.Tree(data_dir=tmp_path / "data", port=free_port(), embedded=())


def test_each_queue_has_a_worker_of_its_own(tree):
    workers = [child for child in tree.children() if child.name.startswith("worker-")]
    consumed = [child.command[child.command.index("-Q") + 1] for child in workers]

    assert sorted(consumed) == sorted(queue.name for queue in celery.app.conf.task_queues)


def test_without_servers_of_its_own_the_tree_needs_no_keepers(tree):
    names = {child.name for child in tree.children()}

    assert {"web", "beat"} <= names
    assert not [name for name in names if name.startswith("keeper")]


def test_the_simulator_outlives_the_workers_that_drain(tmp_path):
    tree = processes.Tree(data_dir=tmp_path, port=1, simulator_port=2, embedded=("valkey",))

    needs = {child.name: set(child.needs) for child in tree.children()}

    assert needs["simulator"] == set()
    assert needs["worker-send_bulk"] == {"keeper-valkey", "simulator"}
    assert needs["web"] == {"keeper-valkey"}


@pytest.mark.parametrize("variable", ["PORT", "SIMULATOR_PORT"])
def test_a_port_that_is_taken_is_named_with_its_variable(tmp_path, variable):
    with socket.create_server((processes.HOST, 0)) as other:
        ports = {"PORT": free_port(), "SIMULATOR_PORT": free_port()}
        ports[variable] = other.getsockname()[1]
        tree = processes.Tree(
            data_dir=tmp_path,
            port=ports["PORT"],
            simulator_port=ports["SIMULATOR_PORT"],
            embedded=(),
        )

        complaint = f"Port {ports[variable]} is taken.* {variable}="
        with pytest.raises(processes.CannotRun, match=complaint), processes.servers(tree):
            pass


def test_a_second_tree_in_the_same_folder_is_refused(tree):
    with (
        processes.servers(tree),
        pytest.raises(processes.CannotRun, match="It runs already"),
        processes.servers(tree),
    ):
        pass


def test_what_happens_is_told_in_one_line():
    lines = []
    announce = processes.in_words(lines.append)

    announce(News(event=Event.READY, child="web"))
    announce(News(event=Event.ENDED, child="web", reason="killed by SIGKILL"))
    announce(News(event=Event.ALL_READY))

    assert lines == [
        "web is ready",
        "web ended (killed by SIGKILL) and is started again",
        ALL_RUNS,
    ]


@pytest.mark.parametrize("content", ["", "999999999", None])
def test_a_note_of_a_process_that_is_gone_means_not_ready(tmp_path, content):
    note = tmp_path / "note"
    if content is not None:
        note.write_text(content)

    assert not probes.names_a_process(note)


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_tree_ends_with_whoever_it_runs_for(folder, start, number):
    caller = start("-c", CALLER, folder, SLEEP, free_port())
    until("inside", caller)

    caller.send_signal(number)

    eventually(lambda: not processes_of(folder))
    assert caller.wait() != 0
    assert not (folder / "running.env").exists()


@pytest.mark.processes
def test_a_tree_that_does_not_start_is_an_error_for_its_caller(folder, start):
    caller = start("-c", CALLER.replace("command=", "ready=bool, command="), folder, "1/0", "0")

    said = rest(caller)

    assert "CannotRun: exit code 1, 5 times" in said
    assert "ZeroDivisionError" in said
    assert "inside" not in said


def get(port, path):
    with closing(http.client.HTTPConnection(processes.HOST, port, timeout=30)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """A folder for a desk that starts several times."""
    return tmp_path_factory.mktemp("up")


@pytest.fixture
def desk(data_dir, start):
    """A running desk with servers of its own, and its port."""
    port = free_port()
    servers = {"DATABASE_URL": "", "KEYS_DATABASE_URL": "", "REDIS_URL": ""}
    process = start("manage.py", "up", DATA_DIR=str(data_dir), PORT=str(port), **servers)
    until(ALL_RUNS, process)
    return process, port


@pytest.mark.processes
def test_up_serves_the_desk_brings_back_what_falls_and_ends_in_order(desk, data_dir):
    process, port = desk
    (killed,) = pids(data_dir, "-Q send_bulk")

    os.kill(killed, signal.SIGKILL)

    assert until("worker-send_bulk ended", process)
    assert until("worker-send_bulk is ready", process)
    assert get(port, "/admin/login/") == http.client.OK
    assert f"PORT={port}\n" in (data_dir / "running.env").read_text()

    process.terminate()

    assert rest(process) == "Everything has ended.\n"
    assert process.returncode == 0
    assert not processes_of(data_dir)
    assert not (data_dir / "running.env").exists()


@pytest.mark.processes
def test_up_that_is_killed_leaves_nothing_behind(desk, data_dir):
    process, _ = desk

    process.kill()

    eventually(lambda: not processes_of(data_dir))
