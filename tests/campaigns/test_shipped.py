"""What every installation has after `migrate`, and that a second time adds nothing."""

import json
from importlib import resources

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import translation

from campaigns import shipped
from campaigns.models import Category, Channel, MessageTemplate
from campaigns.models.media import HeaderKind
from whatsapp.template_drafts import MediaHeader, TemplateDraft, placeholders

pytestmark = pytest.mark.django_db(databases="__all__")

# Slug -> the tier from which it is included (the contract's nine, in their order).
CATEGORIES = {
    "presseschau": "mini",
    "unternehmen": "mini",
    "stellenanzeige": "maxi",
    "bilder": "maxi",
    "videobotschaft": "maxi",
    "veranstaltung": "maxi",
    "gewinnspiel": "maxi",
    "neues": "maxi",
    "eilmeldung": "mini",
}
NAMES = [
    entry["slug"]
    for entry in json.loads(
        resources.files("campaigns").joinpath("categories.json").read_text("utf-8")
    )
]


def rights(group):
    rows = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_the_nine_categories_are_there_in_their_order():
    shown = Category.objects.order_by("position").values_list("slug", "tier")

    assert dict(shown) == CATEGORIES
    assert [slug for slug, _ in shown] == list(CATEGORIES)


def test_only_urgent_news_overtake_ignore_quiet_hours_and_may_come_twice():
    special = Category.objects.get(slug="eilmeldung")
    ordinary = Category.objects.exclude(slug="eilmeldung")

    assert (special.lane, special.doubt) == (Category.Lane.URGENT, Category.Doubt.AT_LEAST_ONCE)
    assert special.ignores_quiet_hours
    assert set(ordinary.values_list("lane", "doubt", "ignores_quiet_hours")) == {
        (Category.Lane.BULK, Category.Doubt.AT_MOST_ONCE, False)
    }


WITH_FULL_TEXT = ["presseschau", "unternehmen", "stellenanzeige", "neues"]
TEMPLATES = [*NAMES, *(f"{slug}_lesen" for slug in WITH_FULL_TEXT)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_meta_would_accept_every_shipped_template(name):
    template = MessageTemplate.objects.get(name=name)
    header = (
        MediaHeader(kind=HeaderKind(template.header).value, handle="4::x")
        if template.header
        else None
    )

    draft = TemplateDraft(
        name=template.name,
        language=template.language,
        category=template.purpose,
        body=template.body,
        examples={value["name"]: value["example"] for value in template.values},
        header=header,
        footer=template.footer,
        buttons=tuple(label for _id, label in template.buttons),
    )

    assert draft.to_json()["parameter_format"] == "named"


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_form_asks_for_the_values_in_the_order_of_the_text(name):
    template = MessageTemplate.objects.get(name=name)

    assert template.value_names == list(placeholders(template.body))
    assert all(value["label_de"] and value["label_en"] for value in template.values)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_message_says_how_to_leave(name):
    assert MessageTemplate.objects.get(name=name).footer == "Abmelden: STOP"


@pytest.mark.parametrize(
    ("language", "name"), [("de", "Eilmeldung"), ("de-at", "Eilmeldung"), ("en", "Urgent notice")]
)
def test_a_category_speaks_the_language_of_the_desk(language, name):
    category = Category.objects.get(slug="eilmeldung")

    with translation.override(language):
        assert str(category) == name
        assert category.about


def test_the_channel_is_there_and_may_send():
    assert Channel.objects.get().stop_reason == ""


@pytest.mark.parametrize("name", shipped.RIGHTS)
def test_a_group_has_exactly_its_rights(name):
    assert rights(Group.objects.get(name=name)) == shipped.RIGHTS[name]


def test_the_five_groups_are_all_there_are():
    assert set(Group.objects.values_list("name", flat=True)) == set(shipped.RIGHTS)


def test_nobody_who_writes_may_also_approve():
    both = {"campaigns.submit_broadcast", "campaigns.approve_broadcast"}

    assert [name for name, rights in shipped.RIGHTS.items() if both <= rights] == []


def test_a_second_migrate_leaves_everything_as_the_installation_wants_it():
    MessageTemplate.objects.filter(name="neues").update(footer="Ganz anders")
    Category.objects.filter(slug="bilder").update(is_archived=True, tier="mini")

    shipped.after_migrate(using="default")

    assert Category.objects.count() == len(CATEGORIES)
    assert Category.objects.get(slug="bilder").tier_id == "mini"
    assert MessageTemplate.objects.get(name="neues").footer == "Ganz anders"


def test_a_full_text_that_was_taken_from_a_category_does_not_come_back():
    Category.objects.filter(slug="neues").update(reading_template=None)

    shipped.after_migrate(using="default")

    assert set(
        Category.objects.filter(reading_template__isnull=False).values_list("slug", flat=True)
    ) == set(WITH_FULL_TEXT) - {"neues"}


def test_a_second_migrate_brings_back_what_is_missing():
    Category.objects.filter(slug="gewinnspiel").delete()
    Group.objects.filter(name="IT").delete()

    shipped.after_migrate(using="default")

    assert Category.objects.filter(slug="gewinnspiel").exists()
    assert rights(Group.objects.get(name="IT")) == shipped.RIGHTS["IT"]


def test_rights_that_were_added_by_hand_do_not_survive_a_release():
    group = Group.objects.get(name="Redaktion")
    group.permissions.add(Permission.objects.get(codename="approve_broadcast"))

    shipped.after_migrate(using="default")

    assert rights(group) == shipped.RIGHTS["Redaktion"]


def test_the_database_of_keys_gets_nothing_of_this():
    Category.objects.filter(slug="gewinnspiel").delete()

    shipped.after_migrate(using="keys")

    assert not Category.objects.filter(slug="gewinnspiel").exists()
