"""Evidence for one consent, found by what the subscriber keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import consent, register, shipped
from subscribers.consent import RECEIPT_ALPHABET
from subscribers.models import ConsentEvent, Notice
from subscribers.register import Shown
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, act, stranger, tier

database = pytest.mark.django_db(databases=BOTH_DATABASES)

ORGANISATION = {"name": "W", "dpo": "d", "authority": "a", "url": "u"}


@pytest.mark.parametrize(
    "typed", ["7KQF-M2XR", "7kqf-m2xr", " 7KQF M2XR ", "7KQFM2XR", "7kqf–m2xr", "7-K-Q-F-M-2-X-R"]
)
def test_a_receipt_code_is_understood_however_it_is_typed(typed):
    assert register.receipt_code(typed) == "7KQF-M2XR"


@pytest.mark.parametrize(
    "typed",
    ["", "7KQF", "7KQF-M2XR-9", "7KQF-M2X0", "7KQF-M2XO", "7KQF-M2X1", "+4915112345678", "Kim"],
)
def test_what_cannot_be_a_receipt_code_is_none(typed):
    assert register.receipt_code(typed) is None


@given(st.text(RECEIPT_ALPHABET, min_size=8, max_size=8))
def test_every_code_that_is_given_out_is_found_again(letters):
    code = f"{letters[:4]}-{letters[4:]}"

    assert register.receipt_code(code.lower()) == code


@database
def test_a_record_tells_the_whole_history_of_one_consent_in_order():
    subscriber = SubscriberFactory(tier="mini")
    SubscriberFactory(tier="mini")
    consent.give(subscriber.pk, tier=tier("maxi"), act=act(minutes=1), now=NOW)
    withdrawn = consent.withdraw(subscriber.pk, act=act(minutes=2), now=NOW)

    record = register.record_of(withdrawn)

    told = [event.kind for event in record.events]
    assert told == ["requested", "notice_sent", "given", "tier_changed", "withdrawn"]
    assert {event.subscriber_id for event in record.events} == {subscriber.pk}


@database
def test_a_record_shows_each_notice_once():
    subscriber = SubscriberFactory(tier="mini")
    newer = shipped.publish_notice("de", version=2, organisation=ORGANISATION, now=NOW)
    consent.ask(subscriber.pk, notice=newer, act=act(), now=NOW)
    consent.notice_sent(subscriber.pk, notice=newer, now=NOW)
    event = consent.give(subscriber.pk, tier=tier("maxi"), act=act(minutes=1), now=NOW)

    record = register.record_of(event)

    assert [shown.notice.version for shown in record.shown] == [1, 2]


@database
def test_a_record_takes_one_query(django_assert_num_queries):
    SubscriberFactory()
    event = ConsentEvent.objects.latest("pk")

    with django_assert_num_queries(1):
        record = register.record_of(event)
        verdicts = [shown.is_unchanged for shown in record.shown]

    assert verdicts == [True]


@database
def test_a_record_of_somebody_who_has_been_shown_nothing_yet_shows_nothing(vault):
    subscriber = stranger(vault)
    consent.ask(subscriber.pk, notice=Notice.objects.current("de"), act=act(), now=NOW)
    event = ConsentEvent.objects.get(subscriber_id=subscriber.pk)

    assert register.record_of(event).shown == ()


@database
def test_words_are_unchanged_if_their_hash_is_the_one_stored_then():
    notice = Notice.objects.current("de")

    shown = Shown(notice, notice.sha256)

    assert shown.computed == notice.sha256
    assert shown.is_unchanged


@database
@pytest.mark.parametrize(
    "change",
    [{"notice": "x"}, {"question": "x"}, {"buttons": ["MAXI", "MINI", "NEIN"]}, {"language": "en"}],
)
def test_any_change_of_the_words_shows(change):
    notice = Notice.objects.current("de")
    for name, value in change.items():
        setattr(notice, name, value)

    assert not Shown(notice, notice.sha256).is_unchanged
