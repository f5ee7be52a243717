"""Recurring broadcasts: places that are written, moved, filled, missed; never sent empty."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from campaigns import scheduling, series
from campaigns.models import Broadcast, Slot
from campaigns.refusals import NotPossible
from tests.campaigns.desk import HOURS, approve, diary, submit
from tests.factories import NOW, BroadcastFactory, SeriesFactory, SubscriberFactory, UserFactory

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("english")]

TOMORROW = date(2026, 11, 24)
SIX_THIRTY = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)  # in Berlin
TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def editor():
    return UserFactory(group="Redaktion")


@pytest.fixture
def slot():
    """Tomorrow's place of a press review, Monday to Friday at 6:30, of use until 10."""
    made = SeriesFactory()
    series.sweep(now=NOW)
    return made.slots.get(local_date=TOMORROW)


def fill(slot, by, **values):
    return scheduling.write(
        category=slot.series.category,
        values=values,
        media=None,
        due_at=slot.due_at,
        slot_id=slot.pk,
        by=by,
        now=NOW,
    )


def test_a_place_knows_its_moment_and_its_end(slot):
    assert (slot.due_at, slot.useful_until) == (SIX_THIRTY, TEN)


def test_places_are_written_for_the_coming_weeks_without_weekends_and_holidays():
    SeriesFactory()

    series.sweep(now=datetime(2026, 12, 1, 12, tzinfo=UTC))

    days = list(Slot.objects.order_by("local_date").values_list("local_date", flat=True))
    assert days[0] == date(2026, 12, 2)
    assert date(2026, 12, 5) not in days
    assert date(2026, 12, 24) in days
    assert date(2026, 12, 25) not in days
    assert len(days) == 19


def test_a_second_tick_writes_nothing_twice(slot):
    before = Slot.objects.count()

    series.sweep(now=NOW)

    assert Slot.objects.count() == before


def test_a_date_has_one_place_of_a_series_whoever_writes_it(slot):
    with pytest.raises(IntegrityError, match="slot_once_a_day"), transaction.atomic():
        Slot.objects.create(series=slot.series, local_date=TOMORROW, due_at=NOW, useful_until=NOW)


def test_what_recurs_stays_at_its_time_over_the_change_of_clocks():
    made = SeriesFactory(starts_on=date(2027, 3, 26))

    series.sweep(now=datetime(2027, 3, 20, tzinfo=UTC))

    moments = dict(made.slots.values_list("local_date", "due_at"))
    assert date(2027, 3, 26) not in moments  # Good Friday
    assert moments[date(2027, 3, 30)] == datetime(2027, 3, 30, 4, 30, tzinfo=UTC)


def test_another_time_of_the_series_moves_its_place_and_what_is_scheduled_in_it(slot):
    broadcast = BroadcastFactory(state="scheduled", slot=slot, due_at=slot.due_at)
    slot.series.at = time(7)
    slot.series.save()

    series.sweep(now=NOW)

    broadcast.refresh_from_db()
    assert broadcast.due_at == SIX_THIRTY + timedelta(minutes=30)
    assert diary(broadcast) == [("moved", "")]


def test_a_new_table_of_time_zones_moves_what_has_not_begun(slot):
    Slot.objects.filter(pk=slot.pk).update(due_at=SIX_THIRTY - timedelta(hours=1))
    broadcast = BroadcastFactory(
        state="scheduled", slot=slot, due_at=SIX_THIRTY - timedelta(hours=1)
    )

    series.sweep(now=NOW)

    broadcast.refresh_from_db()
    slot.refresh_from_db()
    assert (slot.due_at, broadcast.due_at) == (SIX_THIRTY, SIX_THIRTY)


def test_whoever_gave_it_a_time_of_its_own_is_not_overruled(slot):
    broadcast = BroadcastFactory(state="scheduled", slot=slot, due_at=NOW + timedelta(hours=1))
    slot.series.at = time(7)
    slot.series.save()

    series.sweep(now=NOW)

    broadcast.refresh_from_db()
    assert broadcast.due_at == NOW + timedelta(hours=1)


