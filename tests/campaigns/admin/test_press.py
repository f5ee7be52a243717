"""The press-review desk without a script: every button sends the form, nothing gets lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import press, series
from campaigns.headlines import Line
from campaigns.models import Broadcast, Category, Feed, FeedItem, Message, MessageTemplate, Slot
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import edit, page, said
from tests.factories import BroadcastFactory, DeliveryFactory, SeriesFactory

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("audience")]

WRITE = "/admin/campaigns/broadcast/add/presseschau/press/"
LIVE = f"{WRITE}lines/"
EIGHT = [f"TA: Meldung Nummer {number} von heute" for number in range(1, 9)]


def form(*texts, action="save", **changes):
    """A form with these lines."""
    data = {"when": "at_once", "value-datum": "23. November", "action": action, **changes}
    data["key"] = list(range(1, len(texts) + 1))
    return data | {f"text-{key}": text for key, text in enumerate(texts, start=1)}


def change_of(broadcast):
    return reverse("admin:campaigns_press_edit", args=[broadcast.pk])


def texts(answer):
    return [row.line.text for row in answer.context["rows"]]


def notes(answer):
    return [row.problem or row.warning for row in answer.context["rows"]]


def test_eight_lines_become_a_draft_in_the_template_for_eight(editor):
    answer = editor.post(WRITE, form(*EIGHT), follow=True)

    broadcast = Broadcast.objects.get()
    assert answer.request["PATH_INFO"] == page(broadcast)
    assert broadcast.state == BroadcastState.DRAFT
    assert broadcast.message.template.name == "presseschau_8"
    assert list(broadcast.message.values.values()) == ["23. November", *EIGHT]


def test_what_is_pasted_comes_onto_the_list_and_the_rest_stays(editor):
    posted = form(EIGHT[0], action="add", pasted="MDR: Neu https://mdr.de/1\nTLZ: Auch (Abo)")

    answer = editor.post(WRITE, posted | {"value-datum": "24. November"})

    assert texts(answer) == [EIGHT[0], "MDR: Neu", "TLZ: Auch"]
    assert [row.line.has_paywall for row in answer.context["rows"]] == [False, False, True]
    assert 'value="24. November"' in answer.content.decode()
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize(
    ("action", "order"),
    [
        ("up 2", [1, 0, 2]),
        ("down 2", [0, 2, 1]),
        ("up 1", [0, 1, 2]),
        ("down 3", [0, 1, 2]),
        ("drop 2", [0, 2]),
        ("drop 9", [0, 1, 2]),
        ("up x", [0, 1, 2]),
    ],
)
def test_a_button_moves_or_removes_its_line(editor, action, order):
    answer = editor.post(WRITE, form(*EIGHT[:3], action=action))

    assert texts(answer) == [EIGHT[number] for number in order]


def test_a_headline_of_a_feed_is_taken_and_no_longer_offered(editor):
    feed = Feed.objects.create(name="MDR", url="https://www.mdr.de/rss", has_paywall=True)
    now = timezone.now()
    item = FeedItem.objects.create(
        feed=feed, title="Fernwärme", link="https://www.mdr.de/1", found_at=now, listed_at=now
    )
    offered = editor.get(WRITE).context["items"]

    answer = editor.post(WRITE, form(action=f"take {item.pk}"))

    assert [one["line"].text for one in offered] == ["MDR: Fernwärme"]
    assert texts(answer) == ["MDR: Fernwärme"]
    assert answer.context["items"] == []


def test_what_is_said_twice_or_was_said_yesterday_is_marked(editor):
    editor.post(WRITE, form(EIGHT[0]))

    answer = editor.post(WRITE, form(EIGHT[0], EIGHT[1], EIGHT[1], "MDR:", action="up 1"))

    assert notes(answer) == [
        "This was in one of the last issues.",
        "",
        "The same news stands further up already.",
        "The title is missing. Please write it behind the source.",
    ]


def test_an_issue_is_not_compared_with_itself(editor):
    editor.post(WRITE, form(EIGHT[0]))

    answer = editor.get(change_of(Broadcast.objects.get()))

    assert notes(answer) == [""]


@pytest.mark.parametrize(
    ("posted", "problem"),
    [
        (form(), "There is no line yet."),
        (form("MDR:"), "A line has no title yet."),
        (form(*12 * ["TA: x"]), "At most 10 lines, please: these are 12."),
        (form(*10 * ["TA: " + 150 * "x"]), "The whole message is too long"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_is_lost(editor, posted, problem):
    answer = editor.post(WRITE, posted)

    assert problem in " ".join(answer.context["form"].non_field_errors())
    assert len(texts(answer)) == len(posted["key"])
    assert not Broadcast.objects.exists()


def test_a_date_is_asked_for(editor):
    answer = editor.post(WRITE, form(EIGHT[0], **{"value-datum": ""}))

    assert answer.context["form"].errors["value-datum"] == ["Please fill this in."]


def test_an_unfinished_issue_is_saved_as_a_draft(editor):
    answer = editor.post(WRITE, form("MDR:", action="draft"), follow=True)

    assert said(answer) == ["Saved as a draft."]
    assert press.lines_of(Broadcast.objects.get().message) == [Line(text="MDR:")]


def test_an_issue_is_changed_with_more_lines_than_before(editor):
    editor.post(WRITE, form(*EIGHT[:2]))
    broadcast = Broadcast.objects.get()

    editor.post(change_of(broadcast), form(*EIGHT, revision=1))

    message = Broadcast.objects.get().message
    assert (message.template.name, message.revision) == ("presseschau_8", 2)
    assert [line.text for line in press.lines_of(message)] == EIGHT


def test_a_colleagues_change_is_shown_and_not_overwritten(editor):
    editor.post(WRITE, form(*EIGHT[:2]))
    broadcast = Broadcast.objects.get()
    editor.post(change_of(broadcast), form(*EIGHT[:3], revision=1))

    answer = editor.post(change_of(broadcast), form(*EIGHT[4:6], revision=1))

    assert [line.text for line in answer.context["newer_lines"]] == EIGHT[:3]
    assert texts(answer) == EIGHT[4:6]
    assert 'name="revision" value="2"' in answer.content.decode()
    assert Broadcast.objects.get().message.revision == 2


def test_an_issue_with_more_lines_than_the_other_form_has_is_changed_here(editor):
    editor.post(WRITE, form(*EIGHT))

    answer = editor.get(edit(Broadcast.objects.get()))

    assert answer.url == change_of(Broadcast.objects.get())


def test_what_has_left_is_no_longer_changed(editor):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)

    assert editor.get(change_of(broadcast)).url == page(broadcast)


def test_yesterdays_issue_is_copied_with_todays_date(editor):
    editor.post(WRITE, form(*EIGHT[:2], **{"value-datum": "1. Januar"}))
    offered = editor.get(WRITE).context["last_issue"]

    answer = editor.get(WRITE, {"copy": offered.pk})

    assert texts(answer) == EIGHT[:2]
    assert "1. Januar" not in answer.content.decode()


def test_a_place_in_the_plan_is_filled_and_dates_the_issue(editor):
    SeriesFactory()
    series.sweep(now=timezone.now())
    slot = Slot.objects.filter(due_at__gt=timezone.now() + timedelta(days=1)).earliest("due_at")
    start = editor.get(WRITE, {"slot": slot.pk}).context["form"].initial

    editor.post(WRITE, form(*EIGHT, slot=slot.pk))

    assert start["day"] == timezone.localtime(slot.due_at).date()
    assert start["value-datum"].startswith(str(start["day"].day))
    assert Broadcast.objects.get().slot == slot


def test_whoever_is_typing_gets_the_preview_and_the_notes_and_nothing_else(editor):
    answer = editor.post(LIVE, form(EIGHT[0], "MDR:", action=""))

    shown = answer.content.decode()
    assert 'id="note-2" hx-swap-oob="true">The title is missing.' in shown
    assert "2 lines" in shown
    assert 'id="press-lines"' not in shown


def test_the_list_is_answered_when_something_was_put_on_it(editor):
    shown = editor.post(LIVE, form(EIGHT[0], action="add", pasted="MDR: Neu")).content.decode()

    assert 'id="press-lines" hx-swap-oob="innerHTML"' in shown
    assert "MDR: Neu" in shown


def test_the_page_says_when_a_template_is_not_approved_yet(editor):
    MessageTemplate.objects.filter(name="presseschau_2").update(status="APPROVED")

    two = editor.post(LIVE, form(*EIGHT[:2], action="")).content.decode()
    five = editor.post(LIVE, form(*EIGHT[:5], action="")).content.decode()

    assert "has not approved the template" not in two
    assert "has not approved the template for so many lines yet (presseschau_5)" in five


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "</textarea><b>"],
)
def test_hostile_lines_are_only_shown(editor, text):
    feed = Feed.objects.create(name=f"TA{text}"[:40], url="https://www.mdr.de/rss")
    now = timezone.now()
    FeedItem.objects.create(
        feed=feed, title=text, link="https://www.mdr.de/1", found_at=now, listed_at=now
    )

    shown = editor.post(WRITE, form(text, action="add", pasted=text)).content.decode()

    assert "alert(1)</script>" not in shown
    assert "<img src=x" not in shown
    assert "</textarea><b>" not in shown
    assert "49" not in shown.partition('id="press-lines"')[2].partition("</ol>")[0]


def test_a_link_of_another_kind_is_dropped(editor):
    posted = form(EIGHT[0], action="up 1") | {"link-1": "javascript:alert(1)"}

    assert "javascript:" not in editor.post(WRITE, posted).content.decode()


def test_another_category_has_no_press_review(editor):
    assert editor.get(WRITE.replace("presseschau", "neues")).status_code == 404


def test_any_category_can_be_written_as_one(editor):
    Category.objects.filter(pk="presseschau").update(is_press_review=False)

    assert editor.get(WRITE).status_code == 404


@pytest.mark.parametrize("group", ["Freigabe", "IT", "Datenschutz"])
def test_only_editors_collect(sign_in, group):
    client = sign_in(group)

    assert client.get(WRITE).status_code == client.post(LIVE).status_code == 403


def test_all_lines_go_along_with_their_links_as_a_full_text(editor):
    posted = form(*EIGHT, has_text="on") | {"link-8": "https://a.de/8"}

    editor.post(WRITE, posted)

    broadcast = Broadcast.objects.get()
    message = broadcast.message
    assert message.template.name == "presseschau_lesen"
    assert message.full_text.endswith(f"{EIGHT[7]}\nhttps://a.de/8")
    assert texts(editor.get(change_of(broadcast))) == EIGHT


def test_a_full_text_that_was_rewritten_is_changed_where_it_was_rewritten(editor):
    editor.post(WRITE, form(*EIGHT, has_text="on"))
    Message.objects.update(full_text="Ganz anders")

    answer = editor.get(change_of(Broadcast.objects.get()))

    assert answer.url == edit(Broadcast.objects.get())


def test_a_full_text_needs_the_lines_that_announce_it(editor):
    answer = editor.post(WRITE, form(*EIGHT[:2], has_text="on"))

    assert answer.context["form"].errors["has_text"] == ["This needs at least 3 lines."]


def test_a_correction_of_an_issue_keeps_all_of_its_lines(editor):
    wrong = DeliveryFactory(state="delivered", broadcast__state=BroadcastState.SENDING).broadcast
    template = press.template_for(wrong.message.category, lines=8)
    lines = [Line(text=text) for text in EIGHT]
    values = press.values(template, lines, others={"datum": "23. November"})
    Message.objects.update(template=template, values=values)
    begun = editor.post(reverse("admin:campaigns_broadcast_correct", args=[wrong.pk]))

    answer = editor.get(begun.url)

    assert begun.url == f"{WRITE}?copy={wrong.pk}&corrects={wrong.pk}"
    assert texts(answer) == EIGHT
    assert answer.context["form"].initial["corrects"] == wrong.pk
