"""Every move of a consent, and everything that must not be one."""

from datetime import timedelta

import pytest

from subscribers import consent, notices, shipped
from subscribers.consent import RECEIPT_ALPHABET
from subscribers.models import ConsentEvent, Notice, Subscriber, SubscriberState
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, act, kinds, next_notice, stranger, tier, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

Kind = ConsentEvent.Kind
DAY = timedelta(days=1)


def give(subscriber, slug="mini", **what):
    return consent.give(subscriber.pk, tier=tier(slug), act=act(**what), now=NOW)


def withdraw(subscriber, **what):
    return consent.withdraw(subscriber.pk, act=act(**what), now=NOW)


def ask(subscriber, *, notice=None, **what):
    notice = notice or Notice.objects.current("de")
    return consent.ask(subscriber.pk, notice=notice, act=act(**what), now=NOW)


def state(subscriber):
    subscriber.refresh_from_db()
    return subscriber.state


def publish_newer_notice():
    organisation = {"name": "W", "dpo": "d", "authority": "a", "url": "u"}
    return shipped.publish_notice("de", version=2, organisation=organisation, now=NOW)


@pytest.mark.parametrize("standing", ["stranger", "asked", "refused", "withdrawn"])
def test_whoever_has_no_subscription_is_asked_and_waits(vault, standing):
    subscriber = who_is(standing, vault)

    assert ask(subscriber, minutes=1)

    assert state(subscriber) == SubscriberState.REQUESTED
    assert subscriber.notice == Notice.objects.current("de")
    assert kinds(subscriber)[-1] == Kind.REQUESTED


def test_a_subscriber_who_reads_the_notice_again_stays_one():
    subscriber = SubscriberFactory(tier="maxi")
    newer_notice = publish_newer_notice()

    ask(subscriber, notice=newer_notice)

    assert state(subscriber) == SubscriberState.ACTIVE
    assert subscriber.tier_id == "maxi"
    assert subscriber.notice.version == newer_notice.version - 1  # what they agreed to


def test_whoever_agreed_to_an_outdated_notice_is_held_while_being_asked():
    subscriber = SubscriberFactory(tier="maxi")
    newer_notice = next_notice()

    assert ask(subscriber, notice=newer_notice)

    assert (state(subscriber), subscriber.rest) == ("held", "new_notice")
    assert subscriber.until == NOW + 30 * DAY
    assert (subscriber.tier_id, subscriber.notice.version) == ("maxi", 1)
    assert kinds(subscriber)[-2:] == [Kind.HELD, Kind.REQUESTED]


def test_a_yes_to_the_new_notice_is_a_new_consent_to_the_very_words_shown():
    subscriber = SubscriberFactory(tier="maxi")
    newer_notice = next_notice()
    ask(subscriber, notice=newer_notice)
    too_early = give(subscriber, "maxi", minutes=1)
    consent.notice_sent(subscriber.pk, notice=newer_notice, now=NOW)

    event = give(subscriber, "maxi", minutes=1)

    assert too_early is None
    assert (event.kind, event.tier, event.notice) == (Kind.GIVEN, "maxi", newer_notice)
    assert (state(subscriber), subscriber.rest, subscriber.notice) == ("active", "", newer_notice)


def test_a_notice_that_was_shown_before_the_hold_answers_nothing_that_the_hold_is_about(vault):
    subscriber = who_is("moved", vault)

    assert give(subscriber, "maxi", minutes=1) is None

    assert state(subscriber) == "held"


def test_a_yes_to_a_notice_that_was_outdated_meanwhile_counts_for_nothing():
    subscriber = SubscriberFactory()
    second = next_notice()
    ask(subscriber, notice=second)
    consent.notice_sent(subscriber.pk, notice=second, now=NOW)
    next_notice()

    assert give(subscriber, minutes=1) is None

    assert state(subscriber) == "held"


def test_under_an_outdated_notice_no_tier_is_changed():
    subscriber = SubscriberFactory(tier="mini")
    next_notice()

    assert give(subscriber, "maxi") is None

    assert (state(subscriber), subscriber.tier_id) == ("active", "mini")


def test_the_notice_counts_as_shown_only_after_it_was_sent(vault):
    subscriber = stranger(vault)
    ask(subscriber)
    subscriber.refresh_from_db()
    before = notices.asked_about(subscriber)

    consent.notice_sent(subscriber.pk, notice=subscriber.notice, now=NOW)

    assert not before
    assert notices.asked_about(subscriber)


def test_having_been_shown_an_older_notice_is_not_having_been_shown_this_one():
    subscriber = SubscriberFactory(tier=None)

    ask(subscriber, notice=publish_newer_notice())

    subscriber.refresh_from_db()
    assert not notices.asked_about(subscriber)


def test_consent_is_recorded_with_the_tier_and_the_very_words_shown():
    subscriber = SubscriberFactory(tier=None)

    event = give(subscriber, "maxi", by=ConsentEvent.Act.BUTTON)

    assert state(subscriber) == SubscriberState.ACTIVE
    assert (event.kind, event.act, event.tier) == (Kind.GIVEN, "button", "maxi")
    assert event.notice == subscriber.notice
    assert event.notice_sha256 == subscriber.notice.words.sha256()
    assert (event.happened_at, event.recorded_at) == (NOW, NOW)


