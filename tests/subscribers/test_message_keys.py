"""The keys of message hashes change by themselves and do not outlive their month."""

from datetime import timedelta

import pytest

from subscribers import message_keys, retention
from subscribers.message_keys import PERIOD, MessageKeys
from subscribers.models import MessageSecret
from tests.factories import NOW

pytestmark = pytest.mark.django_db(databases=["keys", "default"])

MASTER = b"m" * 32
MOMENT = timedelta(seconds=1)
CHANGE = message_keys.ends_at(NOW)


def keys(now):
    return message_keys.keys(MASTER, now=now)


def test_within_half_a_month_the_same_key_hashes():
    assert keys(NOW)[0] == keys(CHANGE - MOMENT)[0]


def test_afterwards_another_key_hashes_and_the_old_one_still_finds():
    before = keys(NOW)[0]

    after = keys(CHANGE)

    assert after[0] != before
    assert before in after


def test_a_worker_whose_clock_is_behind_knows_the_next_key_already():
    behind = keys(CHANGE - MOMENT)

    assert keys(CHANGE)[0] in behind


def test_after_a_month_a_key_is_gone_for_ever():
    first = keys(NOW)[0]
    began = CHANGE - PERIOD

    retention.enforce(retention.RULES, now=began + 2 * PERIOD)
    kept = MessageSecret.objects.filter(period=message_keys.period(NOW)).exists()
    retention.enforce(retention.RULES, now=began + 2 * PERIOD + MOMENT)

    assert kept
    assert not MessageSecret.objects.filter(period=message_keys.period(NOW)).exists()
    assert first not in keys(NOW)


def test_neither_master_nor_database_alone_gives_a_key():
    key = keys(NOW)[0]

    assert message_keys.keys(b"x" * 32, now=NOW)[0] != key
    assert key not in {bytes(row.secret) for row in MessageSecret.objects.all()}


def test_a_process_reads_the_keys_once_and_again_when_they_change(django_assert_num_queries):
    clock = {"now": NOW}
    living = MessageKeys(MASTER, clock=lambda: clock["now"])
    first = living()

    with django_assert_num_queries(0, using="keys"):
        again = living()
    clock["now"] = CHANGE
    changed = living()

    assert again == first
    assert changed[0] != first[0]
