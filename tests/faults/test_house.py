"""Accidents to a whole installation, while 412 messages leave.

One tree of processes for all of them: what an accident leaves behind, the next one meets.
"""

import signal
import time

import pytest

from campaigns.echoes import DEAF, LISTENING
from tests.faults.house import PEOPLE, QUEUES, running_house
from tests.swe_broadcast.witness import eventually

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("house")]

VICTIMS = (
    r"celery .* -Q send_bulk",
    r"celery .* -Q inbound",
    r"gunicorn",
    r"valkey-server|valkey",
    r"celery .* beat",
    r"celery .* -Q ops",
)
CRASHES = 3
ON_THE_WIRE = 64  # messages that a killed worker can have had there


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running_house(tmp_path_factory.mktemp("house")) as house:
        yield house


def test_whoever_is_killed_nobody_gets_it_twice_and_nobody_is_forgotten(house):
    """F01: kill -9 for everybody, one after the other."""
    broadcast = house.broadcast()

    for number, victim in enumerate(VICTIMS, start=1):
        house.wait_for(broadcast, number * PEOPLE // (len(VICTIMS) + 2))
        house.signal(signal.SIGKILL, victim)

    house.wait_until_it_is_over(broadcast)
    house.check(broadcast, unclear=ON_THE_WIRE)
    signs = house.web_signs()
    eventually(lambda: house.web_signs()[LISTENING] > signs[LISTENING])  # again and again
    assert signs[LISTENING] >= signs[DEAF]


@pytest.mark.thorough
def test_a_broker_that_forgets_everything_again_and_again_delays_and_loses_nothing(house):
    """F10: FLUSHALL, every second of the run."""
    broadcast = house.broadcast()
    broker = house.broker()
    flushes = 0

    while house.got(broadcast).total() < PEOPLE:
        broker.flushall()
        flushes += 1
        time.sleep(1)

    assert flushes > 5
    house.wait_until_it_is_over(broadcast)
    house.check(broadcast)


@pytest.mark.thorough
def test_without_its_broker_the_desk_works_and_afterwards_everything_is_sent(house):
    """F11: the broker is gone for a minute, twenty ticks."""
    running = house.broadcast()
    house.wait_for(running, PEOPLE // 4)
    with house.no_broker():
        desk = house.log_in("freigabe")
        for page in ("", "campaigns/broadcast/", f"campaigns/broadcast/{running}/change/"):
            desk.get(page)
        desk.post(f"campaigns/broadcast/{running}/do/pause/")
        desk.post(f"campaigns/broadcast/{running}/do/resume/")
        planned = house.broadcast()  # written, submitted, approved and scheduled
        assert house.status(planned)["planned"] in (None, 0)
        time.sleep(60)
        desk.get(f"campaigns/broadcast/{planned}/change/")

    for broadcast in (running, planned):
        house.wait_until_it_is_over(broadcast)
        house.check(broadcast)


@pytest.mark.thorough
def test_workers_consume_again_after_each_of_twenty_resets_of_their_broker(house):
    """F12: what Celery could not do before 5.7 (its issue 10205)."""
    broadcast = house.broadcast()
    eventually(lambda: house.heartbeats().keys() == QUEUES)
    broker = house.broker()

    for _ in range(20):
        before = house.heartbeats()
        broker.client_kill_filter(_type="normal", skipme=True)
        eventually(lambda before=before: house.all_work(since=before))

    house.wait_until_it_is_over(broadcast)
    house.check(broadcast)


@pytest.mark.thorough
def test_a_deployment_during_a_run_leaves_nobody_unclear(house):
    """F35: everybody is asked to end, finishes what was begun, and comes back; and migrations."""
    broadcast = house.broadcast()
    house.wait_for(broadcast, PEOPLE // 4)

    house.signal(signal.SIGTERM, r"celery .* worker", r"celery .* beat", r"gunicorn")
    house.manage("migrate", "--no-input")

    house.wait_until_it_is_over(broadcast)
    house.check(broadcast)


@pytest.mark.thorough
def test_postgres_may_crash_again_and_again_during_a_run(house):
    """F13: what was on the wire is cleared up by its echo, which waits in the spool."""
    broadcast = house.broadcast()

    for number in range(1, CRASHES + 1):
        house.wait_for(broadcast, number * PEOPLE // (CRASHES + 2))
        house.signal(signal.SIGQUIT, r"bin/postgres .*-D ")  # as `pg_ctl stop -m immediate` does

    house.wait_until_it_is_over(broadcast)
    house.check(broadcast, unclear=CRASHES * ON_THE_WIRE)
    assert not any((house.folder / "spool").glob("*[0-9a-f]"))
