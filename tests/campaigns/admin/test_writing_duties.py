"""What an editor owes to readers: links that give nobody away, and another place to look."""

import pytest
from django.urls import reverse

from campaigns.models import Broadcast, Category, Message
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import edit, form, press_review, writing
from tests.factories import BroadcastFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

LINK = "https://thueringer-allgemeine.de/linie3?utm_source=nl&fbclid=IwAR0x"


def test_a_link_that_gives_readers_away_is_not_submitted_and_cleaned_by_one_click(editor):
    refused = editor.post(writing(), form(schlagzeile_1=f"TA: {LINK}", action="submit"))
    assert "tells its owner how readers came (utm_source, fbclid)" in refused.text
    assert 'value="untrack"' in refused.text

    cleaned = editor.post(writing(), form(schlagzeile_1=f"TA: {LINK}", action="untrack"))

    values = cleaned.context["form"].values
    assert values["schlagzeile_1"] == "TA: https://thueringer-allgemeine.de/linie3"
    assert 'value="untrack"' not in cleaned.text
    assert not Broadcast.objects.exists()


def test_a_link_in_the_full_text_is_held_to_the_same(editor):
    typed = form("neues", full_text=f"Mehr: {LINK}")

    refused = editor.post(writing("neues"), typed | {"action": "submit"})
    cleaned = editor.post(writing("neues"), typed | {"action": "untrack"})

    assert "tells its owner how readers came" in refused.text
    assert cleaned.context["form"].full_text == "Mehr: https://thueringer-allgemeine.de/linie3"


def test_what_everybody_must_know_says_where_it_also_stands(editor):
    Category.objects.filter(pk="presseschau").update(stands_elsewhere=True)

    refused = editor.post(writing(), form(action="submit"))
    editor.post(writing(), form(action="submit", also_at="Intranet, Aushang"))

    assert "Please say where this also stands." in refused.text
    broadcast = Broadcast.objects.get()
    assert broadcast.state == BroadcastState.IN_REVIEW
    page = editor.get(reverse("admin:campaigns_broadcast_change", args=[broadcast.pk]))
    assert "Intranet, Aushang" in page.text


ISSUE = {"when": "at_once", "value-datum": "23. November", "key": 1, "text-1": "TA: Linie 3"}


def test_a_press_review_of_such_a_category_asks_for_it_too(editor):
    Category.objects.filter(pk="presseschau").update(stands_elsewhere=True)

    refused = editor.post(press_review(), ISSUE | {"action": "save"})
    editor.post(press_review(), ISSUE | {"action": "save", "also_at": "Intranet"})

    assert refused.context["form"].errors["also_at"] == ["Please say where this also stands."]
    assert 'name="also_at"' in refused.text
    assert Message.objects.get().also_at == "Intranet"


@pytest.mark.parametrize("is_press", [True, False])
def test_whoever_is_not_asked_where_it_also_stands_does_not_change_that(editor, is_press):
    broadcast = BroadcastFactory(message__also_at="Intranet")
    address = press_edit(broadcast) if is_press else edit(broadcast)

    editor.post(address, form(**ISSUE | {"revision": 1, "action": "save"}))

    message = Message.objects.get()
    assert (message.revision, message.also_at) == (2, "Intranet")


def test_an_older_version_brought_back_leaves_where_it_also_stands(editor):
    broadcast = BroadcastFactory()
    editor.post(edit(broadcast), form(revision=1))
    Message.objects.update(also_at="Intranet")

    editor.post(reverse("admin:campaigns_broadcast_restore", args=[broadcast.pk, 2]))

    message = Message.objects.get()
    assert (message.revision, message.also_at) == (3, "Intranet")


def press_edit(broadcast):
    return reverse("admin:campaigns_press_edit", args=[broadcast.pk])
