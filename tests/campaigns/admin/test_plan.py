"""The plan: month, week and list; what stands where; and what may be moved."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import connections, series
from campaigns.admin import calendar
from campaigns.admin.calendar import Look
from campaigns.hours import SendingHours
from campaigns.models import Broadcast, Slot
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import said
from tests.campaigns.desk import HOURS, diary
from tests.factories import NOW, BroadcastFactory, SeriesFactory

pytestmark = pytest.mark.django_db(databases="__all__")

S = BroadcastState
PLAN = reverse("admin:campaigns_slot_changelist")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2031, 11, 24)  # far ahead, so that no day of the test is ever past
ELEVEN = datetime(2031, 11, 24, 11, tzinfo=BERLIN)
NEXT_DAY = {"when": "later", "day": "2031-11-25", "time": "09:30"}


def days(look=Look.MONTH, day=date(2026, 11, 23), *, now=NOW):
    shown = calendar.span(look, day)
    return calendar.days(shown, hours=HOURS, can_move=True, can_write=True, now=now)


def scheduled(**facts):
    return BroadcastFactory(state=S.SCHEDULED, due_at=ELEVEN, **facts)


def move(client, broadcast, *, query="", **how):
    address = reverse("admin:campaigns_slot_move", args=[broadcast.pk])
    return client.post(f"{address}?{query}", {**NEXT_DAY, **how}, follow=True)


@pytest.mark.parametrize(
    ("look", "first", "count"),
    [
        (Look.MONTH, date(2026, 10, 26), 42),
        (Look.WEEK, date(2026, 11, 23), 7),
        (Look.LIST, date(2026, 11, 25), 28),
    ],
)
def test_a_look_shows_its_days(look, first, count):
    shown = days(look, date(2026, 11, 25))

    assert (shown[0].day, len(shown)) == (first, count)


def test_a_month_of_exactly_four_weeks_has_four_rows():
    assert len(calendar.weeks(days(Look.MONTH, date(2027, 2, 1)))) == 4


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2026, 12, 31), date(2028, 2, 29)])
def test_the_page_turns_to_the_neighbouring_months(day):
    shown = calendar.span(Look.MONTH, day)

    assert (shown.earlier + timedelta(days=31)).replace(day=1) == day.replace(day=1)
    assert (shown.later - timedelta(days=1)).month == day.month


def test_a_plan_that_is_too_full_says_that_it_is_cut(editor, monkeypatch):
    monkeypatch.setattr(calendar, "MOST", 1)
    scheduled()
    scheduled()

    shown = editor.get(PLAN, {"day": str(MONDAY)}).content.decode()

    assert "Only the first 1 are shown." in shown


def test_the_holidays_of_thuringia_are_named():
    by_day = {day.day: day.holiday for day in days(day=date(2026, 12, 1))}

    assert by_day[date(2026, 12, 25)] == "Christmas Day"
    assert by_day[date(2026, 12, 24)] == ""


def test_the_days_on_which_nothing_leaves_are_shown():
    week = days(Look.WEEK)

    assert [day.is_quiet for day in week] == [False] * 5 + [True] * 2


def test_a_week_shows_its_quiet_hours():
    rows = calendar.week_by_hours(days(Look.WEEK), hours=HOURS)

    monday = {row[0].hour: row[0].is_quiet for row in rows}
    assert (min(monday), max(monday)) == (6, 20)
    assert [hour for hour, is_quiet in monday.items() if not is_quiet] == list(range(7, 18))
    assert all(row[6].is_quiet for row in rows)


def test_without_quiet_hours_no_day_is_quiet():
    shown = calendar.span(Look.WEEK, MONDAY)
    off = SendingHours(zone=BERLIN)

    week = calendar.days(shown, hours=off, can_move=True, can_write=True, now=NOW)

    assert not any(day.is_quiet for day in week)


def test_a_broadcast_stands_on_its_day_and_in_its_hour():
    broadcast = BroadcastFactory(
        state=S.SCHEDULED, due_at=datetime(2026, 11, 24, 22, 45, tzinfo=UTC)
    )

    week = days(Look.WEEK)  # in Berlin it is 23:45

    [entry] = week[1].entries
    rows = calendar.week_by_hours(week, hours=HOURS)
    assert (entry.pk, rows[-1][1].entries) == (broadcast.pk, [entry])
    assert rows[-1][1].hour == 23


def test_the_latest_useful_time_is_shown_before_it_is_approved_too():
    draft = BroadcastFactory(slug="presseschau", due_at=NOW)
    category = draft.message.category

    [entry] = days(Look.LIST)[0].entries

    until = timezone.localtime(NOW + category.useful_for, BERLIN)
    assert f"{until:%H:%M}" in entry.until
    assert entry.pk is None


def test_what_was_cancelled_is_not_in_the_plan():
    BroadcastFactory(state=S.CANCELLED, due_at=NOW)

    assert not any(day.entries for day in days())


def test_an_empty_place_waits_and_warns_when_its_time_is_near():
    SeriesFactory(warn_before=timedelta(days=1, hours=1))
    series.sweep(now=NOW)

    week = days(Look.WEEK, day=date(2026, 11, 23), now=NOW)

    looks = [entry.look for day in week for entry in day.entries]
    assert looks == ["missed", "pending", "pending", "pending"]  # red: tomorrow’s is due in a day


def test_a_filled_place_is_shown_by_what_fills_it():
    SeriesFactory()
    series.sweep(now=NOW)
    slot = Slot.objects.get(local_date=date(2026, 11, 24))
    filling = BroadcastFactory(slot=slot, due_at=slot.due_at)

    [entry] = days(Look.WEEK)[1].entries

    assert entry.key == f"broadcast-{filling.pk}"


@pytest.mark.parametrize("look", Look)
def test_every_look_shows_entries_places_and_dates(editor, look):
    scheduled()
    SeriesFactory(weekdays=list(range(7)), at=time(10), useful_until=time(12), starts_on=MONDAY)
    BroadcastFactory()

    shown = editor.get(PLAN, {"look": look, "day": "2031-11-24"})

    page = shown.content.decode()
    assert shown.context["span"].look == look
    assert "<time>11:00</time>" in page
    assert "Mon, 24 Nov · Tue, 25 Nov" in page
    assert "Without a time" in page


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_no_calendar_shows_means_today(editor, day):
    shown = editor.get(PLAN, {"look": "week", "day": day})

    assert shown.context["span"].day == timezone.localdate()


def test_a_broadcast_is_moved_and_keeps_its_approval(editor, audience, approved_templates):
    broadcast = scheduled()

    answer = move(editor, broadcast, query="look=week&day=2031-11-24")

    broadcast.refresh_from_db()
    assert broadcast.due_at == datetime(2031, 11, 25, 9, 30, tzinfo=BERLIN)
    assert broadcast.expires_at == broadcast.due_at + broadcast.message.category.useful_for
    assert (broadcast.state, broadcast.approved_hash) == (
        S.SCHEDULED,
        broadcast.message.content_hash(),
    )
    assert diary(broadcast) == [("scheduled", editor.user.username)]
    assert said(answer) == ["Moved to Tue, 25 Nov, 09:30."]
    assert answer.context["span"].look == Look.WEEK


def test_a_script_gets_the_plan_alone_with_a_way_back(editor, audience, approved_templates):
    broadcast = scheduled()
    address = reverse("admin:campaigns_slot_move", args=[broadcast.pk])
    query = "?look=week&day=2031-11-24"

    shown = editor.post(address + query, NEXT_DAY, headers={"HX-Request": "true"}).content.decode()

    assert shown.lstrip().startswith('<section class="plan"')
    assert 'name="day" value="2031-11-24"' in shown
    assert 'name="time" value="11:00"' in shown
    assert "Undo" in shown


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"day": "2020-01-02"}, "This time has passed"),
        ({"day": "2031-11-29"}, "quiet hours"),
        ({"day": ""}, "choose a day and a time"),
        ({"time": "25:00"}, "choose a day and a time"),
    ],
    ids=["past", "quiet", "no day", "no time"],
)
def test_what_scheduling_forbids_is_refused_and_nothing_moves(
    editor, audience, approved_templates, settings, how, words
):
    settings.QUIET_HOURS = "mon-fri 07:00-18:00"
    connections.forget()
    broadcast = scheduled()

    answer = move(editor, broadcast, **how)

    broadcast.refresh_from_db()
    assert words in said(answer)[0]
    assert (broadcast.due_at, broadcast.state) == (ELEVEN, S.SCHEDULED)
    assert diary(broadcast) == []


@pytest.mark.parametrize("state", [S.DRAFT, S.IN_REVIEW, S.APPROVED, S.SENDING, S.DONE, S.MISSED])
def test_only_what_is_scheduled_can_be_moved(editor, audience, approved_templates, state):
    broadcast = BroadcastFactory(state=state, due_at=ELEVEN)

    answer = move(editor, broadcast)

    broadcast.refresh_from_db()
    assert "not possible now" in said(answer)[0]
    assert (broadcast.state, broadcast.due_at) == (state, ELEVEN)


def test_whoever_may_not_schedule_is_offered_nothing_to_move(it):
    broadcast = scheduled()

    shown = it.get(PLAN, {"day": "2031-11-24"}).content.decode()
    answer = move(it, broadcast)

    assert "draggable" not in shown
    assert "do not have the right" in said(answer)[0]
    assert Broadcast.objects.get().due_at == ELEVEN


def test_the_plan_asks_the_same_number_of_questions_however_much_there_is(
    editor, django_assert_max_num_queries
):
    SeriesFactory(starts_on=MONDAY)
    for _ in range(12):
        scheduled()

    with django_assert_max_num_queries(16):
        editor.get(PLAN, {"look": "month", "day": "2031-11-24"})
