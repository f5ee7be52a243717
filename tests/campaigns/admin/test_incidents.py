"""Incident mode and the papers before the start, on the desk."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from campaigns import golive, stopping
from campaigns.admin import incident_bar
from campaigns.models import Channel
from campaigns.reasons import StopReason
from subscribers import clearance, incidents
from subscribers.clearance import Paper
from subscribers.models import AccessEvent, Clearance, Incident, IncidentStep
from tests.campaigns.admin.addresses import said
from tests.factories import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

START = "admin:index"


def at(what):
    return reverse(f"admin:subscribers_incident_{what}")


@pytest.fixture
def officer(sign_in):
    return sign_in("Datenschutz")


def declare(client, *, what="Ein Laptop fehlt.", known_at=None):
    known_at = known_at or timezone.localtime() - timedelta(hours=2)
    typed = {"what": what, "known_at": f"{known_at:%Y-%m-%dT%H:%M}"}
    return client.post(at("declare"), typed, follow=True)


def stands():
    return Channel.objects.get().stop_reason


@pytest.mark.parametrize("group", ["Datenschutz", "IT"])
def test_one_switch_stops_sending_and_starts_the_clock_on_every_page(sign_in, group):
    client = sign_in(group)

    declare(client)

    assert stands() == StopReason.INCIDENT
    assert "Report to the supervisory authority by" in client.get(reverse(START)).text
    assert LogEntry.objects.filter(change_message="incident declared").exists()


def test_the_clock_is_not_shown_to_whoever_cannot_do_anything_about_it(officer, editor):
    declare(officer)

    page = editor.get(reverse(START)).text

    assert "supervisory authority" not in page
    assert "An incident is being dealt with." in page


@pytest.mark.parametrize(
    ("later", "words"),
    [(timedelta(hours=1), "71 hours left"), (timedelta(hours=71, minutes=30), "less than an hour")],
)
def test_the_clock_counts_from_when_somebody_knew(later, words):
    incident = Incident(known_at=NOW, what="x")

    clock = incident_bar.clock(incident, now=NOW + later)

    assert words in clock.words
    assert not clock.is_over


def test_after_72_hours_the_clock_asks_for_the_reason_of_the_delay():
    clock = incident_bar.clock(Incident(known_at=NOW, what="x"), now=NOW + timedelta(hours=72))

    assert clock.is_over
    assert "must say why" in clock.words


def test_a_moment_that_is_still_to_come_is_refused(officer):
    page = declare(officer, known_at=timezone.localtime() + timedelta(days=1))

    assert "still to come" in page.text
    assert not Incident.objects.exists()


def test_the_evidence_is_handed_out_once_its_hash_is_in_the_log(officer):
    declare(officer)

    file = officer.post(at("evidence"))

    assert file.headers["Content-Type"] == "application/zip"
    step = IncidentStep.objects.get()
    assert len(step.sha256) == 64
    assert step.sha256 in officer.get(at("changelist")).text
    assert AccessEvent.objects.get(what=AccessEvent.What.EXPORT).ref == "incident"


def test_it_may_declare_and_note_but_not_take_the_ledger_along(it):
    declare(it)
    it.post(at("note"), {"words": "Server vom Netz."})

    assert it.post(at("evidence")).status_code == 403
    assert "Server vom Netz." in it.get(at("changelist")).text


def test_it_ends_with_a_reason_and_sending_goes_on(officer):
    declare(officer)

    assert "Please say why" in said(officer.post(at("end"), {"conclusion": " "}, follow=True))[0]
    officer.post(at("end"), {"conclusion": "Wiedergefunden, verschlüsselt."})

    assert stands() == ""
    assert Incident.objects.get().conclusion == "Wiedergefunden, verschlüsselt."


def test_what_stood_still_before_stands_still_afterwards(officer):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW, by="it")
    declare(officer)

    officer.post(at("end"), {"conclusion": "Fehlalarm."})

    assert stands() == StopReason.KILL_SWITCH
    assert not incidents.is_open()


def test_the_page_of_the_number_offers_no_way_around_an_incident(officer, it):
    declare(officer)

    page = it.get(reverse("admin:campaigns_channel_changelist")).text
    it.post(reverse("admin:campaigns_channel_release"))

    assert "Allow sending again" not in page
    assert stands() == StopReason.INCIDENT


def confirm(client, paper, *, day="2026-11-02", reference="DS-2026-4"):
    address = reverse("admin:subscribers_clearance_confirm", args=[paper])
    return client.post(address, {"dated_on": day, "reference": reference}, follow=True)


def test_the_officer_confirms_each_paper_with_its_day_and_where_it_is(officer):
    golive.look(is_real=True, smallest_audience=1, now=NOW)
    for paper in Paper:
        page = confirm(officer, paper)

    golive.look(is_real=True, smallest_audience=1, now=NOW)

    assert stands() == ""
    assert "DS-2026-4" in page.text
    assert officer.user.username in page.text


@pytest.mark.parametrize("wrong", [{"day": "2999-01-01"}, {"day": ""}, {"reference": ""}])
def test_a_paper_without_a_day_or_a_place_is_not_confirmed(officer, wrong):
    confirm(officer, Paper.NOTICE, **wrong)

    assert not Clearance.objects.exists()


def test_a_confirmation_can_be_taken_back(officer):
    confirm(officer, Paper.NOTICE)

    officer.post(reverse("admin:subscribers_clearance_take_back", args=[Paper.NOTICE]))

    assert Paper.NOTICE in clearance.missing()
    assert Clearance.objects.get().ended_at


def test_it_sees_what_is_missing_and_confirms_nothing(it):
    page = it.get(reverse("admin:subscribers_clearance_changelist")).text

    assert page.count("badge-pending") == len(Paper)
    assert confirm(it, Paper.NOTICE).status_code == 403
