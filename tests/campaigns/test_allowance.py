"""Meta's daily limit: what we know of it, and who counts."""

from datetime import timedelta

import pytest

from campaigns import allowance, connections, replies, tasks
from campaigns.allowance import DAY, Forecast
from campaigns.models import Category, Channel
from subscribers.wording import Say
from tests.campaigns.webhooks import account_news, post
from tests.factories import (
    NOW,
    AttemptFactory,
    BroadcastFactory,
    DeliveryFactory,
    SubscriberFactory,
)
from tests.whatsapp.server import free_port
from whatsapp.reading import UNLIMITED

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR = timedelta(hours=1)


def used(now=NOW):
    return allowance.use(now=now).people


def write_to(subscriber=None, *, at=NOW):
    """One message to somebody; returns whom."""
    delivery = DeliveryFactory(
        broadcast=BroadcastFactory(state="sending"),
        subscriber=subscriber or SubscriberFactory(),
        state="accepted",
        attempts=1,
    )
    AttemptFactory(delivery=delivery, armed_at=at)
    return delivery.subscriber


def forecast(slug="presseschau", *, people):
    return allowance.forecast(Category.objects.get(slug=slug), people=people)


@pytest.mark.parametrize(("said", "limit"), [(250, 250), (100_000, 100_000), (UNLIMITED, None)])
def test_a_limit_is_in_force_unless_meta_says_that_there_is_none(said, limit):
    allowance.note(said, now=NOW)

    assert allowance.limit() == limit


def test_what_meta_does_not_say_changes_nothing():
    allowance.note(250, now=NOW)
    allowance.note(None, now=NOW + HOUR)

    channel = Channel.objects.get()
    assert (channel.daily_limit, channel.daily_limit_at) == (250, NOW)


def test_meta_tells_of_a_new_limit_by_webhook():
    news = {"max_daily_conversations_per_business": "TIER_2K"}

    post(account_news("business_capability_update", news))
    tasks.apply_inbox()

    assert allowance.limit() == 2000


def test_meta_is_asked_once_an_hour(simulator):
    simulator.change_settings(portfolio_limit=2000)
    client = connections.cloud_client()
    allowance.refresh(client=client, now=NOW)
    simulator.change_settings(portfolio_limit=10_000)

    allowance.refresh(client=client, now=NOW + HOUR / 2)
    assert allowance.limit() == 2000
    allowance.refresh(client=client, now=NOW + HOUR)
    assert allowance.limit() == 10_000


def test_while_meta_does_not_answer_what_we_know_stays(settings):
    settings.WHATSAPP_API_URL = f"http://127.0.0.1:{free_port()}"
    allowance.note(250, now=NOW)

    allowance.refresh(client=connections.cloud_client(), now=NOW + 2 * HOUR)

    channel = Channel.objects.get()
    assert (channel.daily_limit, channel.daily_limit_at) == (250, NOW)


def test_people_count_and_not_messages():
    somebody = write_to()
    write_to(somebody)
    write_to()

    assert used() == 2


def test_after_24_hours_nobody_counts_any_more():
    write_to(at=NOW)

    assert used(NOW + 24 * HOUR) == 1
    assert used(NOW + DAY) == 0


def test_it_is_known_when_there_is_room_again():
    write_to(at=NOW - 2 * HOUR)
    write_to(at=NOW - HOUR)

    assert allowance.use(now=NOW).less_at == NOW - 2 * HOUR + DAY


def test_whoever_wrote_to_us_does_not_count():
    somebody = SubscriberFactory()
    replies.queue(somebody, [Say("help", "Hilfe")], now=NOW - 22 * HOUR)
    write_to(somebody)

    assert used() == 0


def test_whoever_wrote_to_us_too_long_ago_counts():
    somebody = SubscriberFactory()
    replies.queue(somebody, [Say("help", "Hilfe")], now=NOW - 23 * HOUR - timedelta(seconds=1))
    write_to(somebody)

    assert used() == 1


def test_whoever_is_about_to_be_written_to_counts():
    DeliveryFactory()

    assert used() == 1


def test_what_fits_into_the_limit_needs_no_forecast():
    allowance.note(3, now=NOW)

    assert forecast(people=3) is None


def test_without_a_limit_there_is_nothing_to_forecast():
    assert forecast(people=3) is None


def test_what_does_not_fit_is_known_before_it_is_sent():
    allowance.note(3, now=NOW)

    assert forecast(people=5) == Forecast(people=5, today=3)


def test_whoever_was_written_to_today_costs_nothing_more():
    write_to()
    write_to()
    allowance.note(3, now=NOW)

    assert forecast(people=5) == Forecast(people=5, today=3)


def test_a_forecast_looks_at_nobody(django_assert_num_queries):
    with django_assert_num_queries(2):  # the category, the limit
        forecast(people=5)


def test_ordinary_news_are_told_that_a_tenth_of_the_limit_is_not_theirs():
    allowance.note(10, now=NOW)

    assert forecast(people=12) == Forecast(people=12, today=9)
    assert forecast("eilmeldung", people=12) == Forecast(people=12, today=10)
