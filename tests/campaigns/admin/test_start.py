"""The start page: one look tells whether all went well, and what waits for me."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import alarms, series, stopping
from campaigns.models import Alarm, Broadcast, Heartbeat, InboxEntry, MessageTemplate, Slot
from campaigns.reasons import StopReason
from campaigns.states import BroadcastState
from campaigns.tasks import QUEUES
from tests.factories import (
    NOW,
    BroadcastFactory,
    DeliveryFactory,
    MessageFactory,
    SeriesFactory,
)

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates", "working"),
]

S = BroadcastState
DAY = timedelta(days=1)


@pytest.fixture
def working():
    """Every worker has just done something."""
    for name in QUEUES:
        Heartbeat.objects.create(name=name, at=timezone.now())


def start(client):
    return client.get("/admin/").context


def words(client):
    return [finding.words for finding in start(client)["findings"]]


def test_all_is_well_when_nothing_is_wrong(editor):
    answer = editor.get("/admin/")

    assert answer.context["mood"] == "good"
    assert "All is well." in answer.content.decode()


def test_a_stopped_number_is_trouble(editor):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    assert start(editor)["mood"] == "trouble"
    assert words(editor) == [
        "All sending is stopped. The kill switch is on. "
        "IT releases sending on the page of the WhatsApp number."
    ]


def test_a_silent_worker_is_trouble(editor):
    Heartbeat.objects.filter(name="send_bulk").update(at=NOW.replace(year=2020))

    assert start(editor)["mood"] == "trouble"


def test_incoming_messages_that_nobody_can_read_are_trouble(editor):
    InboxEntry.objects.create(
        body_hash=b"x" * 32, state="quarantined", received_at=NOW, not_before=NOW
    )

    assert start(editor)["mood"] == "trouble"


@pytest.mark.parametrize(
    ("broadcast", "mood"),
    [
        ({"state": S.PAUSED, "pause_reason": "operator"}, "attention"),
        ({"state": S.PAUSED, "pause_reason": "template"}, "trouble"),
        ({"state": S.MISSED}, "trouble"),
    ],
)
def test_a_broadcast_that_stands_still_is_named(editor, broadcast, mood):
    made = BroadcastFactory(**broadcast)

    assert start(editor)["mood"] == mood
    assert made.message.headline in words(editor)[0]


def test_a_doubt_is_worth_a_look(editor):
    DeliveryFactory(state="in_doubt")

    assert start(editor)["mood"] == "attention"
    assert words(editor)[0].startswith("For 1 message it is unclear")


def test_a_template_that_is_not_approved_is_worth_a_look(editor):
    MessageTemplate.objects.filter(name="neues").update(status="REJECTED")

    assert start(editor)["mood"] == "attention"


def test_a_budget_that_warns_is_worth_a_look_here_and_on_no_other_page(editor):
    alarms.raise_(Alarm.Kind.BUDGET, now=NOW)

    page = editor.get("/admin/")

    (finding,) = page.context["findings"]
    assert (finding.mood, finding.url) == ("attention", "/admin/campaigns/charge/")
    assert "warning line" not in editor.get("/admin/campaigns/slot/").text


def test_the_worst_comes_first(editor):
    BroadcastFactory(state=S.PAUSED, pause_reason="operator")
    BroadcastFactory(state=S.MISSED)

    assert [finding.mood for finding in start(editor)["findings"]] == ["trouble", "attention"]


def test_only_those_who_can_do_something_about_it_are_led_to_the_number(editor, it):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    urls = [start(client)["findings"][0].url for client in (editor, it)]

    assert urls == ["", "/admin/campaigns/channel/"]


def test_each_broadcast_stands_in_the_list_of_its_state(editor):
    placed = {
        "waiting": BroadcastFactory(state=S.IN_REVIEW),
        "running": BroadcastFactory(state=S.SENDING),
        "planned": BroadcastFactory(state=S.SCHEDULED),
    }
    recent = BroadcastFactory(state=S.DONE, due_at=timezone.now(), closed_at=NOW)
    placed["recent"] = recent

    context = start(editor)

    assert {name: context[name][0].broadcast for name in placed} == placed


def test_an_empty_place_stands_among_what_comes_next(editor):
    SeriesFactory(weekdays=list(range(7)), skips_holidays=False)
    series.sweep(now=timezone.now())
    place = Slot.objects.filter(due_at__gt=timezone.now()).earliest("due_at")
    before, after = (
        BroadcastFactory(state=S.SCHEDULED, due_at=place.due_at + shift)
        for shift in (-timedelta(minutes=1), timedelta(minutes=1))
    )
    without_time = BroadcastFactory(state=S.APPROVED)

    page = editor.get("/admin/")

    shown = [getattr(one, "slot", None) or one.broadcast for one in page.context["coming"]]
    assert shown == [before, place, after, without_time]
    assert f"?slot={place.pk}" in page.text


def test_whoever_does_not_write_only_sees_that_a_place_is_empty(approver):
    SeriesFactory(weekdays=list(range(7)), skips_holidays=False)
    series.sweep(now=timezone.now())

    page = approver.get("/admin/")

    assert "Still empty" in page.text
    assert "?slot=" not in page.text


def test_drafts_are_ones_own(editor):
    mine = BroadcastFactory(message=MessageFactory(created_by=editor.user))
    BroadcastFactory()

    assert [row.broadcast for row in start(editor)["drafts"]] == [mine]


def test_ones_own_message_is_marked_as_waiting_for_a_colleague(editor):
    BroadcastFactory(message=MessageFactory(created_by=editor.user), state=S.IN_REVIEW)

    assert "a colleague has to approve it" in editor.get("/admin/").content.decode()


def test_whoever_sees_no_broadcasts_sees_no_state_of_sending(sign_in):
    assert "mood" not in start(sign_in("Personal"))


def test_the_number_of_queries_does_not_grow_with_the_lists(editor, django_assert_max_num_queries):
    for state in [S.IN_REVIEW, S.SENDING, S.SCHEDULED, S.PAUSED] * 3:
        BroadcastFactory(state=state)
    start(editor)

    with django_assert_max_num_queries(38):
        start(editor)

    assert Broadcast.objects.count() == 12