def test_a_series_that_is_switched_off_gives_its_empty_places_back_and_no_other(slot, editor):
    fill(slot, editor)
    slot.series.is_active = False
    slot.series.save()

    series.sweep(now=NOW)

    assert list(Slot.objects.all()) == [slot]


def test_a_place_can_be_filled_once(slot, editor):
    fill(slot, editor)

    with pytest.raises(NotPossible, match="no longer free"):
        fill(slot, editor)


def test_after_a_cancellation_a_place_can_be_filled_again(slot, editor):
    scheduling.cancel(fill(slot, editor), by=None, now=NOW)

    assert fill(slot, editor).slot == slot


def test_a_place_takes_only_its_own_category(slot, editor):
    other = SeriesFactory(slug="neues").category

    with pytest.raises(NotPossible, match="another category"):
        scheduling.write(
            category=other, values={}, media=None, due_at=None, slot_id=slot.pk, by=editor, now=NOW
        )


def test_an_empty_place_warns_from_its_lead_time_on(slot):
    lead = slot.series.warn_before

    assert not series.wanting(now=slot.due_at - lead - timedelta(seconds=1)).exists()
    assert series.wanting(now=slot.due_at - lead).get() == slot


@pytest.mark.parametrize("state", ["draft", "in_review", "approved"])
def test_what_is_not_scheduled_fills_no_place(slot, state):
    BroadcastFactory(state=state, slot=slot)

    assert series.wanting(now=slot.due_at).get() == slot
    series.sweep(now=slot.useful_until)
    assert Slot.objects.get(pk=slot.pk).missed_at == slot.useful_until


@pytest.mark.parametrize("state", ["scheduled", "sending", "missed", "done"])
def test_what_is_scheduled_or_further_fills_its_place(slot, state):
    BroadcastFactory(state=state, slot=slot)

    series.sweep(now=slot.useful_until)

    assert Slot.objects.get(pk=slot.pk).missed_at is None


def test_an_empty_place_is_missed_when_its_time_is_over(slot):
    series.sweep(now=slot.useful_until)

    slot.refresh_from_db()
    assert slot.missed_at == slot.useful_until
    with pytest.raises(series.Taken):
        series.take(slot.pk, now=slot.useful_until)


def test_what_fills_a_place_is_of_use_as_long_as_the_place_is(slot, editor):
    SubscriberFactory()
    template = slot.series.category.template
    template.status = "APPROVED"
    template.save()
    slot.series.category.sending_hours = "mon-fri 06:00-18:00"
    slot.series.category.save()
    broadcast = fill(slot, editor, **{v["name"]: v["example"] for v in template.values})
    broadcast = Broadcast.objects.with_message().get(pk=broadcast.pk)
    submit(broadcast, editor)

    approve(broadcast, UserFactory(group="Freigabe"))

    assert (broadcast.due_at, broadcast.start_by, broadcast.expires_at) == (SIX_THIRTY, TEN, TEN)


def test_of_a_series_only_the_newest_date_is_caught_up(slot):
    older = BroadcastFactory(state="scheduled", slot=slot, due_at=slot.due_at)
    next_slot = slot.series.slots.get(local_date=date(2026, 11, 25))
    newer = BroadcastFactory(state="scheduled", slot=next_slot, due_at=next_slot.due_at)
    Broadcast.objects.update(expires_at=NOW + timedelta(days=9))

    due = Broadcast.objects.due(next_slot.due_at)
    overdue = Broadcast.objects.overdue(next_slot.due_at)

    assert (list(due), list(overdue)) == ([newer], [older])


def test_hours_of_its_own_let_a_category_leave_before_others(slot):
    category = slot.series.category
    assert not category.hours(HOURS).are_open(slot.due_at)

    category.sending_hours = "mon-fri 06:00-18:00"

    assert category.hours(HOURS).are_open(slot.due_at)


def test_hours_that_nobody_can_read_are_refused():
    category = SeriesFactory().category
    category.sending_hours = "immer"

    with pytest.raises(ValidationError):
        category.full_clean()
