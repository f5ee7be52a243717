"""What an editor owes to readers: links that give nobody away, and another place to look."""

import pytest
from django.urls import reverse

from campaigns.models import Broadcast, Category
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import form, writing

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
