"""What is typed is kept for its writer, and nothing else happens because of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Broadcast, BroadcastEvent, Message, MessageVersion, Unsaved
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import edit, form, press_review, writing
from tests.factories import BroadcastFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

HEADLINE = "TA: Die Linie 3 fährt wieder"
NEW = reverse("admin:campaigns_broadcast_keep", args=["presseschau"])
NEW_LINES = reverse("admin:campaigns_press_keep", args=["presseschau"])
LINES = {
    "key": [2, 1],
    "text-1": HEADLINE,
    "text-2": "MDR: Fernwärme",
    "link-2": "https://www.mdr.de/2",
    "paywall-1": "on",
    "pasted": "TLZ: Freib",
    "value-datum": "23. November",
    "when": "at_once",
}


def keep_address(broadcast):
    return reverse("admin:campaigns_broadcast_keep", args=["presseschau", broadcast.pk])


def signed_in(**facts):
    client = Client()
    client.force_login(UserFactory(group="Redaktion", **facts))
    return client


def test_what_is_typed_is_offered_again_in_the_same_form(editor):
    answer = editor.post(NEW, form(schlagzeile_1=HEADLINE, full_text="Alles\ndazu"))

    assert "Kept at" in answer.json()["said"]
    offered = editor.get(writing()).context["unsaved"]
    assert offered["fields"]["value-schlagzeile_1"] == HEADLINE
    assert offered["fields"]["full_text"] == "Alles\ndazu"


def test_it_is_nobody_elses(editor):
    editor.post(NEW, form(schlagzeile_1=HEADLINE))

    assert signed_in().get(writing()).context["unsaved"] is None


def test_the_last_state_replaces_the_one_before(editor):
    for text in ("TA", HEADLINE):
        editor.post(NEW, form(schlagzeile_1=text))

    assert Unsaved.objects.get().fields["value-schlagzeile_1"] == HEADLINE


def test_nothing_is_kept_but_the_fields_of_the_form(editor):
    editor.post(NEW, {"value-datum": "x" * 30_000, "slot": "1", "password": "geheim"})

    kept = Unsaved.objects.get().fields
    assert kept.keys() == {"value-datum"}
    assert len(kept["value-datum"]) == 20_000


@pytest.mark.parametrize("action", ["save", "submit"])
def test_saving_ends_it(editor, action):
    editor.post(NEW, form(schlagzeile_1=HEADLINE))

    editor.post(writing(), form(schlagzeile_1=HEADLINE, action=action))

    assert not Unsaved.objects.exists()
    assert Broadcast.objects.exists()


def test_discarding_ends_it(editor):
    editor.post(NEW, form(schlagzeile_1=HEADLINE))

    editor.post(NEW, {"discard": "1"})

    assert not Unsaved.objects.exists()


def test_it_voids_no_approval_and_makes_no_history(editor):
    broadcast = BroadcastFactory(state=BroadcastState.APPROVED)
    seen = broadcast.message.content_hash()

    editor.post(keep_address(broadcast), form(schlagzeile_1=HEADLINE))

    broadcast.refresh_from_db()
    assert (broadcast.state, Message.objects.get().content_hash()) == ("approved", seen)
    assert not BroadcastEvent.objects.exists()
    assert not MessageVersion.objects.exists()


def test_a_colleague_who_is_writing_at_this_moment_is_named(editor):
    broadcast = BroadcastFactory()
    signed_in(first_name="Anna", last_name="Beer").post(keep_address(broadcast), form())

    answer = editor.post(keep_address(broadcast), form())

    assert answer.json()["others"] == "Anna Beer is writing here at the moment"
    assert "Anna Beer" in editor.get(edit(broadcast)).context["others"]


def test_a_colleague_who_stopped_a_minute_ago_is_not(editor):
    broadcast = BroadcastFactory()
    signed_in().post(keep_address(broadcast), form())
    Unsaved.objects.update(typed_at=timezone.now() - timedelta(minutes=1))

    assert editor.get(edit(broadcast)).context["others"] == ""


def test_a_stranger_is_asked_to_sign_in():
    assert Client().post(NEW, form()).status_code == 302
    assert not Unsaved.objects.exists()


def test_a_colleagues_version_stands_beside_ones_own_with_what_differs(editor):
    broadcast = BroadcastFactory()
    theirs = signed_in()
    theirs.post(edit(broadcast), form(schlagzeile_1="MDR: Ganz anders", revision=1))

    answer = editor.post(edit(broadcast), form(schlagzeile_1=HEADLINE, revision=1))

    [one] = answer.context["differences"]
    assert (one.before, one.after) == ("MDR: Ganz anders", HEADLINE)
    assert Message.objects.get().values["schlagzeile_1"] == "MDR: Ganz anders"


def test_the_lines_of_a_press_review_are_kept_in_their_order(editor):
    editor.post(NEW_LINES, LINES | {"text-7": "of no line", "password": "geheim"})

    offered = editor.get(press_review()).context["unsaved"]["fields"]
    assert offered == LINES | {"key": "2 1"}


def test_what_was_typed_into_one_form_is_not_offered_in_the_other(editor):
    editor.post(NEW_LINES, LINES)
    in_the_other = editor.get(writing()).context["unsaved"]
    editor.post(NEW, form(schlagzeile_1=HEADLINE))

    assert in_the_other is None
    assert editor.get(press_review()).context["unsaved"] is None


def test_saving_a_press_review_ends_it(editor):
    editor.post(NEW_LINES, LINES)

    editor.post(press_review(), LINES | {"action": "draft"})

    assert not Unsaved.objects.exists()
    assert Broadcast.objects.exists()


def test_whoever_collects_sees_who_else_is_writing_there(editor):
    broadcast = BroadcastFactory()
    address = reverse("admin:campaigns_press_keep", args=["presseschau", broadcast.pk])
    signed_in(first_name="Anna", last_name="Beer").post(address, LINES)

    page = editor.get(reverse("admin:campaigns_press_edit", args=[broadcast.pk]))

    assert page.context["others"] == "Anna Beer is writing here at the moment"


def test_lines_that_were_kept_come_back_as_they_are_shown(editor):
    address = reverse("admin:campaigns_press_lines", args=["presseschau"])

    answer = editor.post(address, LINES | {"action": "show"})

    assert [row.line.text for row in answer.context["rows"]] == ["MDR: Fernwärme", HEADLINE]
    assert 'id="press-lines" hx-swap-oob="innerHTML"' in answer.text
