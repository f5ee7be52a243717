"""Recurring places on the desk: next dates, the form, filling a place, what is told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import connections, series
from campaigns.models import Alarm, Broadcast, Category, Series, Slot
from tests.campaigns.admin.addresses import form, press_review, said, writing
from tests.factories import NOW, BroadcastFactory, SeriesFactory

pytestmark = pytest.mark.django_db(databases="__all__")

LIST = reverse("admin:campaigns_series_changelist")
ADD = reverse("admin:campaigns_series_add")


def typed(**changes):
    return {
        "category": "presseschau",
        "weekdays": ["0", "1"],
        "at": "06:30",
        "useful_until": "10:00",
        "warn_before": "1",
        "starts_on": "2026-11-23",
        "ends_on": "",
        "skips_holidays": "on",
        "zone": "Europe/Berlin",
        "is_active": "on",
        **changes,
    }


@pytest.fixture
def slot():
    """A place of these days that can still be filled."""
    SeriesFactory(weekdays=list(range(7)), skips_holidays=False)
    series.sweep(now=timezone.now())
    return Slot.objects.filter(due_at__gt=timezone.now()).order_by("due_at").first()


def test_an_editor_makes_a_series_and_sees_its_next_dates(editor):
    answer = editor.post(ADD, typed(), follow=True)

    made = Series.objects.get()
    assert (made.weekdays, made.warn_before) == ([0, 1], timedelta(hours=1))
    dates = made.rhythm.coming(timezone.now())
    assert len(dates) == 5
    assert f"{dates[0].day} {dates[0]:%b}" in answer.content.decode()


def test_the_form_of_a_series_shows_its_next_five_dates(editor):
    place = SeriesFactory(weekdays=list(range(7)), skips_holidays=False)
    dates = place.rhythm.coming(timezone.now())
    said = " · ".join(f"{day:%a}, {day.day} {day:%b}" for day in dates)

    page = editor.get(reverse("admin:campaigns_series_change", args=[place.pk]))

    assert len(dates) == 5
    assert said in page.content.decode()


def test_a_new_series_has_no_dates_yet(editor):
    page = editor.get(ADD).content.decode()

    assert "field-next_dates" not in page


def test_a_series_that_was_refused_still_shows_its_dates(editor):
    place = SeriesFactory(weekdays=list(range(7)), skips_holidays=False)
    address = reverse("admin:campaigns_series_change", args=[place.pk])

    answer = editor.post(address, typed(zone="Erfurt", weekdays=[]))

    assert set(answer.context["adminform"].form.errors) == {"zone", "weekdays"}
    assert "field-next_dates" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"useful_until": "06:00"}, "useful_until"),
        ({"ends_on": "2026-11-01"}, "ends_on"),
        ({"zone": "Erfurt"}, "zone"),
        ({"weekdays": []}, "weekdays"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused_at_its_field(editor, changes, field):
    answer = editor.post(ADD, typed(**changes))

    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Series.objects.exists()


def test_a_time_in_quiet_hours_is_refused_and_hours_of_its_own_allow_it(editor, settings):
    settings.QUIET_HOURS = "mon-fri 07:00-18:00"
    connections.forget()
    answer = editor.post(ADD, typed())
    assert "quiet hours" in str(answer.context["adminform"].form.errors["at"])

    Category.objects.filter(pk="presseschau").update(sending_hours="mon-fri 06:00-18:00")
    editor.post(ADD, typed())

    assert Series.objects.count() == 1


def test_the_list_offers_to_write_what_is_missing(editor, slot):
    page = editor.get(LIST).content.decode()

    assert f"{press_review()}?slot={slot.pk}" in page


def test_whoever_does_not_write_sees_that_it_is_empty(it, slot):
    page = it.get(LIST).content.decode()

    assert "Still empty" in page
    assert "?slot=" not in page


def test_the_page_for_a_place_knows_its_time(editor, slot):
    page = editor.get(f"{press_review()}?slot={slot.pk}").context["form"]

    local = timezone.localtime(slot.due_at)
    assert page["when"].value() == "later"
    assert (page["day"].value(), page["time"].value()) == (local.date(), local.time())


def test_what_is_written_for_a_place_fills_it(editor, slot):
    local = timezone.localtime(slot.due_at)
    when = {"when": "later", "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}

    editor.post(writing(), form(slot=slot.pk, **when))

    broadcast = Broadcast.objects.get()
    assert (broadcast.slot, broadcast.due_at) == (slot, slot.due_at)


def test_a_place_that_somebody_else_has_filled_is_refused_and_nothing_is_lost(editor, slot):
    BroadcastFactory(slot=slot)

    answer = editor.post(writing(), form(slot=slot.pk, schlagzeile_1="Mein Text"))

    assert "no longer free" in answer.content.decode()
    assert "Mein Text" in answer.content.decode()


def test_not_later_than_is_kept(editor):
    editor.post(writing(), form(not_after="2026-12-04T15:00"))

    kept = timezone.localtime(Broadcast.objects.get().not_after)
    assert f"{kept:%Y-%m-%d %H:%M}" == "2026-12-04 15:00"


def test_an_empty_place_is_on_the_start_page_when_its_time_is_near(editor, slot):
    Slot.objects.filter(pk=slot.pk).update(due_at=timezone.now() + timedelta(minutes=10))

    findings = editor.get("/admin/").context["findings"]

    words = [finding.words for finding in findings if "has no approved message" in finding.words]
    assert len(words) == 1


def test_an_alarm_stands_on_every_page_of_whoever_sees_broadcasts(editor, sign_in):
    broadcast = BroadcastFactory(state="missed")
    subject = f"broadcast {broadcast.pk}"
    Alarm.objects.create(kind="missed", subject=subject, raised_at=NOW, not_before=NOW)
    link = reverse("admin:campaigns_broadcast_change", args=[broadcast.pk])

    assert 'role="alert"' in editor.get(LIST).content.decode()
    assert link in editor.get(reverse("admin:campaigns_category_changelist")).content.decode()
    assert "alarm-bar" not in sign_in("Personal").get("/admin/").content.decode()


def test_the_start_page_says_everything_once(editor):
    Alarm.objects.create(kind="expired", subject="broadcast 7", raised_at=NOW, not_before=NOW)

    page = editor.get("/admin/")

    words = [finding.words for finding in page.context["findings"]]
    assert "A broadcast was too late for some, who did not get it." in words
    assert "alarm-bar" not in page.content.decode()


def test_of_many_alarms_three_are_shown_and_the_others_counted(editor):
    for n in range(5):
        Alarm.objects.create(kind="missed", subject=f"broadcast {n}", raised_at=NOW, not_before=NOW)

    bar = editor.get(LIST).context["alarm_bar"]

    assert (len(bar.alarms), bar.more) == (3, 2)


def test_nobody_deletes_a_series(editor):
    made = SeriesFactory()

    answer = editor.post(reverse("admin:campaigns_series_delete", args=[made.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert said(editor.get(LIST)) == []
