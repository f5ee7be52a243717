"""Templates, categories and media: who looks at them, and what IT may change."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Category, MessageTemplate
from tests.campaigns.admin.addresses import said
from tests.campaigns.pictures import medium

pytestmark = pytest.mark.django_db(databases="__all__")

TEMPLATES = "admin:campaigns_messagetemplate"


@pytest.mark.usefixtures("simulator")
def test_templates_are_submitted_and_compared_at_the_press_of_a_button(it):
    submitted = it.post(reverse(f"{TEMPLATES}_push"), follow=True)
    compared = it.post(reverse(f"{TEMPLATES}_sync"), follow=True)

    assert said(submitted) == ["30 templates submitted."]
    assert said(compared) == ["Compared with WhatsApp."]
    assert not MessageTemplate.objects.filter(status="LOCAL").exists()


def test_when_whatsapp_does_not_answer_the_page_says_so(it, simulator, settings):
    settings.WHATSAPP_ACCESS_TOKEN = "expired"

    answer = it.post(reverse(f"{TEMPLATES}_sync"), follow=True)

    assert said(answer)[0].startswith("WhatsApp did not do it:")


@pytest.mark.parametrize("verb", ["push", "sync"])
def test_only_it_submits_templates(editor, verb):
    assert editor.post(reverse(f"{TEMPLATES}_{verb}")).status_code == 403


def test_a_rejected_template_shows_its_reason(editor):
    MessageTemplate.objects.filter(name="neues").update(
        status="REJECTED", rejected_reason="INVALID_FORMAT"
    )

    assert "INVALID_FORMAT" in editor.get(reverse(f"{TEMPLATES}_changelist")).content.decode()


def test_a_template_is_shown_with_its_placeholders_named(editor):
    template = MessageTemplate.objects.get(name="neues")

    shown = editor.get(reverse(f"{TEMPLATES}_change", args=[template.pk])).content.decode()

    assert "‹Title›" in shown


def category_page(slug="neues"):
    return reverse("admin:campaigns_category_change", args=[slug])


def test_it_changes_how_a_category_is_treated_and_nothing_else(it):
    typed = {"useful_for": "6", "late_for": "2", "sending_hours": "mon-fri 06:00-18:00"}
    it.post(category_page(), {**typed, "is_archived": "on", "name_de": "Anders"})

    category = Category.objects.get(pk="neues")
    assert (category.useful_for, category.is_archived) == (timedelta(hours=6), True)
    assert (category.late_for, category.sending_hours) == (
        timedelta(hours=2),
        "mon-fri 06:00-18:00",
    )
    assert category.name_de == "Neues aus den Stadtwerken"


@pytest.mark.parametrize("hours", ["0", "", "1000", "x"])
def test_a_category_is_useful_for_an_hour_to_a_week(it, hours):
    answer = it.post(category_page(), {"useful_for": hours})

    assert "useful_for" in answer.context["adminform"].form.errors


def test_a_category_shows_for_how_many_hours_it_is_useful(editor):
    assert "24 h" in editor.get(category_page()).content.decode()


def test_editors_only_look_at_categories(editor):
    assert editor.post(category_page(), {"useful_for": "6"}).status_code == 403


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("image", 'inline; filename="weiche.jpg"'),
        ("document", 'attachment; filename="weiche.pdf"'),
    ],
)
def test_a_medium_is_served_to_the_desk(editor, kind, way):
    kept = medium(kind)

    answer = editor.get(reverse("admin:campaigns_media_content", args=[kept.pk]))

    assert answer.content == bytes(kept.content)
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (
        kept.mime_type,
        way,
    )
    assert "private" in answer.headers["Cache-Control"]


def test_a_medium_is_not_served_to_others(sign_in):
    address = reverse("admin:campaigns_media_content", args=[medium().pk])

    assert sign_in("Personal").get(address).status_code == 403


def test_the_list_of_media_leaves_the_bytes_in_the_database(editor, django_assert_max_num_queries):
    medium()

    with django_assert_max_num_queries(10) as asked:
        editor.get(reverse("admin:campaigns_media_changelist"))

    assert not [one for one in asked if '"campaigns_media"."content"' in one["sql"]]
