"""Whoever has to agree anew, and what a tap on “No, thanks” means to whoever has agreed."""

import pytest

from subscribers import consent
from subscribers.models import Notice, Subscriber, SubscriberState
from tests.factories import NOW
from tests.subscribers.dialogue import answer, purposes
from tests.subscribers.people import BOTH_DATABASES, kinds, next_notice, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

ASKED = ["notice", "question"]


def asked_anew(vault):
    """Somebody on hold who has asked for the notice, and got it."""
    subscriber = who_is("moved", vault)
    notice, _question = answer(subscriber, "WEITER", message=b"1")
    assert notice.text == subscriber.notice.notice
    consent.notice_sent(subscriber.pk, notice=subscriber.notice, now=NOW)
    return Subscriber.objects.get(pk=subscriber.pk)


@pytest.mark.parametrize(
    "yes", [{"text": "JA MINI"}, {"button_id": "consent:mini"}], ids=["words", "tap"]
)
def test_whoever_is_asked_anew_subscribes_by_a_new_yes(vault, yes):
    subscriber = asked_anew(vault)

    says = answer(subscriber, **yes, message=b"2")

    subscriber.refresh_from_db()
    assert purposes(says) == ["confirmed"]
    assert (subscriber.state, subscriber.tier_id) == ("active", "mini")
    assert kinds(subscriber)[-1] == "given"


@pytest.mark.parametrize("no", [{"text": "nein"}, {"button_id": "consent:no"}], ids=["word", "tap"])
def test_whoever_is_asked_anew_leaves_by_a_no(vault, no):
    subscriber = asked_anew(vault)

    says = answer(subscriber, **no, message=b"2")

    subscriber.refresh_from_db()
    assert purposes(says) == ["withdrawn"]
    assert subscriber.state == SubscriberState.WITHDRAWN


@pytest.mark.parametrize("said", ["MAXI", "WEITER", "ja", "Guten Morgen"])
def test_whoever_is_asked_anew_is_asked_once_more_by_anything_else(vault, said):
    subscriber = asked_anew(vault)

    says = answer(subscriber, said, message=b"2")

    subscriber.refresh_from_db()
    assert purposes(says) == ASKED
    assert (subscriber.state, subscriber.tier_id) == ("held", "mini")


def test_whoever_is_asked_anew_may_read_it_in_another_language(vault):
    subscriber = asked_anew(vault)

    notice, _question = answer(subscriber, button_id="language:en", message=b"2")

    subscriber.refresh_from_db()
    assert subscriber.language == "en"
    assert notice.text == Notice.objects.current("en").notice


@pytest.mark.parametrize("said", ["START", "MAXI", "WEITER", "Guten Morgen"])
def test_a_subscriber_under_an_outdated_notice_is_asked_anew_whatever_they_write(vault, said):
    subscriber = who_is("mini", vault)
    newer = next_notice()

    notice, _question = answer(subscriber, said)

    subscriber.refresh_from_db()
    assert notice.text == newer.notice
    assert (subscriber.state, subscriber.rest, subscriber.tier_id) == ("held", "new_notice", "mini")


def test_a_no_tapped_below_a_question_that_a_subscriber_asked_to_see_again_ends_it(vault):
    subscriber = who_is("maxi", vault)
    answer(subscriber, "START", message=b"1")

    says = answer(subscriber, button_id="consent:no", message=b"2")

    subscriber.refresh_from_db()
    assert purposes(says) == ["withdrawn"]
    assert subscriber.state == SubscriberState.WITHDRAWN


def test_a_no_that_was_tapped_before_the_yes_and_arrives_after_it_ends_nothing(vault):
    subscriber = who_is("mini", vault)

    says = answer(subscriber, button_id="consent:no", minutes=-2 * 24 * 60)

    subscriber.refresh_from_db()
    assert says == []
    assert subscriber.state == SubscriberState.ACTIVE
