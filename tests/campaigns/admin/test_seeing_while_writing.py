"""What an editor sees while writing: both phones, the room that is left, the last message."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import series
from campaigns.models import Media, Slot
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import LIST, edit, form, writing
from tests.campaigns.admin.test_writing import photo, preview
from tests.factories import BroadcastFactory, DeliveryFactory, MessageFactory, SeriesFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]


def test_both_tiers_see_the_same_words_on_two_phones(editor):
    shown = preview(editor, schlagzeile_1="Die Linie 3")

    assert "everybody: Mini and Maxi. All of them get the same words." in shown
    assert shown.count('class="phone-screen"') == 2
    assert shown.count(" inert>") == 1  # read out once


def test_what_only_maxi_gets_is_said_in_words_and_shown_once(editor):
    shown = editor.get(writing("gewinnspiel")).content.decode()

    assert "Whoever chose Mini does not get it." in shown
    assert '<span class="badge badge-tier-maxi">only Maxi</span>' in shown
    assert shown.count('class="phone-screen"') == 1


def test_that_the_whole_is_too_long_is_said_where_most_can_be_cut(editor):
    texts = {"schlagzeile_1": "a" * 300, "schlagzeile_2": "b" * 700, "schlagzeile_3": "c" * 300}

    answer = editor.post(
        reverse("admin:campaigns_broadcast_preview", args=["presseschau"]), form(**texts)
    )

    hints = {field.name: hint for field, hint in answer.context["fields"] if hint}
    assert hints.keys() == {"value-schlagzeile_2"}
    assert "too long for WhatsApp, by" in hints["value-schlagzeile_2"]


def test_the_words_of_the_template_count(editor):
    empty = editor.get(writing("unternehmen")).context["budget"]
    data = form("unternehmen", betreff="12345", text="")
    address = reverse("admin:campaigns_broadcast_preview", args=["unternehmen"])

    typed = editor.post(address, data).context["budget"]

    assert empty.used >= empty.overhead > 0
    assert (typed.used, typed.left) == (empty.overhead + 5, 1024 - empty.overhead - 5)


def test_an_empty_form_begins_with_the_last_message_by_one_act(editor):
    assert editor.get(writing()).context["last"] is None
    BroadcastFactory(state=BroadcastState.CANCELLED, message__created_at=timezone.now())
    last = BroadcastFactory(message__created_at=timezone.now() - timedelta(days=1))
    BroadcastFactory(message__created_at=timezone.now() - timedelta(days=100))

    page = editor.get(writing())

    assert page.context["last"] == last
    assert f'href="?copy={last.pk}"' in page.content.decode()
    assert editor.get(writing(), {"copy": last.pk}).context["last"] is None
    assert editor.get(edit(last)).context["last"] is None


def test_the_list_copies_a_message_by_one_act(editor, it):
    broadcast = BroadcastFactory()
    address = reverse("admin:campaigns_press_write", args=["presseschau"])
    offer = f'href="{address}?copy={broadcast.pk}"'

    assert offer in editor.get(reverse(LIST)).content.decode()
    assert offer not in it.get(reverse(LIST)).content.decode()


def test_a_copy_keeps_no_date_of_the_older_message(editor):
    slugs = ("presseschau", "veranstaltung")
    issue, event = [BroadcastFactory(message=MessageFactory(slug=slug)) for slug in slugs]

    copied = editor.get(writing("presseschau"), {"copy": issue.pk}).context["form"].values
    next_event = editor.get(writing("veranstaltung"), {"copy": event.pk}).context["form"].values

    old = issue.message.values
    today = timezone.localdate()
    assert copied["datum"].startswith(f"{today.day}. ")
    assert copied == old | {"datum": copied["datum"]}
    assert next_event == event.message.values | {"wann": ""}


def test_a_copy_for_a_place_in_the_plan_has_the_date_of_that_place(editor):
    SeriesFactory()
    series.sweep(now=timezone.now())
    slot = Slot.objects.filter(due_at__gt=timezone.now() + timedelta(days=1)).earliest("due_at")

    started = editor.get(writing(), {"slot": slot.pk}).context["form"].values

    assert started["datum"].startswith(f"{timezone.localtime(slot.due_at).day}. ")


def test_a_correction_keeps_the_date_of_what_it_corrects(editor):
    delivery = DeliveryFactory(state="delivered", broadcast__state=BroadcastState.SENDING)
    message = delivery.broadcast.message
    message.values |= {"datum": "1. Januar"}
    message.save(update_fields=["values"])
    pk = delivery.broadcast.pk

    started = editor.get(writing(), {"copy": pk, "corrects": pk}).context["form"].values

    assert started["datum"] == "1. Januar"


def test_a_chosen_picture_is_seen_at_once(editor):
    address = reverse("admin:campaigns_broadcast_upload", args=["bilder"])

    shown = editor.post(address, form("bilder", upload=photo())).content.decode()

    kept = Media.objects.get()
    assert reverse("admin:campaigns_media_content", args=[kept.pk]) in shown
    assert f'name="kept" value="{kept.pk}"' in shown


def test_a_chosen_file_that_does_not_fit_is_refused_at_once(editor):
    address = reverse("admin:campaigns_broadcast_upload", args=["bilder"])

    shown = editor.post(address, form("bilder", upload=photo(b"no picture"))).content.decode()

    assert "JPEG or PNG only" in shown
