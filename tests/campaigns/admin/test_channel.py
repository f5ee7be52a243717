"""Our number: who is at work, and the kill switch."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from campaigns import allowance
from campaigns.models import Channel, Heartbeat
from tests.campaigns.admin.addresses import said
from whatsapp.reading import UNLIMITED

pytestmark = pytest.mark.django_db(databases="__all__")

STOP, RELEASE = "admin:campaigns_channel_stop", "admin:campaigns_channel_release"


def test_stopping_all_sending_asks_first(it):
    shown = it.get(reverse(STOP)).content.decode()

    assert "not even urgent notices" in shown
    assert Channel.objects.get().stop_reason == ""


def test_a_stop_is_in_force_and_in_the_log(it):
    answer = it.post(reverse(STOP), follow=True)

    channel = Channel.objects.get()
    assert (channel.stop_reason, channel.stopped_by) == ("kill_switch", it.user.username)
    assert LogEntry.objects.get().user == it.user
    assert said(answer) == ["All sending is stopped."]


def test_a_stop_is_released_after_asking(it):
    it.post(reverse(STOP))
    asked = it.get(reverse(RELEASE))

    it.post(reverse(RELEASE))

    assert "The kill switch is on." in asked.content.decode()
    assert Channel.objects.get().stop_reason == ""


def test_what_the_console_stopped_is_said_so(it):
    call_command("kill-switch", "on")

    shown = it.get(reverse("admin:campaigns_channel_changelist")).content.decode()

    assert ", on the console." in shown


def test_the_number_shows_who_is_at_work_and_who_is_silent(it):
    Heartbeat.objects.create(name="ops", at=timezone.now())
    Heartbeat.objects.create(name="inbound", at=timezone.now() - timedelta(hours=1))

    workers = it.get(reverse("admin:campaigns_channel_changelist")).context["workers"]

    assert {worker.name for worker in workers if not worker.is_silent} == {"ops"}


@pytest.mark.parametrize(
    ("said", "shown", "used"),
    [
        (None, "has not told us its limit yet", ""),
        (250, "lets us write to 250 people", "not used up"),
        (UNLIMITED, "There is no limit.", ""),
    ],
)
def test_the_number_shows_how_many_people_it_may_write_to(it, said, shown, used):
    allowance.note(said, now=timezone.now())

    page = it.get(reverse("admin:campaigns_channel_changelist"))

    assert shown in page.content.decode()
    assert page.context["used"] == used
