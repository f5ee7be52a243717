"""The engine against the simulator: the real client, real answers, no network but loopback."""

from dataclasses import replace

import pytest
from django.conf import settings as django_settings
from django.utils import translation

from campaigns import connections, pace, templates_sync
from campaigns.models import MessageTemplate
from tests.factories import NOW
from whatsapp.simulator import Simulator

SENT_HERE = ["presseschau", "neues"]  # templates that the simulated Meta has approved


@pytest.fixture
def english():
    """The desk speaks English, so that tests read like the code."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def running_simulator():
    """One simulator for all tests; nobody is told of anything by webhook."""
    with Simulator(
        access_token=django_settings.WHATSAPP_ACCESS_TOKEN,
        app_secret=django_settings.WHATSAPP_APP_SECRETS[0],
        settings={"review_delay": 0, "throughput_per_second": None},
    ) as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator, settings):
    """The simulator, with nobody and nothing in it yet."""
    running_simulator.control.reset()
    settings.WHATSAPP_API_URL = running_simulator.url
    connections.forget()
    return running_simulator.control


@pytest.fixture
def sender(simulator, settings):
    """What a worker sends with, at NOW, and as fast as it can."""
    settings.WHATSAPP_RATE = 10_000
    connections.forget()
    connections.broker().delete(pace.KEY)
    yield replace(connections.sender(), clock=lambda: NOW)
    connections.broker().delete(pace.KEY)


@pytest.fixture
def somebody_urgent_waits(sender):
    """Until somebody urgent has had a turn, bulk gets no permit."""
    connections.broker().hset(pace.KEY, "urgent", 2**52)


@pytest.fixture
def templates(simulator, db):
    """Templates that WhatsApp knows and has approved."""
    MessageTemplate.objects.exclude(name__in=SENT_HERE).update(status="APPROVED")
    MessageTemplate.objects.filter(name__in=SENT_HERE).update(status="LOCAL")
    templates_sync.push(client=connections.cloud_client(), app_id="1", now=NOW)
    simulator.wait_until_idle(quiet_seconds=0)
    MessageTemplate.objects.update(status="APPROVED")
