"""Writing: nothing typed is lost, and everything in the way is said in plain words."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from campaigns import allowance, connections
from campaigns.models import Broadcast, Category, Media, MessageTemplate
from campaigns.states import BroadcastState
from subscribers import figures
from subscribers.models import MonthlyFigure
from tests.campaigns.admin.addresses import edit, form, said, writing
from tests.campaigns.pictures import medium, picture
from tests.factories import BroadcastFactory, MessageFactory, SubscriberFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

HEADLINE = "TA: Die Linie 3 fährt wieder"
SUNDAY = {"when": "later", "day": "2031-11-23", "time": "12:00"}  # far ahead


def photo(content=None):
    return SimpleUploadedFile("weiche.jpg", content or picture(), content_type="image/jpeg")


def conflict(editor, **changes):
    """The editor's form, after a colleague has saved another version; and that version."""
    broadcast = BroadcastFactory()
    colleague = UserFactory(group="Redaktion")
    message = broadcast.message
    message.values = {**message.values, "schlagzeile_1": "MDR: Ganz anders"}
    message.revision, message.changed_by = 2, colleague
    message.save(update_fields=["values", "revision", "changed_by"])
    return broadcast, form(schlagzeile_1=HEADLINE, revision=changes.get("revision", 1))


FULL_TEXT = "*Linie 3* fährt wieder\n- ab Montag\n- alle 10 Minuten"


def test_a_full_text_is_kept_and_shown_under_its_button(editor):
    editor.post(writing(), form(full_text=FULL_TEXT, action="save"))

    broadcast = Broadcast.objects.get()
    shown = editor.get(reverse("admin:campaigns_broadcast_change", args=[broadcast.pk]))
    assert broadcast.message.full_text == FULL_TEXT
    assert "<strong>Linie 3</strong>" in shown.context["bubble"].full_text
    assert shown.context["bubble"].buttons == ("Jetzt lesen",)
    assert "full text" in shown.context["reading_price"]


def test_a_category_without_full_texts_offers_no_field(editor):
    assert "full_text" not in editor.get(writing("gewinnspiel")).context["form"].fields


def test_a_full_text_that_is_too_long_is_not_submitted(editor):
    answer = editor.post(writing(), form(full_text="a" * 4097, action="submit"))

    assert "4096" in answer.context["form"].errors["full_text"][0]
    assert not Broadcast.objects.exists()


def test_every_category_in_use_is_offered_with_whom_it_reaches(editor):
    Category.objects.filter(pk="neues").update(is_archived=True)

    cards = editor.get(reverse("admin:campaigns_broadcast_add")).context["cards"]

    assert "neues" not in [card.category.pk for card in cards]
    assert {card.people.words for card in cards} == {"about 410 people", "about 300 people"}
    assert [tier.pk for tier in cards[0].tiers] == ["mini", "maxi"]


def test_a_category_whose_template_is_not_approved_says_so(editor):
    MessageTemplate.objects.filter(name="presseschau").update(status="PENDING")

    cards = editor.get(reverse("admin:campaigns_broadcast_add")).context["cards"]

    assert [card.category.pk for card in cards if not card.is_ready] == ["presseschau"]


def test_an_archived_category_cannot_be_written_in(editor):
    Category.objects.filter(pk="presseschau").update(is_archived=True)

    assert editor.get(writing()).status_code == 404


def test_a_finished_message_is_saved_as_a_draft(editor):
    answer = editor.post(writing(), form(schlagzeile_1=HEADLINE), follow=True)

    message = Broadcast.objects.get(state=BroadcastState.DRAFT).message
    assert message.values["schlagzeile_1"] == HEADLINE
    assert message.created_by == editor.user
    assert said(answer) == ["Saved as a draft."]


def test_a_draft_may_be_unfinished(editor):
    editor.post(writing(), form(schlagzeile_1="", schlagzeile_2=""))

    assert Broadcast.objects.get().message.values["schlagzeile_1"] == ""


def test_submitting_asks_a_colleague_to_approve(editor):
    editor.post(writing(), form(action="submit"))

    assert Broadcast.objects.get().state == BroadcastState.IN_REVIEW


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Please fill this in"),
        ("eins\nzwei", "no line break"),
        ("a     b", "no more than four spaces"),
        ("x" * 1025, "Too long"),
    ],
)
def test_what_whatsapp_would_refuse_is_said_at_its_field(editor, text, sentence):
    answer = editor.post(writing(), form(action="submit", schlagzeile_1=text))

    assert sentence in answer.context["form"].errors["value-schlagzeile_1"][0]
    assert not Broadcast.objects.exists()


