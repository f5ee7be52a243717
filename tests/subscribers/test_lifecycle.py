"""What becomes of a subscription while nobody says anything: the clock alone moves."""

from datetime import timedelta

import pytest

from subscribers import audience, consent, lifecycle
from subscribers.lifecycle import News
from subscribers.models import Rest, Subscriber, Unreached
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.dialogue import answer
from tests.subscribers.people import BOTH_DATABASES, act, kinds, next_notice, tier

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

DAY = timedelta(days=1)
YEAR = timedelta(days=366)


@pytest.fixture
def subscriber():
    return SubscriberFactory(tier="maxi", joined_at=NOW - DAY)


def news(*, at):
    return [letter.news for letter in lifecycle.sweep(now=at)]


def standing(subscriber):
    subscriber.refresh_from_db()
    return subscriber.state, subscriber.rest


def rest(subscriber, why, *, until, how=consent.pause):
    how(subscriber.pk, why=why, until=until, act=act(), now=NOW)


def test_a_pause_ends_by_itself_with_a_word(subscriber):
    rest(subscriber, Rest.OWN, until=NOW + 28 * DAY)

    early, in_time = news(at=NOW + 27 * DAY), news(at=NOW + 28 * DAY)

    assert (early, in_time) == ([], [News.PAUSE_OVER])
    assert standing(subscriber) == ("active", "")
    assert subscriber.tier_id == "maxi"


def test_what_is_due_is_done_once(subscriber):
    rest(subscriber, Rest.OWN, until=NOW + DAY)
    news(at=NOW + DAY)

    assert news(at=NOW + DAY) == []


def test_a_doubtful_stop_that_nobody_clears_up_is_forgotten_after_a_day(subscriber):
    rest(subscriber, Rest.UNSURE, until=NOW + lifecycle.UNSURE, how=consent.hold)

    assert news(at=NOW + lifecycle.UNSURE) == []
    assert standing(subscriber) == ("active", "")


def test_after_a_year_somebody_is_asked_whether_they_are_still_with_us(subscriber):
    early, in_time, again = [news(at=NOW + n * DAY) for n in (363, 365, 366)]

    assert (early, in_time, again) == ([], [News.STILL_WITH_US], [])
    assert kinds(subscriber)[-1] == "reconfirm_asked"


def test_a_yes_holds_for_another_year(subscriber):
    news(at=NOW + YEAR)
    consent.reconfirm(subscriber.pk, act=act(minutes=366 * 24 * 60), now=NOW + YEAR)

    assert news(at=NOW + YEAR + 364 * DAY) == []
    assert news(at=NOW + YEAR + 366 * DAY) == [News.STILL_WITH_US]


def test_thirty_days_of_silence_pause_and_thirty_more_end(subscriber):
    news(at=NOW + YEAR)

    assert news(at=NOW + YEAR + 29 * DAY) == []
    assert news(at=NOW + YEAR + 31 * DAY) == [News.PAUSED_FOR_SILENCE]
    assert standing(subscriber) == ("paused", "silence")
    assert news(at=NOW + YEAR + 62 * DAY) == []
    assert standing(subscriber) == ("withdrawn", "")
    assert kinds(subscriber)[-1] == "withdrawn"


def test_whoever_comes_back_after_the_silence_has_confirmed(subscriber):
    news(at=NOW + YEAR)
    back = NOW + YEAR + 40 * DAY
    news(at=back - DAY)

    consent.resume(subscriber.pk, act=consent.by_system(at=back), now=back)

    assert standing(subscriber) == ("active", "")
    assert (subscriber.confirmed_at, subscriber.reminded_at) == (back, None)


def miss(subscriber, *, times, since=NOW, every=15 * DAY):
    for n in range(times):
        lifecycle.count(reached=[], missed=[subscriber.pk], at=since + n * every)


def test_three_misses_over_thirty_days_pause_and_sixty_days_later_end(subscriber):
    miss(subscriber, times=3)

    assert news(at=NOW + 30 * DAY) == []
    assert news(at=NOW + 31 * DAY) == []
    assert standing(subscriber) == ("paused", "failures")
    assert news(at=NOW + 92 * DAY) == []
    assert standing(subscriber) == ("withdrawn", "")


@pytest.mark.parametrize(("times", "days"), [(2, 90), (3, 29)])
def test_fewer_misses_or_a_shorter_time_pause_nobody(subscriber, times, days):
    miss(subscriber, times=times, every=DAY)

    news(at=NOW + days * DAY)

    assert standing(subscriber) == ("active", "")


def test_a_message_that_arrives_begins_the_count_anew(subscriber):
    miss(subscriber, times=2)
    lifecycle.count(reached=[subscriber.pk], missed=[], at=NOW + 20 * DAY)

    miss(subscriber, times=1, since=NOW + 40 * DAY)

    assert Unreached.objects.get().failures == 1
    assert news(at=NOW + 60 * DAY) == []


@pytest.mark.parametrize("said", ["WEITER", "Guten Morgen"])
def test_whoever_writes_can_be_reached_and_is_not_paused_again(subscriber, said):
    miss(subscriber, times=3)
    news(at=NOW + 31 * DAY)
    subscriber.refresh_from_db()

    answer(subscriber, said, minutes=32 * 24 * 60)
    consent.resume(subscriber.pk, act=consent.by_system(at=NOW), now=NOW + 32 * DAY)

    assert not Unreached.objects.exists()
    assert news(at=NOW + 33 * DAY) == []
    assert standing(subscriber) == ("active", "")


def test_a_new_number_that_nobody_confirms_ends_the_old_consent(subscriber):
    rest(subscriber, Rest.NEW_NUMBER, until=NOW + 30 * DAY, how=consent.hold)

    news(at=NOW + 31 * DAY)

    assert standing(subscriber) == ("withdrawn", "")


def test_a_notice_with_a_new_purpose_holds_everybody_until_they_agree_again(subscriber):
    next_notice(is_material=True)

    assert news(at=NOW + DAY) == [News.NEW_NOTICE]
    assert standing(subscriber) == ("held", "new_notice")
    assert not consent.resume(subscriber.pk, act=act(minutes=2000), now=NOW + 2 * DAY)


def test_before_the_hold_nothing_is_sent_under_an_outdated_notice(subscriber):
    before = set(audience.of(tier("mini")))

    next_notice(is_material=True)

    assert before == {subscriber}
    assert standing(subscriber) == ("active", "")
    assert not audience.of(tier("mini")).exists()
    assert audience.lock_standing([subscriber.pk])[subscriber.pk] == audience.NOTHING


def test_a_pause_under_an_outdated_notice_does_not_end_with_a_word(subscriber):
    rest(subscriber, Rest.OWN, until=NOW + DAY)
    next_notice(is_material=True)

    assert news(at=NOW + DAY) == [News.NEW_NOTICE]
    assert standing(subscriber) == ("held", "new_notice")


def test_a_notice_in_clearer_words_holds_nobody(subscriber):
    next_notice(is_material=False)

    assert news(at=NOW + DAY) == []
    assert standing(subscriber) == ("active", "")


def test_whoever_asked_for_erasure_is_to_be_erased(subscriber):
    SubscriberFactory()

    consent.request_erasure(subscriber.pk, act=act(), now=NOW)

    assert lifecycle.to_erase() == [subscriber.pk]


def test_a_sweep_of_an_ordinary_day_changes_nobody():
    SubscriberFactory.create_batch(3)
    before = list(Subscriber.objects.order_by("pk").values())

    assert lifecycle.sweep(now=NOW) == []
    assert list(Subscriber.objects.order_by("pk").values()) == before
