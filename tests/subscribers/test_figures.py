"""Figures that tell HR how it is going, and nothing about anybody."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import figures
from subscribers.models import MonthlyFigure, Subscriber
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, tier

database = pytest.mark.django_db(databases=BOTH_DATABASES)

OCTOBER = date(2026, 10, 1)


def no_noise():
    return 0


def shown(month=OCTOBER):
    return dict(MonthlyFigure.objects.filter(month=month).values_list("tier_id", "shown"))


def fill(slug, number):
    """Have so many subscribers of a tier, without addresses: only their number matters."""
    pattern = SubscriberFactory(tier=slug)
    Subscriber.objects.bulk_create(
        Subscriber(
            state=pattern.state,
            tier=pattern.tier,
            notice=pattern.notice,
            decided_at=NOW,
            state_since=NOW,
        )
        for _ in range(number - 1)
    )


@pytest.mark.parametrize(
    ("count", "published"),
    [(0, None), (1, None), (19, None), (20, 20), (24, 20), (25, 30), (414, 410), (415, 420)],
)
def test_counts_are_rounded_to_ten_and_hidden_below_twenty(count, published):
    assert figures.publishable(count) == published


@given(st.integers(0, 19), st.integers(-100, 100))
def test_no_noise_makes_fewer_than_twenty_visible(count, noise):
    assert figures.published(count, noise) is None


@pytest.mark.parametrize(("noise", "shown"), [(9, None), (10, 30), (14, 30), (15, 40)])
def test_a_tier_of_twenty_needs_so_much_noise_that_it_hardly_ever_appears(noise, shown):
    assert figures.published(20, noise) == shown


@given(st.integers(0, 5000), st.integers(-100, 100))
def test_what_is_published_is_a_multiple_of_ten_from_twenty_upwards_or_nothing(count, noise):
    published = figures.published(count, noise)

    assert published is None or (published >= 20 and published % 10 == 0)


@given(st.integers(20, 5000), st.integers(-6, 6))
def test_a_published_figure_is_as_near_the_truth_as_noise_and_rounding_allow(count, noise):
    published = figures.published(count, noise)

    assert published is None or abs(published - count) <= abs(noise) + 5


def test_noise_has_the_promised_strength_and_falls_to_both_sides(monkeypatch):
    monkeypatch.setattr(figures, "_random", Random(20))

    drawn = Counter(figures.draw_noise() for _ in range(20_000))

    near = sum(number for noise, number in drawn.items() if abs(noise) <= 6)
    assert near / 20_000 == pytest.approx(0.96, abs=0.01)
    assert drawn[0] / drawn[1] == pytest.approx(1.65, rel=0.1)
    assert drawn[1] / drawn[-1] == pytest.approx(1, rel=0.1)


@database
def test_a_month_is_counted_by_tier_and_everybody_once():
    fill("mini", 36)
    fill("maxi", 41)

    figures.freeze(month=OCTOBER, now=NOW, draw=no_noise)

    assert shown() == {"mini": 40, "maxi": 40}


@database
def test_a_tier_without_anybody_is_hidden_like_any_other_small_one():
    fill("mini", 40)

    figures.freeze(month=OCTOBER, now=NOW, draw=no_noise)

    assert shown() == {"mini": 40, "maxi": None}


@database
def test_whoever_has_not_agreed_does_not_count():
    fill("mini", 20)
    SubscriberFactory(tier=None)
    Subscriber.objects.filter(pk=Subscriber.objects.filter(tier="mini")[:1].get().pk).update(
        state="withdrawn", tier=None
    )

    figures.freeze(month=OCTOBER, now=NOW, draw=no_noise)

    assert shown()["mini"] is None


@database
def test_noise_is_drawn_once_and_never_again():
    fill("mini", 100)
    draws = iter([8, 0, -30, -30])

    figures.freeze(month=OCTOBER, now=NOW, draw=lambda: next(draws))
    first = shown()
    figures.freeze(month=OCTOBER, now=NOW, draw=lambda: next(draws))

    assert shown() == first


@database
def test_a_frozen_figure_stays_when_people_leave():
    fill("mini", 40)
    figures.freeze(month=OCTOBER, now=NOW, draw=no_noise)
    Subscriber.objects.update(state="withdrawn", tier=None)

    figures.freeze(month=OCTOBER, now=NOW + timedelta(days=1), draw=no_noise)

    assert shown()["mini"] == 40


@database
def test_nothing_is_stored_from_which_the_exact_count_or_a_total_could_be_read():
    fill("mini", 47)

    figures.freeze(month=date(2026, 10, 17), now=NOW, draw=no_noise)

    stored = MonthlyFigure.objects.values_list("month", "tier_id", "shown", "taken_at")
    assert set(stored) == {(OCTOBER, "mini", 50, NOW), (OCTOBER, "maxi", None, NOW)}


@database
def test_the_first_tick_of_a_month_counts_the_month_before():
    SubscriberFactory(joined_at=datetime(2026, 10, 20, tzinfo=UTC))

    figures.freeze_if_due(now=datetime(2026, 11, 1, 0, 5, tzinfo=UTC))

    assert set(MonthlyFigure.objects.values_list("month", flat=True)) == {OCTOBER}


@database
def test_a_month_ends_at_midnight_in_berlin():
    SubscriberFactory(joined_at=datetime(2026, 10, 20, tzinfo=UTC))

    figures.freeze_if_due(now=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    before = MonthlyFigure.objects.exists()
    figures.freeze_if_due(now=datetime(2026, 10, 31, 23, 0, tzinfo=UTC))

    assert not before
    assert MonthlyFigure.objects.filter(month=OCTOBER).exists()


@database
def test_a_month_that_has_been_counted_is_not_counted_again():
    SubscriberFactory(joined_at=datetime(2026, 10, 20, tzinfo=UTC))
    MonthlyFigure.objects.create(month=OCTOBER, tier=tier("mini"), shown=500, taken_at=NOW)

    figures.freeze_if_due(now=NOW)

    assert shown() == {"mini": 500}


@database
def test_an_installation_that_is_new_this_month_has_no_figure_for_the_month_before():
    SubscriberFactory(joined_at=NOW)

    figures.freeze_if_due(now=NOW)

    assert not MonthlyFigure.objects.exists()
