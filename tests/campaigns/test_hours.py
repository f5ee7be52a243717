"""Sending hours in Berlin's time, also on the two days when the clocks change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.hours import SendingHours

BERLIN = ZoneInfo("Europe/Berlin")
WORKDAYS = SendingHours.parse("mon-fri 07:00-18:00", zone=BERLIN)
SUNDAYS = SendingHours.parse("sun 01:00-04:00", zone=BERLIN)
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(BERLIN)
)


def berlin(text, **fold):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, **fold)


@pytest.mark.parametrize(
    ("at", "are_open"),
    [
        ("2026-11-23T06:59:59", False),
        ("2026-11-23T07:00", True),
        ("2026-11-23T17:59:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-27T12:00", True),
        ("2026-11-28T12:00", False),  # a Saturday
    ],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(at, are_open):
    assert WORKDAYS.are_open(berlin(at)) is are_open


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-23T05:00", "2026-11-23T07:00"),
        ("2026-11-23T18:00", "2026-11-24T07:00"),
        ("2026-11-27T20:00", "2026-11-30T07:00"),  # over the weekend
        ("2026-12-31T20:00", "2027-01-01T07:00"),
    ],
)
def test_the_next_opening_is_on_the_next_day_that_counts(at, opening):
    assert WORKDAYS.next_open(berlin(at)) == berlin(opening)


def test_in_open_hours_the_next_opening_is_now():
    at = berlin("2026-11-23T12:34:56")

    assert WORKDAYS.next_open(at) == at


@pytest.mark.parametrize("text", ["off", " OFF "])
def test_hours_that_are_off_are_always_open(text):
    hours = SendingHours.parse(text, zone=BERLIN)

    assert hours.are_open(berlin("2026-11-29T03:00"))


def test_a_single_day_may_be_named():
    saturday = SendingHours.parse("sat 09:00-12:00", zone=BERLIN)

    assert saturday.next_open(berlin("2026-11-28T12:00")) == berlin("2026-12-05T09:00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "mon-fri",
        "mon-fri 7",
        "mo-fr 07:00-18:00",
        "mon-fri 07:00-25:00",
        "fri-mon 07:00-18:00",
        "mon-fri 18:00-07:00",
        "mon-fri 07:00-07:00",
    ],
)
def test_hours_that_would_never_open_or_make_no_sense_are_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        SendingHours.parse(text, zone=BERLIN)


@pytest.mark.parametrize(
    ("before", "opening", "apart"),
    [
        ("2026-03-27T18:00", "2026-03-30T07:00", timedelta(hours=60)),  # the night is shorter
        ("2026-10-23T18:00", "2026-10-26T07:00", timedelta(hours=62)),  # and here longer
    ],
)
def test_over_a_change_of_clocks_the_hours_keep_to_the_clock_on_the_wall(before, opening, apart):
    at = berlin(before)

    found = WORKDAYS.next_open(at)

    assert found == berlin(opening)
    assert found.timestamp() - at.timestamp() == apart.total_seconds()


def test_the_hour_that_is_lived_twice_is_open_twice():
    first = berlin("2026-10-25T02:30", fold=0)
    second = berlin("2026-10-25T02:30", fold=1)

    assert second.timestamp() - first.timestamp() == 3600
    assert SUNDAYS.are_open(first)
    assert SUNDAYS.are_open(second)


def test_an_opening_in_the_hour_that_is_skipped_comes_when_the_clocks_have_changed():
    skipped = SendingHours.parse("sun 02:30-04:00", zone=BERLIN)

    opening = skipped.next_open(berlin("2026-03-29T01:00"))

    assert opening.timestamp() == berlin("2026-03-29T03:30").timestamp()


@given(at=MOMENTS)
def test_the_next_opening_is_open_and_never_earlier(at):
    opening = WORKDAYS.next_open(at)

    assert opening >= at
    assert WORKDAYS.are_open(opening)
