"""kill -9, while 412 messages leave: nobody twice, nobody forgotten, and the page adds up."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from tests.swe_broadcast.witness import PROJECT, eventually, free_port, pids, until
from whatsapp.simulator import Control

pytestmark = pytest.mark.processes

PEOPLE = 412
VALUES = {"datum": "23. November", "schlagzeile_1": "A", "schlagzeile_2": "B", "schlagzeile_3": "C"}
VICTIMS = (
    r"celery .* -Q send_bulk",
    r"celery .* -Q inbound",
    r"gunicorn",
    r"valkey-server|valkey",
    r"celery .* beat",
    r"celery .* -Q ops",
)


@pytest.fixture
def environment(folder):
    """An empty DATA_DIR, ports of its own, and a rate that leaves time to kill somebody."""
    port, simulator_port = free_port(), free_port()
    ours = dict.fromkeys(("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL"), "")  # come along
    return {
        **os.environ,
        **ours,
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "SIMULATOR_PORT": str(simulator_port),
        "QUIET_HOURS": "off",
        "WHATSAPP_RATE": "40",
        "TICK_SECONDS": "3",
    }


@pytest.fixture
def manage(environment):
    """Run a command of the project; return what it printed as JSON."""

    def run(*arguments, python=("manage.py",)):
        done = subprocess.run(
            [sys.executable, *python, *arguments],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    return run


def test_whoever_is_killed_nobody_gets_it_twice_and_nobody_is_forgotten(
    folder, start, environment, manage
):
    desk = start("manage.py", "up", "--simulator", **environment)
    until("Everything runs.", desk)
    simulator = Control(f"http://127.0.0.1:{environment['SIMULATOR_PORT']}")
    manage(str(PEOPLE), python=("-m", "tests.faults.seed"))
    manage("templates", "push", "--json")
    eventually(lambda: _all_approved(manage("templates", "sync", "--json")))
    values = [part for pair in VALUES.items() for part in ("--value", "=".join(pair))]
    people = ("--as", "redaktion", "--approve-as", "freigabe", "--json")
    made = manage("broadcast", "create", "--category", "presseschau", *values, *people)

    for number, victim in enumerate(VICTIMS, start=1):
        target = number * PEOPLE // (len(VICTIMS) + 2)
        eventually(lambda target=target: _sent(simulator) >= target, patience=180)
        for pid in pids(folder, victim):
            os.kill(pid, signal.SIGKILL)

    def status():
        return manage("broadcast", "status", str(made["id"]), "--json")

    eventually(lambda: not status()["open"], patience=300)
    simulator.wait_until_idle(timeout_seconds=60)
    eventually(lambda: status()["accepted"] == status()["delivered"], patience=60)
    got = Counter(entry["phone"] for entry in simulator.ledger())
    page = status()
    assert page["planned"] == PEOPLE
    assert page["adds_up"]
    assert set(got.values()) == {1}  # nobody twice
    assert page["accepted"] == len(got)  # whom WhatsApp knows about, we know about
    assert page["accepted"] + page["in_doubt"] == PEOPLE  # and the rest is shown as unclear
    assert page["in_doubt"] <= 64  # what the killed worker can have had on the wire


def _all_approved(answer):
    return all(row["status"] == "APPROVED" for row in answer["templates"])


def _sent(simulator):
    return simulator.ledger_counts()["messages"]