def test_texts_that_are_too_long_together_are_refused_together(editor):
    long = {f"schlagzeile_{n}": "x" * 400 for n in (1, 2, 3)}

    answer = editor.post(writing(), form(action="submit", **long))

    assert "whole message is too long" in answer.context["form"].non_field_errors()[0]


def test_an_error_in_one_field_keeps_what_stands_in_the_others(editor):
    answer = editor.post(writing(), form(action="submit", datum="", schlagzeile_1=HEADLINE))

    assert f">\n{HEADLINE}</textarea>" in answer.content.decode()


def test_what_stops_a_submission_leaves_the_texts_on_the_screen(editor):
    MessageTemplate.objects.filter(name="presseschau").update(status="PAUSED")

    answer = editor.post(writing(), form(action="submit", schlagzeile_1=HEADLINE))

    assert "has not approved the template" in answer.context["form"].non_field_errors()[0]
    assert HEADLINE in answer.content.decode()
    assert not Broadcast.objects.exists()


def test_a_chosen_time_is_local_time(editor):
    editor.post(writing(), form(**SUNDAY))

    due_at = timezone.localtime(Broadcast.objects.get().due_at)
    assert due_at.replace(tzinfo=None) == datetime(2031, 11, 23, 12)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": ""}, "day"),
        ({"time": ""}, "time"),
        ({"day": "2031-02-30"}, "day"),
        ({"day": "2031-03-30", "time": "02:30"}, "time"),  # the clocks go forward
        ({"when": ""}, "when"),
    ],
)
def test_a_time_that_does_not_exist_is_refused_with_the_texts_kept(editor, wrong, field):
    answer = editor.post(writing(), form(schlagzeile_1=HEADLINE, **{**SUNDAY, **wrong}))

    assert field in answer.context["form"].errors
    assert HEADLINE in answer.content.decode()


def test_a_time_that_has_passed_is_refused(editor):
    past = {"when": "later", "day": "2020-01-01", "time": "12:00"}

    answer = editor.post(writing(), form(action="submit", **past))

    assert answer.context["form"].non_field_errors() == [
        "This time has passed. Please choose a later one."
    ]


def test_a_time_in_quiet_hours_is_refused_with_the_next_possible_one(editor, settings):
    settings.QUIET_HOURS = "mon-fri 07:00-18:00"
    connections.forget()

    answer = editor.post(writing(), form(action="submit", **SUNDAY))

    assert "24.11.2031 07:00" in answer.context["form"].non_field_errors()[0]


def test_a_picture_is_taken_in_with_the_message(editor):
    editor.post(writing("bilder"), form("bilder", action="submit", upload=photo()))

    broadcast = Broadcast.objects.get()
    assert broadcast.state == BroadcastState.IN_REVIEW
    assert broadcast.message.media.filename == "weiche.jpg"


def test_a_message_without_its_picture_is_not_submitted(editor):
    answer = editor.post(writing("bilder"), form("bilder", action="submit"))

    assert answer.context["form"].errors["upload"] == ["Please add: image."]


def test_a_file_that_is_no_picture_is_refused_and_the_texts_stay(editor):
    typed = form("bilder", titel="Nachtschicht", upload=photo(b"no picture"))

    answer = editor.post(writing("bilder"), typed)

    assert "JPEG or PNG" in answer.context["form"].errors["upload"][0]
    assert "Nachtschicht" in answer.content.decode()
    assert not Broadcast.objects.exists()


def test_a_picture_stays_chosen_when_another_field_is_refused(editor):
    first = editor.post(
        writing("bilder"), form("bilder", action="submit", titel="", upload=photo())
    )
    kept = Media.objects.get()

    editor.post(writing("bilder"), form("bilder", action="submit", kept=kept.pk))

    assert f'name="kept" value="{kept.pk}"' in first.content.decode()
    assert Broadcast.objects.get().message.media == kept


def test_a_medium_of_another_kind_cannot_be_slipped_in(editor):
    document = medium("document")

    answer = editor.post(writing("bilder"), form("bilder", kept=document.pk))

    assert "kept" in answer.context["form"].errors


def test_a_message_can_be_changed_and_has_to_be_approved_again(editor):
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)

    editor.post(edit(broadcast), form(revision=1, schlagzeile_1=HEADLINE))

    broadcast.refresh_from_db()
    assert (broadcast.state, broadcast.approved_by) == (BroadcastState.DRAFT, None)
    assert broadcast.message.values["schlagzeile_1"] == HEADLINE


def test_a_change_shows_what_was_stored(editor):
    broadcast = BroadcastFactory(due_at=datetime(2031, 11, 24, 11, tzinfo=UTC))

    started = editor.get(edit(broadcast)).context["form"]

    assert started.values == broadcast.message.values
    assert (started["when"].value(), f"{started['time'].value()}") == ("later", "12:00:00")


