"""Categories and media: who looks at them, and what IT may change."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Category, MessageTemplate
from tests.campaigns.admin.addresses import said
from tests.campaigns.pictures import medium

pytestmark = pytest.mark.django_db(databases="__all__")


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


@pytest.mark.parametrize(
    ("group", "status"),
    [("Redaktion", 200), ("Freigabe", 200), ("IT", 200), ("Personal", 403), ("Datenschutz", 403)],
)
def test_whoever_sees_a_message_sees_its_medium_and_nobody_else(sign_in, group, status):
    address = reverse("admin:campaigns_media_content", args=[medium().pk])

    assert sign_in(group).get(address).status_code == status


def test_the_list_of_media_leaves_the_bytes_in_the_database(editor, django_assert_max_num_queries):
    medium()

    with django_assert_max_num_queries(10) as asked:
        editor.get(reverse("admin:campaigns_media_changelist"))

    assert not [one for one in asked if '"campaigns_media"."content"' in one["sql"]]


HOURS = {"useful_for": "6", "late_for": "2"}


def test_a_category_becomes_a_press_review_with_templates_for_every_number_of_lines(it):
    Category.objects.filter(pk="presseschau").update(is_press_review=False)
    MessageTemplate.objects.exclude(variant_of=None).delete()
    asked = it.get(category_page("presseschau")).text

    answer = it.post(category_page("presseschau"), HOURS | {"is_press_review": "on"}, follow=True)

    category = Category.objects.get(pk="presseschau")
    assert "Instead of filling in fields, editors collect lines" in asked
    assert category.is_press_review
    assert category.template.variants.count() == 9
    assert any("can be submitted under “Templates”" in one for one in said(answer))


def test_a_category_without_a_place_for_lines_becomes_none(it):
    answer = it.post(category_page(), HOURS | {"is_press_review": "on"})

    errors = answer.context["adminform"].form.errors
    assert "no numbered values" in errors["is_press_review"][0]
    assert not Category.objects.get(pk="neues").is_press_review


def test_an_editor_only_sees_whether_it_is_one(editor):
    editor.post(category_page("presseschau"), HOURS)

    assert Category.objects.get(pk="presseschau").is_press_review
