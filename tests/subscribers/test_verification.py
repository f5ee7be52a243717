"""The ledger is verified every night, and it is noticed when it is not."""

from datetime import timedelta

import pytest
from django.db import connection

from campaigns import connections
from subscribers import checkpoints, consent, verification
from subscribers.models import ConsentEvent, LedgerCheck, LedgerLeaf, Rest, Subscriber
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, act, tier

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

HOUR = timedelta(hours=1)
NIGHT = NOW + 17 * HOUR  # 3:00 in Berlin


@pytest.fixture
def keys():
    return connections.ledger_keys()


def settle():
    connection.check_constraints()


def tamper(statement):
    """Do what the database refuses, as its owner can."""
    settle()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL swe_broadcast.ledger_maintenance = 'on'")
        cursor.execute(statement)


def findings(keys):
    settle()
    found = verification.verify(keys=keys, now=NOW).findings
    return [(one["what"], one["where"]) for one in found]


def test_an_untouched_ledger_verifies(keys):
    SubscriberFactory()
    leaver, erased = SubscriberFactory(tier="maxi"), SubscriberFactory()
    consent.withdraw(leaver.pk, act=act(), now=NOW)
    consent.withdraw(erased.pk, act=act(), now=NOW)
    consent.erase_events([erased.pk], reason="retention", now=NOW)
    settle()
    checkpoints.take(signer=connections.ledger_signer(), now=NOW)

    found = verification.verify(keys=keys, now=NOW)

    assert found.findings == []
    assert (found.size, found.erased, found.checkpoints) == (12, 4, 1)


def test_an_edited_event_is_found(keys):
    SubscriberFactory()
    tamper("UPDATE subscribers_consentevent SET tier = 'maxi' WHERE kind = 'given'")

    assert findings(keys) == [("body", 2), ("state", 1)]


def test_a_cut_tail_is_found_by_a_checkpoint(keys):
    SubscriberFactory()
    settle()
    checkpoints.take(signer=connections.ledger_signer(), now=NOW)
    tamper("DELETE FROM subscribers_consentevent WHERE kind = 'given'")
    tamper("DELETE FROM subscribers_ledgerleaf WHERE seq = 2")

    assert findings(keys) == [("cut", 3), ("state", 1)]


def test_an_event_that_was_deleted_past_us_is_found(keys):
    SubscriberFactory(tier=None)
    tamper("DELETE FROM subscribers_consentevent WHERE kind = 'notice_sent'")

    assert findings(keys) == [("missing", 1)]


def test_an_event_that_was_slipped_in_past_the_ledger_is_found(keys):
    SubscriberFactory(tier=None)
    tamper("DELETE FROM subscribers_ledgerleaf WHERE seq = 1")

    assert findings(keys) == [("unwritten", 1)]


@pytest.mark.parametrize(
    "change",
    [{"tier": "maxi"}, {"state": "withdrawn", "tier": None}],
    ids=["another tier", "no subscription"],
)
def test_a_subscription_that_is_not_what_its_events_say_is_found(keys, change):
    SubscriberFactory()
    Subscriber.objects.update(**change)

    assert findings(keys) == [("state", 1)]


def test_a_subscription_without_any_event_is_found(keys):
    subscriber = SubscriberFactory()
    consent.erase_events([subscriber.pk], reason="retention", now=NOW)

    assert findings(keys) == [("state", 1)]


def test_many_wrong_subscriptions_are_counted_without_looking_twice(keys, monkeypatch):
    monkeypatch.setattr(verification, "LOOKED_AT", 1)
    for _ in range(3):
        SubscriberFactory()
    Subscriber.objects.update(tier="maxi")

    assert findings(keys) == [("state", 3)]