@pytest.mark.parametrize("standing", ["refused", "withdrawn"])
def test_nobody_becomes_a_subscriber_without_having_been_asked(vault, standing):
    subscriber = who_is(standing, vault)
    before = kinds(subscriber)

    assert give(subscriber) is None

    assert state(subscriber) == standing
    assert kinds(subscriber) == before


def test_changing_the_tier_keeps_the_subscription_and_gets_a_receipt_of_its_own():
    subscriber = SubscriberFactory(tier="mini")

    event = give(subscriber, "maxi")

    assert state(subscriber) == SubscriberState.ACTIVE
    assert subscriber.tier_id == "maxi"
    assert event.kind == Kind.TIER_CHANGED
    assert event.receipt_code


def test_choosing_the_present_tier_changes_nothing():
    subscriber = SubscriberFactory(tier="mini")
    before = kinds(subscriber)

    assert give(subscriber, "mini") is None

    assert kinds(subscriber) == before


def test_a_no_is_recorded_under_the_notice_it_answers():
    subscriber = SubscriberFactory(tier=None)

    assert consent.refuse(subscriber.pk, act=act(), now=NOW)

    assert state(subscriber) == SubscriberState.REFUSED
    assert ConsentEvent.objects.get(kind=Kind.REFUSED).notice == subscriber.notice


@pytest.mark.parametrize("standing", ["mini", "refused", "withdrawn"])
def test_a_no_without_a_question_changes_nothing(vault, standing):
    subscriber = who_is(standing, vault)
    before = state(subscriber)

    assert not consent.refuse(subscriber.pk, act=act(), now=NOW)

    assert state(subscriber) == before
    assert kinds(subscriber).count(Kind.REFUSED) == (standing == "refused")


def test_a_withdrawal_ends_the_subscription_and_gets_a_receipt():
    subscriber = SubscriberFactory(tier="maxi")

    event = withdraw(subscriber)

    assert state(subscriber) == SubscriberState.WITHDRAWN
    assert subscriber.tier is None
    assert event.kind == Kind.WITHDRAWN
    assert event.receipt_code


@pytest.mark.parametrize("standing", ["stranger", "asked", "refused", "withdrawn"])
def test_leaving_without_a_subscription_leaves_but_adds_nothing_to_the_ledger(vault, standing):
    subscriber = who_is(standing, vault)
    before = kinds(subscriber)

    assert withdraw(subscriber, minutes=1) is None

    assert state(subscriber) == SubscriberState.WITHDRAWN
    assert kinds(subscriber) == before


def test_a_second_stop_does_not_put_off_what_the_first_one_promised():
    subscriber = SubscriberFactory()
    withdraw(subscriber)

    consent.withdraw(subscriber.pk, act=act(minutes=60), now=NOW + DAY)

    subscriber.refresh_from_db()
    assert subscriber.state_since == NOW


def test_the_same_message_never_counts_twice():
    subscriber = SubscriberFactory(tier="mini")
    give(subscriber, "maxi", message_hash=b"m" * 32)
    give(subscriber, "mini", message_hash=b"n" * 32)

    assert give(subscriber, "maxi", message_hash=b"m" * 32) is None

    assert state(subscriber) == SubscriberState.ACTIVE
    assert subscriber.tier_id == "mini"


@pytest.mark.parametrize(
    ("standing", "move"),
    [("mini", ask), ("mini", withdraw), ("asked", give), ("mini", give)],
    ids=["asking", "leaving", "agreeing", "changing the tier"],
)
def test_an_act_older_than_the_decision_in_force_changes_nothing(vault, standing, move):
    subscriber = who_is(standing, vault)
    before = (state(subscriber), subscriber.tier_id, kinds(subscriber))
    two_days = -2 * 24 * 60  # SubscriberFactory has people join a day ago

    assert not move(subscriber, minutes=two_days)

    assert (state(subscriber), subscriber.tier_id, kinds(subscriber)) == before


def test_an_old_no_does_not_answer_a_newer_question():
    subscriber = SubscriberFactory(tier=None)

    assert not consent.refuse(subscriber.pk, act=act(minutes=-2 * 24 * 60), now=NOW)

    assert state(subscriber) == SubscriberState.REQUESTED


@pytest.mark.parametrize("order", [[give, withdraw], [withdraw, give]])
def test_consent_and_withdrawal_of_the_same_second_are_a_withdrawal(order):
    subscriber = SubscriberFactory(tier=None)

    for move in order:
        move(subscriber)

    assert state(subscriber) == SubscriberState.WITHDRAWN


def test_receipt_codes_are_easy_to_read_out_and_all_different():
    codes = {withdraw(SubscriberFactory()).receipt_code for _ in range(20)}

    assert len(codes) == 20
    assert all(len(code) == 9 and code[4] == "-" for code in codes)
    assert set("".join(codes)) <= set(RECEIPT_ALPHABET) | {"-"}
    assert not set("01OILUV") & set(RECEIPT_ALPHABET)


def test_the_language_is_remembered():
    subscriber = SubscriberFactory()

    consent.change_language(subscriber.pk, language="en")

    subscriber.refresh_from_db()
    assert subscriber.language == "en"


def test_somebody_who_has_been_forgotten_is_not_brought_back(vault):
    subscriber = stranger(vault)
    Subscriber.objects.filter(pk=subscriber.pk).delete()

    with pytest.raises(Subscriber.DoesNotExist):
        give(subscriber)
