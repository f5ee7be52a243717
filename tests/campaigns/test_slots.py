"""The dates of a series, and their moments over both changes of the clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import slots
from campaigns.slots import HOLIDAYS, Rhythm

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"]
DAILY = frozenset(range(7))
WORKDAYS = Rhythm(
    at=time(6, 30), zone=BERLIN, weekdays=frozenset(range(5)), first_on=date(2026, 11, 1)
)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("Europe/Berlin", "2027-03-28", "02:30", "2027-03-28T01:00"),  # skipped: 03:00 in summer
        ("Europe/Berlin", "2027-03-28", "02:00", "2027-03-28T01:00"),
        ("Europe/Berlin", "2027-03-28", "01:59", "2027-03-28T00:59"),
        ("Europe/Berlin", "2027-03-28", "03:00", "2027-03-28T01:00"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),  # twice: the first
        ("Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T02:00"),
        ("Asia/Kolkata", "2027-03-28", "02:30", "2027-03-27T21:00"),
        ("America/St_Johns", "2027-03-14", "02:30", "2027-03-14T05:30"),  # skipped: 03:00
        ("America/St_Johns", "2026-11-01", "01:30", "2026-11-01T04:00"),  # twice: the first
        ("Pacific/Apia", "2027-03-28", "02:30", "2027-03-27T13:30"),
        ("America/Nuuk", "2027-03-27", "23:30", "2027-03-28T01:00"),  # skipped: midnight
    ],
)
def test_a_time_on_the_wall_is_one_documented_minute(zone, day, at, utc):
    found = slots.moment(date.fromisoformat(day), time.fromisoformat(at), zone=ZoneInfo(zone))

    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_date_that_samoa_skipped_has_no_place():
    apia = replace(WORKDAYS, zone=ZoneInfo("Pacific/Apia"), first_on=date(2011, 12, 28))

    assert not apia.has(date(2011, 12, 30))  # a Friday that nobody lived
    assert apia.has(date(2011, 12, 29))


def test_a_date_whose_midnight_is_skipped_is_lived_all_the_same():
    cairo = ZoneInfo("Africa/Cairo")

    assert slots.exists(date(2024, 4, 26), zone=cairo)
    assert slots.moment(date(2024, 4, 26), time(0, 30), zone=cairo) == datetime(
        2024, 4, 25, 22, tzinfo=UTC
    )


def test_only_the_chosen_weekdays_within_the_period_have_a_place():
    week = replace(WORKDAYS, last_on=date(2026, 11, 25))

    assert list(week.dates(date(2026, 11, 20))) == [
        date(2026, 11, 20),
        date(2026, 11, 23),
        date(2026, 11, 24),
        date(2026, 11, 25),
    ]


@pytest.mark.parametrize(
    "day",
    ["2026-10-31", "2026-09-20", "2026-12-25", "2027-03-26"],
    ids=["Reformation Day", "Children’s Day", "Christmas", "Good Friday"],
)
def test_the_public_holidays_of_thuringia_are_days_off(day):
    every_day = replace(WORKDAYS, weekdays=DAILY, first_on=date(2026, 1, 1))
    holiday = date.fromisoformat(day)

    assert every_day.has(holiday)
    assert not replace(every_day, days_off=HOLIDAYS).has(holiday)


def test_the_next_dates_begin_with_the_one_whose_moment_is_still_to_come():
    before = datetime(2026, 11, 23, 6, 30, tzinfo=BERLIN)

    assert WORKDAYS.coming(before, n=2) == [date(2026, 11, 23), date(2026, 11, 24)]
    assert WORKDAYS.coming(before + timedelta(seconds=1), n=1) == [date(2026, 11, 24)]


def test_a_series_that_is_over_has_no_next_date():
    over = replace(WORKDAYS, last_on=date(2026, 11, 20))

    assert over.coming(datetime(2026, 11, 23, tzinfo=BERLIN)) == []


@given(
    zone=st.sampled_from(ZONES),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    first_on=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
)
def test_every_date_has_one_place_and_they_keep_their_order(zone, at, first_on):
    rhythm = Rhythm(at=at, zone=ZoneInfo(zone), weekdays=DAILY, first_on=first_on)
    days = [first_on + timedelta(days=n) for n in range(200)]

    found = [day for day in rhythm.dates(first_on) if day <= days[-1]]
    moments = [rhythm.moment(day) for day in found]

    assert found == days
    assert moments == sorted(set(moments))


@given(
    zone=st.sampled_from(ZONES),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
)
def test_a_moment_is_the_first_at_which_the_clocks_show_the_time_or_a_later_one(zone, at, day):
    zone = ZoneInfo(zone)
    wall = datetime.combine(day, at)

    found = slots.moment(day, at, zone=zone)

    shown = found.astimezone(zone).replace(tzinfo=None)
    minute_before = (found - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None)
    assert shown >= wall
    assert minute_before < wall


@pytest.mark.parametrize(
    ("day", "german", "english"),
    [
        (date(2026, 9, 20), "Weltkindertag", "World Children's Day"),  # in Thuringia alone
        (date(2026, 11, 23), "", ""),
    ],
)
def test_a_holiday_is_called_by_its_name_in_both_languages(day, german, english):
    assert slots.holiday(day, language="de") == german
    assert slots.holiday(day, language="en_US") == english