def test_what_is_being_sent_cannot_be_changed(editor):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)

    answer = editor.get(edit(broadcast), follow=True)

    assert said(answer) == ["It can no longer be changed: it is “being sent”."]


def test_whatever_was_typed_into_what_is_now_being_sent_stays_on_the_screen(editor):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)

    answer = editor.post(edit(broadcast), form(revision=1, schlagzeile_1=HEADLINE))

    assert "not possible now" in answer.context["form"].non_field_errors()[0]
    assert HEADLINE in answer.content.decode()


def test_a_colleagues_newer_version_is_shown_beside_ones_own_words(editor):
    broadcast, mine = conflict(editor)

    answer = editor.post(edit(broadcast), mine)

    broadcast.message.refresh_from_db()
    assert broadcast.message.values["schlagzeile_1"] == "MDR: Ganz anders"
    assert ("MDR: Ganz anders", HEADLINE) in [
        (one.before, one.after) for one in answer.context["differences"]
    ]
    assert answer.context["form"].values["schlagzeile_1"] == HEADLINE


def test_after_having_seen_the_newer_version_one_may_replace_it(editor):
    broadcast, mine = conflict(editor)
    shown = editor.post(edit(broadcast), mine).context["form"]

    editor.post(edit(broadcast), {**mine, "revision": shown["revision"].value()})

    broadcast.message.refresh_from_db()
    assert broadcast.message.values["schlagzeile_1"] == HEADLINE


def test_an_older_message_can_be_the_beginning_of_a_new_one(editor):
    photo_kept = medium()
    older = BroadcastFactory(
        message=MessageFactory(slug="bilder", media=photo_kept), state=BroadcastState.DONE
    )

    started = editor.get(writing("bilder"), {"copy": older.pk}).context["form"]

    assert started.values == older.message.values
    assert started.chosen_media == photo_kept
    assert Broadcast.objects.count() == 1


def preview(client, slug="presseschau", **changes):
    address = reverse("admin:campaigns_broadcast_preview", args=[slug])
    return client.post(address, form(slug, **changes)).content.decode()


def test_the_preview_shows_the_words_as_on_a_phone(editor):
    shown = preview(editor, schlagzeile_1="*Neu:* <script>")

    assert "<strong>Neu:</strong> &lt;script&gt;" in shown


def test_the_preview_says_how_many_get_it_and_what_it_costs(editor):
    shown = preview(editor, schlagzeile_1=HEADLINE)

    assert "about 410 people" in shown
    assert "(as of Nov. 23, 2026)" in shown
    assert "(410 × " in shown


def test_before_the_first_count_no_number_is_made_up(editor):
    MonthlyFigure.objects.all().delete()
    SubscriberFactory.create_batch(28)

    choice, shown = editor.get(reverse("admin:campaigns_broadcast_add")).text, preview(editor)

    first = date_format(figures.next_freezing(now=timezone.now()))
    assert f"is counted for the first time on {first}" in choice
    assert " people</span>" not in choice
    assert f"no number yet, the first count is on {first}" in shown
    assert "€0.1131 for each person (marketing)" in shown


def test_a_full_text_has_its_price_where_nobody_knows_how_many_read_it(editor):
    MonthlyFigure.objects.all().delete()

    shown = preview(editor, slug="unternehmen", full_text="Alles dazu.")

    assert "the full text €0.0456 more for each who reads it" in shown


def test_while_it_is_written_it_is_said_that_it_leaves_in_waves(editor):
    allowance.note(250, now=timezone.now())

    shown = preview(editor, slug="unternehmen")

    assert "the rest tomorrow." in shown


def test_the_preview_says_at_the_field_what_would_be_refused(editor):
    shown = preview(editor, schlagzeile_1="eins\nzwei")

    assert 'id="hint-value-schlagzeile_1" role="status" hx-swap-oob="true"' in shown
    assert "no line break" in shown


def test_nobody_is_scolded_for_what_they_have_not_written_yet(editor):
    assert "hint-problem" not in preview(editor, schlagzeile_1="", datum="")


def test_the_preview_keeps_nothing(editor):
    preview(editor)

    assert not Broadcast.objects.exists()


def test_the_preview_knows_quiet_hours(editor, settings):
    settings.QUIET_HOURS = "mon-fri 07:00-18:00"
    connections.forget()

    assert "The next possible time: Mon, 24 Nov, 07:00" in preview(editor, **SUNDAY)


def test_an_urgent_notice_knows_no_quiet_hours(editor):
    assert "sent in quiet hours, too" in preview(editor, "eilmeldung")
