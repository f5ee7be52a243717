"""The pace of our number, on a real broker: shared by everybody, and never exceeded."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from campaigns import connections, pace
from campaigns.pace import ALONE_SHARE, BURST_SHARE, Pace
from tests.whatsapp.server import free_port

SLOW = 0.01  # messages per second: during a test no second permit falls due


@pytest.fixture
def broker():
    broker = connections.broker()
    broker.delete(pace.KEY)
    yield broker
    broker.delete(pace.KEY)


@pytest.fixture
def nobody(settings):
    """A broker that is not there."""
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}"
    connections.forget()
    return connections.broker()


def clock(broker):
    """The broker's own time, in seconds."""
    seconds, microseconds = broker.time()
    return seconds + microseconds / 1e6


def test_the_first_message_leaves_at_once(broker):
    assert Pace(broker, rate=SLOW).take(1).permits == 1


@pytest.mark.parametrize(("rate", "burst"), [(20, 1), (80, 2), (1000, 25)])
def test_after_a_rest_no_more_than_a_fortieth_of_a_second_leaves_at_once(broker, rate, burst):
    assert Pace(broker, rate=rate).take(10_000).permits == burst


def test_nobody_gets_more_than_was_asked_for(broker):
    assert Pace(broker, rate=1000).take(3).permits == 3


def test_whoever_comes_too_early_is_told_how_long_to_wait(broker):
    limited = Pace(broker, rate=SLOW)
    limited.take(1)

    refused = limited.take(1)

    assert refused.permits == 0
    assert 0 < refused.wait <= 1 / SLOW


def test_all_workers_share_one_rate(broker):
    grants = [Pace(broker, rate=SLOW).take(1).permits for _worker in range(5)]

    assert sum(grants) == 1


def test_with_nothing_to_send_no_permit_is_used_up(broker):
    limited = Pace(broker, rate=SLOW)

    idle = limited.take(0)

    assert (idle.permits, idle.wait) == (0, 1.0)
    assert limited.take(1).permits == 1


def test_many_workers_at_once_never_exceed_the_rate(broker):
    rate = 500
    begun = clock(broker)

    with ThreadPoolExecutor(8) as workers:
        limited = Pace(broker, rate=rate)
        grants = list(workers.map(lambda _: limited.take(20).permits, range(400)))

    allowed = rate * (clock(broker) - begun) + rate * BURST_SHARE
    assert 0 < sum(grants) <= allowed + 1


def test_nothing_is_left_at_the_broker_when_nobody_sends_any_more(broker):
    Pace(broker, rate=20).take(1)

    assert 0 < broker.pttl(pace.KEY) <= 60_000


def test_without_its_broker_a_worker_goes_on_with_a_small_share(nobody):
    alone = Pace(nobody, rate=SLOW)

    first, second = alone.take(64), alone.take(64)

    assert (first.permits, second.permits) == (1, 0)
    assert 0 < second.wait <= 1 / (SLOW * ALONE_SHARE)


def test_a_broker_that_has_lost_its_memory_costs_one_burst_at_most(broker):
    limited = Pace(broker, rate=SLOW)
    limited.take(1)
    broker.delete(pace.KEY)

    assert limited.take(64).permits == 1
