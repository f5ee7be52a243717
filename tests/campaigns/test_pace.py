"""The pace of our number, on a real broker: shared by everybody, and never exceeded."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.pace import most_in_a_second
from campaigns import connections, pace
from campaigns.pace import (
    AHEAD,
    ALONE_SHARE,
    AWAY,
    BURST_SHARE,
    HOLD,
    LATE,
    SPARE,
    Pace,
    interval,
)
from tests.whatsapp.server import free_port

SLOW = 0.01  # messages per second: during a test no second permit falls due


@pytest.fixture
def broker():
    broker = connections.broker()
    broker.delete(pace.KEY, pace.TURNS_KEY)
    yield broker
    broker.delete(pace.KEY, pace.TURNS_KEY)


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


def rest(broker):
    """Let it seem that nobody has sent for long."""
    broker.hset(pace.KEY, "due", 1)
    broker.set(pace.TURNS_KEY, 1)


def since_halving(broker, seconds):
    """Let it seem that the last halving was so many seconds ago."""
    broker.hset(pace.KEY, "since", round((clock(broker) - seconds) * 1e6))


def share_in_force(broker):
    """The share of the full rate that workers get now, read from how long they have to wait."""
    rest(broker)
    limited = Pace(broker, rate=SLOW)
    limited.take(1)
    return 1 / SLOW / limited.take(1).wait


def test_the_first_message_leaves_at_once(broker):
    assert Pace(broker, rate=SLOW).take(1).permits == 1


@pytest.mark.parametrize(("rate", "burst"), [(20, 2), (80, 8), (1000, 100)])
def test_after_a_rest_no_more_than_a_tenth_of_a_second_is_permitted_at_once(broker, rate, burst):
    rest(broker)

    assert Pace(broker, rate=rate).take(10_000).permits == burst


def test_a_broker_that_has_lost_its_memory_allows_no_burst(broker):
    limited = Pace(broker, rate=1000)
    broker.delete(pace.KEY)

    assert limited.take(1).permits == 1
    assert limited.take(10_000).permits < 1000 * BURST_SHARE


def test_nobody_gets_more_than_was_asked_for(broker):
    rest(broker)

    assert Pace(broker, rate=1000).take(3).permits == 3


def test_whoever_comes_too_early_is_told_how_long_to_wait(broker):
    limited = Pace(broker, rate=SLOW)
    limited.take(1)

    refused = limited.take(1)

    assert refused.permits == 0
    assert 0 < refused.wait <= interval(SLOW)


def test_permits_come_in_batches_so_that_nobody_asks_per_message(broker):
    rest(broker)
    limited = Pace(broker, rate=1000)
    limited.take(60)  # about forty are left, and fifty make a batch

    assert limited.take(64).permits == 0


def test_whoever_is_told_to_wait_and_does_not_asks_no_broker(broker, nobody):
    limited = Pace(broker, rate=SLOW)
    limited.take(1)
    told = limited.take(1).wait
    limited.broker = nobody

    again = limited.take(1)

    assert again.permits == 0
    assert 0 < again.wait <= told


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
        grants = list(workers.map(lambda _: Pace(broker, rate).take(20).permits, range(400)))

    allowed = rate * (clock(broker) - begun) + rate * BURST_SHARE
    assert 0 < sum(grants) <= allowed + 1


def test_nothing_is_left_at_the_broker_when_nobody_sends_any_more(broker):
    Pace(broker, rate=20).take(1)

    assert 0 < broker.pttl(pace.KEY) <= 300_000


def test_while_somebody_urgent_waits_bulk_gets_nothing(broker):
    bulk, urgent = Pace(broker, rate=SLOW), Pace(broker, rate=SLOW)
    bulk.take(1)
    waits = urgent.take(1, urgent=True)
    rest(broker)  # the urgent one's turn has come, and bulk is there first

    refused = bulk.take(64)

    assert (waits.permits, refused.permits) == (0, 0)
    assert refused.wait >= waits.wait - 1
    assert Pace(broker, rate=SLOW).take(1, urgent=True).permits == 1


def test_once_nobody_urgent_waits_bulk_goes_on(broker):
    Pace(broker, rate=SLOW).take(1, urgent=True)
    rest(broker)

    assert Pace(broker, rate=SLOW).take(1).permits == 1


def test_an_urgent_message_does_not_wait_because_bulk_of_its_own_process_has_to(broker):
    limited = Pace(broker, rate=SLOW)
    limited.take(1)
    limited.take(1)
    rest(broker)

    assert limited.take(1, urgent=True).permits == 1


def test_too_fast_means_half_for_everybody(broker):
    Pace(broker, rate=SLOW).slow_down()

    assert share_in_force(broker) == pytest.approx(0.5, abs=0.02)


def test_a_hundred_complaints_at_once_count_once(broker):
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda _: Pace(broker, SLOW).slow_down(), range(100)))

    assert share_in_force(broker) == pytest.approx(0.5, abs=0.02)


def test_too_fast_again_means_half_again_but_never_nothing(broker):
    for _ in range(20):
        Pace(broker, rate=SLOW).slow_down()
        since_halving(broker, HOLD)

    assert share_in_force(broker) == pytest.approx(1 / 32 + HOLD * 0.005, abs=0.02)


@pytest.mark.parametrize(("seconds", "share"), [(10, 0.55), (50, 0.75), (100, 1.0), (250, 1.0)])
def test_the_rate_comes_back_by_a_twentieth_in_ten_seconds(broker, seconds, share):
    Pace(broker, rate=SLOW).slow_down()

    since_halving(broker, seconds)

    assert share_in_force(broker) == pytest.approx(share, abs=0.02)


def test_without_its_broker_a_process_goes_on_with_a_small_share(nobody):
    alone = Pace(nobody, rate=SLOW)

    first = alone.take(64)

    assert first.permits == 0  # whatever it has just sent counts
    assert 0 < first.wait <= 1 / (SLOW * ALONE_SHARE)


def test_alone_it_sends_one_message_at_a_time(nobody):
    alone = Pace(nobody, rate=1e6)
    alone.take(1)

    with ThreadPoolExecutor(8) as workers:
        grants = list(workers.map(lambda _: alone.take(64).permits, range(200)))

    assert set(grants) == {0, 1}


def test_complaints_of_meta_are_heeded_alone_too(nobody):
    alone = Pace(nobody, rate=1e6)
    alone.take(1)

    alone.slow_down()

    assert 0 < alone.take(1).wait <= HOLD


def test_when_the_broker_is_back_all_keep_still_until_nobody_is_alone_any_more(broker, nobody):
    rest(broker)
    returning = Pace(nobody, rate=1e6)
    while not returning.take(1).permits:
        pass
    returning.broker = broker
    returning._alone.ask_at = 0.0  # the moment to ask again has come

    back, others = returning.take(64), Pace(broker, rate=1e6).take(64)

    assert (back.permits, others.permits) == (0, 0)
    assert AWAY / 2 < others.wait <= AWAY + 1


@pytest.mark.parametrize("rate", [20, 80, 1000])
def test_after_a_rest_turns_come_one_by_one_and_nobody_catches_up(broker, rate):
    rest(broker)

    begins = [begins for begins, _ in Pace(broker, rate=rate).turns(10_000).each]

    assert len(begins) == 1 + int(AHEAD / interval(rate) + 0.001)
    assert all(
        later - sooner == pytest.approx(interval(rate), abs=1e-6)
        for sooner, later in pairwise(begins)
    )


def test_a_turn_is_not_before_it_was_asked_for_and_soon_over(broker):
    rest(broker)
    asked = time.monotonic()

    ((begins, ends),) = Pace(broker, rate=SLOW).turns(1).each

    assert asked < begins
    assert ends - begins <= LATE


def test_a_turn_is_given_to_one_worker_only(broker):
    rest(broker)

    given_out = [Pace(broker, rate=SLOW).turns(5) for _worker in range(3)]

    assert [len(turns.each) for turns in given_out] == [1, 0, 0]
    assert given_out[1].wait == pytest.approx(1 / SLOW, rel=0.05)


def test_a_broker_that_has_lost_its_memory_gives_out_no_turn_a_second_time(broker):
    rest(broker)
    limited = Pace(broker, rate=1000)
    before = limited.turns(10_000).each

    broker.delete(pace.TURNS_KEY)
    after = limited.turns(1).each

    assert after[0] > before[-1]


def test_without_its_broker_nobody_waits_for_a_turn(nobody):
    assert len(Pace(nobody, rate=SLOW).turns(3).each) == 3


@settings(deadline=None)
@given(
    rate=st.sampled_from([1, 5, 20, 49, 80, 250, 1000]),
    late=st.lists(st.floats(0, 0.99 * SPARE), min_size=1, max_size=50),
)
def test_no_second_sees_more_than_102_percent_however_late_in_its_turn_each_leaves(rate, late):
    """The clock is made up: turns follow each other, and every message uses its own at will."""
    turns = range(int(2.5 * rate) + 2)
    left = sorted(n * interval(rate) + late[n % len(late)] for n in turns)

    assert most_in_a_second(left) <= max(1, 1.02 * rate)


@pytest.mark.parametrize("rate", [1, 5, 20, 49, 50, 80, 250, 1000])
def test_what_is_guaranteed_costs_at_most_two_percent_of_the_rate(rate):
    assert 0.98 * rate <= 1 / interval(rate) <= rate
