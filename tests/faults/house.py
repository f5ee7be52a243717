"""A whole installation in processes of its own, with the simulator: `manage.py up --simulator`.

Its scenarios follow each other in one tree, each with a broadcast of its own to the same people.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
import requests

from campaigns.echoes import DEAF, LISTENING
from swe_broadcast import engines
from tests.factories import PASSWORD
from tests.swe_broadcast.witness import (
    PROJECT,
    eventually,
    free_port,
    pids,
    processes_of,
    python,
    until,
)
from whatsapp.simulator import Control

PEOPLE = 412
RATE = 40  # messages per second: leaves time to do something to somebody
TICK_SECONDS = 3
QUEUES = {"inbound", "send_urgent", "send_bulk", "ops"}
VALUES = {"datum": "23. November", "schlagzeile_2": "B", "schlagzeile_3": "C"}

COUNT = """
SELECT coalesce(min(planned), -1), count(delivery.id)
  FROM campaigns_broadcast AS broadcast
  LEFT JOIN campaigns_delivery AS delivery
    ON delivery.broadcast_id = broadcast.id AND delivery.state = ANY(%s)
 WHERE broadcast.id = %s
"""


@dataclass
class House:
    """The running tree, and how one gets at its parts."""

    folder: Path
    environment: dict
    simulator: Control
    headlines: dict = field(default_factory=dict)  # of each broadcast, by its id

    def manage(self, *arguments, python=("manage.py",)):
        """Run a command of the project; return what it printed as JSON."""
        # Told where the broker is, as in production, it does not start one that is gone.
        broker = {"REDIS_URL": engines.locations(self.folder).redis_url}
        done = subprocess.run(
            [sys.executable, *python, *arguments],
            cwd=PROJECT,
            env={**self.environment, **broker},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def broadcast(self):
        """Let the desk write, submit, approve and schedule one; return its id."""
        headline = f"Headline-{len(self.headlines)}."
        given = {**VALUES, "schlagzeile_1": headline}
        values = [part for pair in given.items() for part in ("--value", "=".join(pair))]
        people = ("--as", "redaktion", "--approve-as", "freigabe", "--json")
        made = self.manage("broadcast", "create", "--category", "presseschau", *values, *people)
        self.headlines[made["id"]] = headline
        return made["id"]

    def status(self, broadcast_id):
        return self.manage("broadcast", "status", str(broadcast_id), "--json")

    def got(self, broadcast_id):
        """How many copies of a broadcast everybody has, by the simulator's ledger."""
        headline = self.headlines[broadcast_id]
        return Counter(
            entry["phone"] for entry in self.simulator.ledger() if headline in entry["text"]
        )

    def wait_for(self, broadcast_id, messages):
        eventually(lambda: self.got(broadcast_id).total() >= messages, patience=180)

    def wait_until_it_is_over(self, broadcast_id):
        # Asked of the rows: a command of its own for each look would keep the machine busy.
        eventually(lambda: not self.count(broadcast_id, "queued", "armed"), patience=300)
        self.simulator.wait_until_idle(timeout_seconds=60)
        eventually(lambda: self._is_heard(broadcast_id), patience=120)

    def _is_heard(self, broadcast_id):
        return self.count(broadcast_id, "delivered") == self.got(broadcast_id).total()

    def count(self, broadcast_id, *states):
        """How many of its deliveries are in one of these states; those to come are queued."""
        try:
            ((planned, found),) = self._rows(COUNT, [list(states), broadcast_id])
        except psycopg.OperationalError:  # it has just crashed
            return PEOPLE
        return found if planned >= 0 else PEOPLE

    def _rows(self, query, values=()):
        url = engines.locations(self.folder).database_url("swe_broadcast")
        with psycopg.connect(url.replace("postgres://", "postgresql://", 1)) as connection:
            return connection.execute(query, values).fetchall()

    def check(self, broadcast_id, *, unclear=0):
        """Nobody twice, nobody forgotten, and the page adds up."""
        page, got = self.status(broadcast_id), self.got(broadcast_id)
        assert page["planned"] == PEOPLE
        assert page["adds_up"]
        assert set(got.values()) == {1}  # nobody twice
        assert page["accepted"] == len(got)  # whom WhatsApp knows about, we know about
        assert page["accepted"] + page["in_doubt"] == PEOPLE  # the rest is shown as unclear
        assert page["in_doubt"] <= unclear

    def signal(self, number, *commands):
        """Send a signal to all processes whose command matches one of the patterns."""
        found = {pid for command in commands for pid in pids(self.folder, command)}
        assert found
        for pid in found:
            os.kill(pid, number)

    def broker(self):
        url = engines.locations(self.folder).redis_url
        return redis.Redis.from_url(url.replace("redis+socket://", "unix://", 1))

    def heartbeats(self):
        """When the worker of each queue last did its work."""
        rows = self._rows("SELECT name, at FROM campaigns_heartbeat")
        return {name: at for name, at in rows if name in QUEUES}

    def web_signs(self):
        """What the web server has noted about itself: that it listens, and that it was away."""
        rows = self._rows("SELECT name, at FROM campaigns_heartbeat")
        return {name: at for name, at in rows if name in {DEAF, LISTENING}}

    def all_work(self, *, since):
        """Whether every worker has done something since those heartbeats."""
        beats = self.heartbeats()
        return beats.keys() == QUEUES and all(beats[name] > since[name] for name in QUEUES)

    @contextmanager
    def no_broker(self):
        """The broker is gone; its keeper would bring it back at once, so it sleeps."""
        keeper, server = r"swe_broadcast.keeper .* valkey", r"valkey-server"
        self.signal(signal.SIGSTOP, keeper)
        try:
            self.signal(signal.SIGKILL, server)
            yield
        finally:
            self.signal(signal.SIGCONT, keeper)

    def log_in(self, user):
        """A browser in which somebody of the desk is logged in."""
        return Browser(f"http://127.0.0.1:{self.environment['PORT']}/admin/", user)


