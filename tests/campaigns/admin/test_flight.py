"""The lights of a broadcast that leaves soon, and the one click to where a fault is repaired."""

import pytest
from django.urls import reverse

from campaigns import lookout
from campaigns.admin.flight import REPAIRS
from campaigns.models import About, Check, Fault
from campaigns.models.checks import Light
from campaigns.states import BroadcastState as S
from tests.campaigns.admin.addresses import page
from tests.factories import NOW, BroadcastFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]


def looked_at(*faults, state=S.SCHEDULED):
    """A broadcast with these faults; all else is well."""
    broadcast = BroadcastFactory(state=state, due_at=NOW)
    worst = {fault.about: fault for fault in faults}
    for about in About:
        fault = worst.get(about)
        light = fault.light if fault else Light.GREEN
        Check.objects.create(
            broadcast=broadcast, about=about, light=light, fault=fault or "", at=NOW
        )
    return broadcast


def test_every_fault_has_a_place_where_it_is_repaired():
    assert REPAIRS.keys() == set(Fault)


def test_when_all_is_well_the_page_says_so_in_one_line(editor):
    answer = editor.get(page(looked_at()))

    assert answer.context["flight"].wrong == []
    assert "Ready to leave" in answer.content.decode()


def test_the_worst_light_counts(editor):
    answer = editor.get(page(looked_at(Fault.LIMIT, Fault.WORDS)))

    assert answer.context["flight"].light == Light.RED
    assert [line.check.fault for line in answer.context["flight"].wrong] == ["words", "limit"]


def test_the_repair_is_one_click_away(editor):
    broadcast = looked_at(Fault.WORDS)

    shown = editor.get(page(broadcast)).content.decode()

    edit = reverse("admin:campaigns_broadcast_edit", args=[broadcast.pk])
    assert f'<a href="{edit}">Repair</a>' in shown


def test_nobody_is_led_to_a_page_that_they_may_not_open(editor):
    (line,) = editor.get(page(looked_at(Fault.TOKEN))).context["flight"].wrong

    assert line.url == ""


def test_the_start_page_shows_the_light_of_what_comes_next(editor):
    looked_at(Fault.WORDS)

    shown = editor.get("/admin/").content.decode()

    assert "light-red" in shown
    assert "will not leave like this" in shown


def test_what_has_left_shows_no_lights(editor):
    assert editor.get(page(looked_at(state=S.SENDING))).context["flight"] is None


@pytest.mark.parametrize("where", ["/admin/", "/admin/campaigns/slot/"])
def test_red_is_named_on_every_page_with_its_repair(editor, where):
    broadcast = looked_at(Fault.WORDS)
    lookout.sweep(now=NOW)
    edit = reverse("admin:campaigns_broadcast_edit", args=[broadcast.pk])

    shown = editor.get(where).text

    assert "Its words are not complete" in shown
    assert f'<a href="{edit}">Have a look</a>' in shown


def test_whoever_cannot_repair_it_is_led_to_the_broadcast(editor):
    broadcast = looked_at(Fault.TOKEN)
    lookout.sweep(now=NOW)

    shown = editor.get("/admin/campaigns/slot/").text

    assert f'<a href="{page(broadcast)}">Have a look</a>' in shown
