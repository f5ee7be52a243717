"""What the data-protection officer asks of the register."""

from datetime import timedelta

import pytest
from django.db import connection

from subscribers import consent, oversight, register
from subscribers.models import ConsentEvent, Notice, Subscriber
from subscribers.shipped import publish_notice
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, act, tier

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

LONG_AGO = NOW - timedelta(days=90)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ORGANISATION = {"name": "Stadtwerke Neustadt", "dpo": "d", "authority": "a", "url": "u"}


def leave(*, after):
    consent.withdraw(SubscriberFactory().pk, act=act(), now=NOW + after)


def test_the_latency_of_withdrawals_is_told_by_median_tail_and_maximum():
    for seconds in (1, 1, 2, 9):
        leave(after=seconds * SECOND)

    latency = oversight.withdrawal_latency(since=LONG_AGO)

    assert (latency.n, latency.median, latency.longest) == (4, SECOND, 9 * SECOND)
    assert latency.p95 == 9 * SECOND


def test_neither_time_nor_a_letter_makes_the_latency_look_better():
    leave(after=9 * SECOND)
    for by in (ConsentEvent.Act.SYSTEM, ConsentEvent.Act.LETTER):
        consent.withdraw(SubscriberFactory().pk, act=act(by=by), now=NOW)

    assert oversight.withdrawal_latency(since=LONG_AGO).n == 1


def test_a_clock_of_meta_that_is_ahead_does_not_make_us_faster_than_light():
    leave(after=-SECOND)

    assert oversight.withdrawal_latency(since=LONG_AGO).median == timedelta()


def test_without_withdrawals_there_is_no_latency():
    SubscriberFactory()

    assert oversight.withdrawal_latency(since=LONG_AGO).n == 0


def test_the_state_of_a_past_moment_is_what_was_recorded_by_then():
    changed, left = SubscriberFactory(tier="mini"), SubscriberFactory(tier="maxi")
    consent.give(changed.pk, tier=tier("maxi"), act=act(minutes=1), now=NOW + MINUTE)
    consent.withdraw(left.pk, act=act(minutes=2), now=NOW + 2 * MINUTE)

    before, between, after = (NOW + n * MINUTE for n in (0, 1, 2))

    assert oversight.standing_at(LONG_AGO) == {}
    assert oversight.standing_at(before) == {"mini": 1, "maxi": 1}
    assert oversight.standing_at(between) == {"maxi": 2}
    assert oversight.standing_at(after) == oversight.standing_now() == {"maxi": 1}


def test_one_consent_is_folded_in_the_same_way():
    left = SubscriberFactory(tier="maxi")
    event = consent.withdraw(left.pk, act=act(minutes=2), now=NOW + 2 * MINUTE)

    record = register.record_of(event)

    assert oversight.tier_at(record, LONG_AGO) == ""
    assert oversight.tier_at(record, NOW) == "maxi"
    assert oversight.tier_at(record, NOW + 2 * MINUTE) == ""


def test_a_version_shows_what_changed_and_how_many_agreed_to_it():
    SubscriberFactory()
    publish_notice("de", version=2, organisation=ORGANISATION, now=NOW)
    SubscriberFactory()
    SubscriberFactory()

    newest = oversight.versions()[0]

    assert str(newest.notice) == "de 2"
    assert (newest.subscribers, round(newest.percent)) == (2, 67)
    assert any(piece.kind == "added" and "Neustadt" in piece.text for piece in newest.changes)


def test_a_first_version_has_nothing_to_be_compared_with():
    assert [version.changes for version in oversight.versions()] == [[]] * Notice.objects.count()


def test_an_erasure_is_open_until_nobody_is_left():
    subscriber = SubscriberFactory()
    consent.request_erasure(subscriber.pk, act=act(), now=NOW)

    before = oversight.cases(since=LONG_AGO)
    Subscriber.objects.all().delete()
    after = oversight.cases(since=LONG_AGO)

    assert (before.erasures, before.open, before.oldest_open_at) == (1, 1, NOW)
    assert (after.erasures, after.open, after.oldest_open_at) == (1, 0, None)


def test_questions_and_copies_are_counted():
    subscriber = SubscriberFactory()
    consent.access_asked(subscriber.pk, act=act(), now=NOW)

    cases = oversight.cases(since=LONG_AGO)

    assert (cases.access, cases.copies) == (1, 0)


def test_an_event_that_was_changed_is_not_as_sealed():
    event = ConsentEvent.objects.get(subscriber=SubscriberFactory(tier="mini").pk, kind="given")
    connection.check_constraints()  # seals, as the end of the transaction would
    sought = register.record_of(event).events[-1]

    assert register.Record(events=(sought,), shown=()).lines[0].is_unchanged
    sought.tier = "maxi"
    assert not register.Record(events=(sought,), shown=()).lines[0].is_unchanged


def test_an_event_that_the_ledger_does_not_know_is_not_as_sealed():
    event = ConsentEvent.objects.get(subscriber=SubscriberFactory(tier="mini").pk, kind="given")

    [*_, line] = register.record_of(event).lines

    assert (line.number, line.is_unchanged) == (None, False)
