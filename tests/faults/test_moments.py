"""The nine moments, and the three accidents that may happen at each: 27 runs for every seed.

What dies, dies in a process of its own; the simulator, which repeats its webhooks like Meta,
talks to a real web server then. What halts, halts for longer than its lease, by the town's clock.
"""

from contextlib import suppress
from datetime import timedelta

import pytest

from campaigns import failpoints
from campaigns.failpoints import ACTIONS, NAMES, Struck
from campaigns.sending.arm import LEASE
from subscribers.models import Subscriber, SubscriberState
from tests.campaigns.test_races import at_once
from tests.campaigns.webhooks import body, message, post
from tests.faults import invariants, processes
from tests.swe_broadcast.witness import eventually, free_port
from whatsapp import pipeline

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

LONGER_THAN_A_LEASE = LEASE + timedelta(seconds=1)
OF_A_PUMP = NAMES[:6]
PEOPLE = 10
# Starting a process takes seconds, so `make test` kills only at those that leave the most.
ESSENTIAL = {failpoints.AFTER_ARM_COMMIT, failpoints.ON_THE_WIRE, failpoints.WEBHOOK_STORED}


def runs():
    for name in NAMES:
        for action in ACTIONS:
            is_slow = action == "kill" and name not in ESSENTIAL
            marks = [pytest.mark.thorough] if is_slow else []
            yield pytest.param(name, action, marks=marks, id=f"{name} {action}")


@pytest.fixture
def wakes_up_late(monkeypatch):
    """A message that was decided on half a second ago is too old to leave; usually it is five."""
    monkeypatch.setattr(pipeline, "STALE_AFTER", 0.5)


@pytest.mark.usefixtures("wakes_up_late")
@pytest.mark.parametrize(("name", "action"), list(runs()))
def test_whatever_happens_at_the_nine_moments_nobody_is_doubled_or_forgotten(town, name, action):
    """F01, F15."""
    town.start(PEOPLE, batches=2)

    SCENES[name](town, name, action)
    town.settle()

    numbers = town.states()
    skipped = sum(numbers["skipped"].values())
    assert numbers["in_doubt"] + numbers["accepted"] + skipped == PEOPLE
    invariants.check(town)


def a_pump_meets_it(town, name, action):
    if action == "kill":
        town.weather(latency=0.5)
        assert processes.run(town, "pump", failpoint=f"{name}:kill:0.2") == -9
        town.weather(latency=0)
    elif action == "raise":
        with failpoints.at(f"{name}:raise"), suppress(Struck):
            town.pump("unlucky")
    else:
        halt(town, name, lambda: town.pump("frozen"), meanwhile=others_take_over(town))
    with suppress(Struck):
        town.hear()


def others_take_over(town):
    def take_over():
        eventually(lambda: town.broadcast.batch_set.exclude(owner="").exists())
        town.sweep()
        town.pump("next")

    return take_over


def halt(town, name, work, *, meanwhile):
    with failpoints.at(f"{name}:pause:1"):
        at_once(work, meanwhile)


def a_sweep_meets_it(town, name, action):
    with failpoints.at("after_arm_commit:raise"), suppress(Struck):
        town.pump("lost")
    if action == "kill":
        town.now += LONGER_THAN_A_LEASE
        assert processes.run(town, "sweep", failpoint=f"{name}:kill") == -9
    elif action == "raise":
        with failpoints.at(f"{name}:raise"), suppress(Struck):
            town.sweep()
    else:
        halt(town, name, town.sweep, meanwhile=lambda: town.pump("next"))


def an_application_meets_it(town, name, action):
    town.pump()
    for raw in town.news():
        post(raw)
    town.date_inbox()
    if action == "kill":
        assert processes.run(town, "apply", failpoint=f"{name}:kill") == -9
        assert town.states()["delivered"] == 0
    elif action == "raise":
        with failpoints.at(f"{name}:raise"), pytest.raises(Struck):
            town.apply()
        assert town.states()["delivered"] == 0
    else:
        halt(town, name, town.apply, meanwhile=town.sweep)
    town.apply()
    assert town.states()["delivered"] == PEOPLE


def a_webhook_meets_it(town, name, action):
    phone = min(town.phones)
    stop = body(message(phone, text="STOP", at=town.now))
    if action == "kill":
        die_in_the_web(town, name, phone)
    elif action == "raise":
        with failpoints.at(f"{name}:raise"), pytest.raises(Struck):
            post(stop)
    else:
        halt(town, name, lambda: post(stop), meanwhile=lambda: post(stop))
    if action != "kill":
        assert post(stop).status_code == 200  # Meta repeats what was not answered, and more
    town.stops_now(phone)


def die_in_the_web(town, name, phone):
    """A web server dies of a STOP; the next one gets it again, from the simulator."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks/whatsapp/"
    town.weather(webhook_url=url, webhook_verification=False)
    town.simulator.add_person("Erika", phone)
    with processes.web(town, port, failpoint=f"{name}:kill") as unlucky:
        town.simulator.say(phone, "STOP")
        assert unlucky.wait(timeout=60) == -9
    with processes.web(town, port):
        assert town.simulator.wait_until_idle(timeout_seconds=60)
    town.weather(webhook_url=None)
    assert Subscriber.objects.get(pk=town.phones[phone]).state == SubscriberState.WITHDRAWN


SCENES = {
    **dict.fromkeys(OF_A_PUMP, a_pump_meets_it),
    failpoints.WEBHOOK_STORED: a_webhook_meets_it,
    failpoints.WEBHOOK_HALF_APPLIED: an_application_meets_it,
    failpoints.SWEEP_HALF_DONE: a_sweep_meets_it,
}
