"""How somebody is erased, what must stay, and what no backup brings back."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import housekeeping
from subscribers import consent, erasure, identities, retention
from subscribers.consent import Act
from subscribers.forgotten import KEEP, ErasureList
from subscribers.identities import Address
from subscribers.models import (
    ConsentEvent,
    Erasure,
    Identity,
    Notice,
    SealedProof,
    SubjectKey,
    Subscriber,
)
from tests.factories import NOW, SubscriberFactory
from tests.subscribers import racing
from tests.subscribers.dialogue import SPEAKER
from tests.subscribers.people import BOTH_DATABASES, act, kinds, stranger, tier, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE = "+4915112345678"
MOMENT, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LATER = NOW + timedelta(hours=23) + MOMENT
NEVER_AGREED = ["stranger", "asked", "refused"]


@pytest.fixture
def erasures(tmp_path):
    """The list outside the database."""
    return ErasureList(tmp_path / "journal")


@pytest.fixture
def sweep(erasures):
    """What the tick does for people; returns how many were forgotten."""

    def run(now):
        forgotten = retention.enforce(retention.URGENT, now=now)
        erasure.finish(erasures, now=now)
        return sum(forgotten.values())

    return run


def leave(subscriber):
    consent.withdraw(subscriber.pk, act=act(), now=NOW)


def as_before(*subscribers):
    """Bring people back as a backup would: rows and keys, and no memory of their erasure."""
    people = list(Subscriber.objects.filter(pk__in=[one.pk for one in subscribers]))
    keys = list(SubjectKey.objects.filter(pk__in=[one.pk for one in people]))
    names = list(Identity.objects.filter(subscriber__in=people))

    def restore():
        Erasure.objects.all().delete()
        for model, rows in ((Subscriber, people), (SubjectKey, keys), (Identity, names)):
            model.objects.bulk_create(rows, ignore_conflicts=True)

    return restore


@pytest.mark.parametrize("standing", [*NEVER_AGREED, "withdrawn"])
def test_whoever_never_agreed_or_has_left_is_forgotten_altogether(vault, sweep, standing):
    subscriber = who_is(standing, vault)

    assert sweep(LATER) == 1

    assert not Subscriber.objects.filter(pk=subscriber.pk).exists()
    assert not Identity.objects.exists()
    assert not SubjectKey.objects.exists()


@pytest.mark.parametrize("standing", NEVER_AGREED)
def test_of_whoever_never_agreed_no_sealed_proof_stays(vault, sweep, standing):
    who_is(standing, vault)

    sweep(LATER)

    assert not SealedProof.objects.exists()


def test_of_whoever_left_the_events_and_the_sealed_proof_stay_for_three_years(sweep):
    subscriber = SubscriberFactory()
    leave(subscriber)
    events = ConsentEvent.objects.count()

    sweep(LATER)

    assert ConsentEvent.objects.filter(subscriber_id=subscriber.pk).count() == events
    proof = SealedProof.objects.get(ref=subscriber.pk)
    assert proof.keep_until.isoformat() == "2029-12-31"


@pytest.mark.parametrize(
    ("left_at", "kept_until"),
    [
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "2029-12-31"),  # 23:59 in Berlin
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2030-12-31"),  # New Year's Day in Berlin
    ],
    ids=["last minute of the year", "first minute of the next"],
)
def test_the_proof_ends_with_the_year_that_the_receipt_names(sweep, left_at, kept_until):
    subscriber = SubscriberFactory()
    event = consent.withdraw(subscriber.pk, act=Act(by="word", at=left_at), now=left_at)

    sweep(left_at + 24 * HOUR)

    proof = SealedProof.objects.get(ref=subscriber.pk)
    assert proof.keep_until.isoformat() == kept_until
    assert proof.keep_until.year == SPEAKER.receipt(event)["proof_until"]


def test_the_last_day_of_a_proof_ends_at_midnight_here(sweep):
    leave(SubscriberFactory())
    sweep(LATER)

    retention.PROOFS.enforce(now=datetime(2029, 12, 31, 22, 59, tzinfo=UTC))
    kept = SealedProof.objects.exists()
    retention.PROOFS.enforce(now=datetime(2029, 12, 31, 23, 0, tzinfo=UTC))

    assert kept
    assert not SealedProof.objects.exists()


def test_after_three_years_proof_and_events_are_gone(sweep):
    subscriber = SubscriberFactory()
    leave(subscriber)
    sweep(LATER)

    retention.PROOFS.enforce(now=NOW.replace(year=2029, month=12, day=31))
    kept = SealedProof.objects.exists()
    retention.PROOFS.enforce(now=NOW.replace(year=2030, month=1, day=1))

    assert kept
    assert not SealedProof.objects.exists()
    assert not ConsentEvent.objects.filter(subscriber_id=subscriber.pk).exists()


def test_where_no_proof_is_kept_nothing_stays_of_whoever_left(sweep):
    gone, still_here = SubscriberFactory(), SubscriberFactory()
    leave(gone)
    sweep(LATER)

    rules = housekeeping.rules(keeps_proof=False)
    retention.enforce(rules, now=LATER + DAY)

    assert not ConsentEvent.objects.filter(subscriber_id=gone.pk).exists()
    assert list(SealedProof.objects.values_list("ref", flat=True)) == [still_here.pk]
    assert ConsentEvent.objects.filter(subscriber_id=still_here.pk).exists()


def test_a_subscriber_is_never_forgotten(sweep):
    subscriber = SubscriberFactory()

    assert sweep(NOW + 3650 * DAY) == 0

    assert subscriber.identities.exists()
    assert SubjectKey.objects.filter(pk=subscriber.pk).exists()


def test_forgetting_keeps_the_24_hours_that_were_promised(sweep):
    leave(SubscriberFactory())

    too_early = sweep(NOW + 23 * HOUR - MOMENT)
    in_time = sweep(NOW + 24 * HOUR)

    assert (too_early, in_time) == (0, 1)


def test_a_no_is_forgotten_within_the_hour(vault, sweep):
    who_is("refused", vault)

    assert sweep(NOW + HOUR) == 1


def test_whoever_asks_to_be_erased_is_gone_at_once_and_their_key_with_the_next_sweep(sweep):
    subscriber = SubscriberFactory()

    assert erasure.erase(subscriber.pk, now=NOW)
    gone = not Subscriber.objects.exists()
    sweep(NOW + MOMENT)

    assert gone
    assert not Identity.objects.exists()
    assert not SubjectKey.objects.exists()


def test_erasing_a_subscriber_is_a_withdrawal_like_any_other():
    subscriber = SubscriberFactory()

    erasure.erase(subscriber.pk, now=NOW)

    assert ConsentEvent.objects.filter(subscriber_id=subscriber.pk, kind="withdrawn").exists()


def test_erasing_twice_changes_nothing():
    subscriber = SubscriberFactory()

    assert [erasure.erase(subscriber.pk, now=NOW) for _ in range(2)] == [True, False]


def test_forgetting_twice_changes_nothing(sweep):
    leave(SubscriberFactory())
    sweep(LATER)

    assert sweep(LATER) == 0


def test_whoever_is_asked_again_meanwhile_has_the_full_time_to_answer(vault, sweep):
    subscriber = SubscriberFactory()
    leave(subscriber)
    notice = Notice.objects.current("de")
    consent.ask(subscriber.pk, notice=notice, act=act(minutes=60), now=LATER - MOMENT)

    assert sweep(LATER) == 0


def test_whoever_writes_again_after_having_been_forgotten_is_a_stranger(vault, sweep):
    left = SubscriberFactory(phone=PHONE)
    leave(left)
    sweep(LATER)

    back = identities.find_or_add(Address(phone=PHONE), at=LATER, vault=vault, now=LATER)

    assert back != left
    assert back.notice is None


def test_one_sweep_takes_a_limited_number_and_the_next_one_the_rest(vault, sweep, monkeypatch):
    monkeypatch.setattr(erasure, "AT_MOST", 2)
    for _ in range(3):
        stranger(vault)

    assert [sweep(LATER) for _ in range(3)] == [2, 1, 0]


def test_a_key_outlives_its_rows_only_until_the_next_sweep(vault, sweep, erasures, monkeypatch):
    stranger(vault)
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "finish", lambda *_, **__: None)  # the worker dies in between
        sweep(LATER)
    left_behind = SubjectKey.objects.exists()

    sweep(LATER)

    assert left_behind
    assert not SubjectKey.objects.exists()
    assert len(erasures.refs(now=LATER)) == 1


def test_the_key_of_somebody_who_was_never_added_is_removed_within_two_days(vault):
    orphan = stranger(vault)
    Subscriber.objects.filter(pk=orphan.pk).delete()

    retention.enforce(retention.RULES, now=NOW + DAY - MOMENT)
    kept = SubjectKey.objects.exists()
    retention.enforce(retention.RULES, now=NOW + DAY + MOMENT)

    assert kept
    assert not SubjectKey.objects.exists()


def test_whoever_is_erased_stands_on_the_list_as_a_random_reference(vault, sweep, erasures):
    gone = stranger(vault)

    sweep(LATER)

    assert erasures.refs(now=LATER) == {gone.pk: LATER}


def test_whoever_a_backup_brings_back_is_erased_again(vault, sweep, erasures):
    gone, here = stranger(vault), SubscriberFactory()
    restore = as_before(gone)
    sweep(LATER)
    restore()

    assert erasure.replay(erasures, now=LATER + DAY) == 1

    assert not Subscriber.objects.filter(pk=gone.pk).exists()
    assert not SubjectKey.objects.filter(pk=gone.pk).exists()
    assert Subscriber.objects.filter(pk=here.pk).exists()
    assert Erasure.objects.get().is_listed


def test_the_consent_of_whoever_a_backup_brings_back_ends_in_the_ledger_too(sweep, erasures):
    gone = SubscriberFactory()
    leave(gone)
    sweep(LATER)
    Erasure.objects.all().delete()  # the dump is of a moment before all this
    values = {"tier": tier("mini"), "notice": gone.notice, "decided_at": NOW, "state_since": NOW}
    Subscriber.objects.create(pk=gone.pk, state="active", **values)

    erasure.replay(erasures, now=LATER + DAY)

    assert kinds(gone).count("withdrawn") == 2


def test_an_erasure_ends_a_consent_though_the_clock_of_meta_is_ahead():
    subscriber = SubscriberFactory(joined_at=NOW + MOMENT)

    erasure.erase(subscriber.pk, now=NOW)

    assert kinds(subscriber)[-1] == "withdrawn"


def test_without_a_restore_the_list_changes_nothing(vault, sweep, erasures):
    stranger(vault)
    sweep(LATER)

    assert erasure.replay(erasures, now=LATER) == 0


def test_a_backup_older_than_all_backups_needs_no_list_any_more(vault, sweep, erasures):
    stranger(vault)
    sweep(LATER)

    assert erasures.refs(now=LATER + KEEP) != {}
    assert erasures.refs(now=LATER + KEEP + MOMENT) == {}


@pytest.mark.django_db(transaction=True, databases=BOTH_DATABASES)
def test_two_sweeps_at_the_same_time_forget_everybody_once(vault, sweep):
    for _ in range(5):
        stranger(vault)

    forgotten = racing.at_the_same_time(*[lambda: sweep(LATER)] * 2)

    assert sum(forgotten) == 5
    assert not Subscriber.objects.exists()