def test_the_state_follows_from_the_acts_in_their_order():
    acts = [
        ("a", "requested", ""),
        ("a", "given", "mini"),
        ("b", "given", "maxi"),
        ("a", "tier_changed", "maxi"),
        ("b", "withdrawn", ""),
        (None, "erasure_executed", ""),
    ]

    assert verification.fold(acts) == {"a": ("maxi", False)}
    assert verification.fold(acts[:3]) == {"a": ("mini", False), "b": ("maxi", False)}

    rests = [("a", "given", "mini"), ("a", "paused", ""), ("b", "held", "")]
    assert verification.fold(rests) == {"a": ("mini", True)}
    assert verification.fold([*rests, ("a", "resumed", "")]) == {"a": ("mini", False)}


def test_a_pause_is_no_difference_but_a_pause_without_its_event_is(keys):
    resting, tampered = SubscriberFactory(), SubscriberFactory()
    until = NOW + timedelta(days=28)
    consent.pause(resting.pk, why=Rest.OWN, until=until, act=act(), now=NOW)
    assert findings(keys) == []

    Subscriber.objects.filter(pk=tampered.pk).update(state="paused", rest=Rest.OWN, until=until)

    assert findings(keys) == [("state", 1)]


@pytest.mark.parametrize("why", [Rest.OWN, Rest.UNSURE])
def test_a_change_of_tier_during_a_rest_is_no_difference(keys, why):
    resting = SubscriberFactory(tier="mini")
    rest = consent.pause if why == Rest.OWN else consent.hold
    rest(resting.pk, why=why, until=NOW + timedelta(days=28), act=act(), now=NOW)

    consent.give(resting.pk, tier=tier("maxi"), act=act(minutes=1), now=NOW)

    assert findings(keys) == []


def test_somebody_who_changes_meanwhile_is_no_finding(keys):
    subscriber = SubscriberFactory()
    stale = {str(subscriber.pk): "mini"}

    consent.give(subscriber.pk, tier=tier("maxi"), act=act(), now=NOW)

    assert verification._differing(stale) == 0


def test_the_first_verification_happens_at_once(keys):
    assert verification.verify_if_due(keys=keys, now=NOW).findings == []


@pytest.mark.parametrize(("at", "is_due"), [(NIGHT - HOUR, False), (NIGHT, True)])
def test_the_next_one_happens_at_night(keys, at, is_due):
    verification.verify_if_due(keys=keys, now=NOW)

    assert bool(verification.verify_if_due(keys=keys, now=at)) is is_due


def test_one_a_night_is_enough(keys):
    for hours in range(4):
        verification.verify_if_due(keys=keys, now=NIGHT + hours * HOUR)

    assert LedgerCheck.objects.count() == 1


def test_a_finding_stays_until_a_verification_finds_nothing(keys):
    assert not verification.is_broken()
    SubscriberFactory()
    Subscriber.objects.update(tier="maxi")
    findings(keys)
    was_broken = verification.is_broken()

    Subscriber.objects.update(tier="mini")
    verification.verify(keys=keys, now=NOW + HOUR)

    assert was_broken
    assert not verification.is_broken()


@pytest.mark.parametrize(
    ("checked", "overdue"), [(None, True), (25 * HOUR, False), (27 * HOUR, True)]
)
def test_a_night_without_verification_is_noticed(checked, overdue):
    SubscriberFactory(joined_at=NOW - 30 * HOUR)
    settle()
    if checked:
        LedgerCheck.objects.create(checked_at=NOW - checked, size=0, erased=0, checkpoints=0)

    assert verification.is_overdue(now=NOW) is overdue


def test_a_new_installation_is_not_overdue():
    SubscriberFactory(joined_at=NOW - HOUR)
    settle()

    assert not verification.is_overdue(now=NOW)


def test_a_hundred_thousand_findings_do_not_fill_the_row(keys):
    for _ in range(10):
        SubscriberFactory(tier=None)
    tamper("UPDATE subscribers_consentevent SET act = 'meta'")

    assert len(findings(keys)) == 20
    assert ConsentEvent.objects.count() == LedgerLeaf.objects.count() == 20