class Browser:
    """As much of one as the desk needs. Nobody waits longer than 20 seconds for a page."""

    def __init__(self, desk, user):
        self.desk, self.session = desk, requests.Session()
        self.get("login/")
        self.post("login/", username=user, password=PASSWORD, next="/admin/")

    def get(self, page):
        answer = self.session.get(self.desk + page, timeout=20)
        assert answer.status_code == 200, f"{page} {answer.status_code}"
        return answer.text

    def post(self, page, **data):
        token = self.session.cookies["csrftoken"]
        form = {"csrfmiddlewaretoken": token, **data}
        answer = self.session.post(self.desk + page, form, timeout=20)
        assert answer.status_code == 200, f"{page} {answer.status_code}"
        assert "/login/" not in answer.url
        return answer.text


@contextmanager
def running_house(folder):
    """Have an installation with PEOPLE subscribers running; afterwards nothing is left of it."""
    simulator_port = free_port()
    ours = dict.fromkeys(("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL"), "")  # come along
    environment = {
        **os.environ,
        **ours,
        "DATA_DIR": str(folder),
        "PORT": str(free_port()),
        "SIMULATOR_PORT": str(simulator_port),
        "QUIET_HOURS": "off",
        "WHATSAPP_RATE": str(RATE),
        "TICK_SECONDS": str(TICK_SECONDS),
    }
    control = Control(f"http://127.0.0.1:{simulator_port}")
    with python("manage.py", "up", "--simulator", **environment) as tree:
        try:
            until("Everything runs.", tree)
            house = House(folder, environment, control)
            house.manage(str(PEOPLE), python=("-m", "tests.faults.seed"))
            house.manage("templates", "push", "--json")
            eventually(lambda: _all_approved(house.manage("templates", "sync", "--json")))
            yield house
        finally:
            tree.terminate()
    eventually(lambda: not processes_of(folder))


def _all_approved(answer):
    return all(row["status"] == "APPROVED" for row in answer["templates"])
