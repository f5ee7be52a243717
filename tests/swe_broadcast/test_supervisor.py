"""The supervisor: children come back, end in order, and never outlive it."""

import os
import signal

import pytest

from tests.swe_broadcast.witness import eventually, pids, processes_of, rest, until

pytestmark = pytest.mark.processes

# Each child is given as NAME=PYTHON CODE, and needs the one before it.
SUPERVISE = """
import sys
from pathlib import Path
from swe_broadcast.supervisor import Child, supervise

folder, *plans = sys.argv[1:]
children = []
for plan in plans:
    name, _, code = plan.partition("=")
    children.append(
        Child(
            name=name,
            command=[sys.executable, "-c", code, name],
            cwd=Path(folder),
            ready=(Path(folder) / name).exists,
            needs=[child.name for child in children[-1:]],
            stop_timeout=120,
        )
    )

def announce(news):
    print(news.event, news.child, news.reason, flush=True)

sys.exit(supervise(children, log_dir=Path(folder) / "log", announce=announce))
"""
WAIT = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"
STUBBORN = f"""
import pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: pathlib.Path("asked").touch())
{WAIT}
while True: signal.pause()
"""
TIDY = f"""
import signal, sys, time
def finish(*_):
    time.sleep(0.3)
    with open("finished", "a") as file:
        file.write(sys.argv[1] + " ")
    sys.exit()
signal.signal(signal.SIGTERM, finish)
{WAIT}
"""
PARENT = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {DEAF!r}, "grandchild"], start_new_session=True)
{WAIT}
"""
BROKEN = "import sys; sys.exit('no licence')"


@pytest.fixture
def supervised(folder, start):
    """Start a supervisor with children of those plans."""
    return lambda *plans: start("-c", SUPERVISE, folder, *plans, FOLDER=str(folder))


def test_a_killed_child_comes_back(folder, supervised):
    supervisor = supervised(f"clerk={WAIT}")
    until("all ready", supervisor)
    (killed,) = pids(folder, " clerk $")

    os.kill(killed, signal.SIGKILL)

    assert until("ended", supervisor) == ["ended clerk killed by SIGKILL\n"]
    assert until("ready", supervisor) == ["ready clerk \n"]
    assert killed not in pids(folder, " clerk $")


def test_a_child_starts_after_what_it_needs(folder, supervised):
    supervisor = supervised(f"first={WAIT}", f"second={WAIT}")

    said = until("all ready", supervisor)

    assert said == ["ready first \n", "ready second \n", "all ready  \n"]


def test_asked_to_stop_children_finish_their_work_in_the_reverse_order(folder, supervised):
    supervisor = supervised(f"first={TIDY}", f"second={TIDY}")
    until("all ready", supervisor)

    supervisor.terminate()
    rest(supervisor)

    assert supervisor.returncode == 0
    assert (folder / "finished").read_text().split() == ["second", "first"]


@pytest.mark.parametrize("victim", ["guard", "supervisor"])
def test_whoever_is_killed_nothing_survives(folder, supervised, victim):
    process = supervised(f"deaf={DEAF}", f"parent={PARENT}")
    until("all ready", process)
    eventually(lambda: pids(folder, " grandchild $"))
    (supervisor,) = pids(folder, r"supervise\(") - {process.pid}
    found = {"guard": process.pid, "supervisor": supervisor}

    os.kill(found[victim], signal.SIGKILL)

    eventually(lambda: not processes_of(folder))
    assert process.wait() != 0


def test_what_a_dead_child_had_started_goes_with_it(folder, supervised):
    supervisor = supervised(f"parent={PARENT}")
    until("all ready", supervisor)
    eventually(lambda: pids(folder, " grandchild $"))
    (first,) = pids(folder, " grandchild $")

    os.kill(*pids(folder, " parent $"), signal.SIGKILL)

    eventually(lambda: first not in processes_of(folder))


def test_the_second_interrupt_does_not_wait(folder, supervised):
    supervisor = supervised(f"stubborn={STUBBORN}")
    until("all ready", supervisor)

    supervisor.send_signal(signal.SIGINT)
    eventually((folder / "asked").exists)
    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait() == 0


def test_a_child_that_never_starts_is_given_up_with_its_last_words(folder, supervised):
    supervisor = supervised(f"first={WAIT}", f"broken={BROKEN}")

    said = "".join(until("given up", supervisor)) + rest(supervisor)

    assert supervisor.returncode == 1
    assert "given up broken exit code 1, 5 times" in said
    assert "no licence" in said


def test_a_program_that_does_not_exist_is_named(folder, start):
    code = SUPERVISE.replace("sys.executable", repr("/does/not/exist"))

    process = start("-c", code, folder, "ghost=", FOLDER=str(folder))

    assert "No such file or directory: /does/not/exist" in rest(process)
    assert process.returncode == 1


def test_children_may_only_need_children(folder, start):
    code = SUPERVISE.replace("children[-1:]]", "children[-1:]] or ['nobody']")

    process = start("-c", code, folder, f"clerk={WAIT}")

    assert "clerk needs unknown children: {'nobody'}" in rest(process)
