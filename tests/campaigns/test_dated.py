"""What of an older message is of its own day only, and what a new one begins with."""

import pytest
from django.utils import timezone

from campaigns import dated
from campaigns.models import Category
from tests.factories import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

HERE = timezone.localtime(NOW)


def template(slug):
    return Category.objects.get(pk=slug).template


@pytest.mark.parametrize(
    "text",
    [
        "23. November",
        "15. Dezember 2026",
        "Freitag, 4. Dezember, 15 bis 19 Uhr",
        "Donnerstag, 12 Uhr",
        "6.40",
        "24.12.",
        "Mo–Fr, 8:00–16:30 Uhr",
        "2026-12-24",
        "Tuesday, March 3rd, 2 pm",
        "morgen um 14 Uhr",
    ],
)
def test_a_date_or_an_hour_and_nothing_else_is_a_date(text):
    assert dated.is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Betriebsversammlung am 3. Dezember",
        "2 Karten für Samstagabend",
        "45 Sekunden",
        "Betriebshof am Urbicher Kreuz",
        "1.250 Kilometer",
        "2026",
        "am und um",
        "TA: Die Linie 3 fährt ab Montag",
    ],
)
def test_words_in_which_a_date_occurs_are_none(text):
    assert not dated.is_date(text)


@pytest.mark.parametrize(
    ("slug", "gone"),
    [
        ("presseschau", {"datum"}),
        ("unternehmen", set()),
        ("stellenanzeige", {"frist"}),
        ("bilder", set()),
        ("videobotschaft", set()),
        ("veranstaltung", {"wann"}),
        ("gewinnspiel", {"frist"}),
        ("neues", set()),
        ("eilmeldung", {"stand"}),
    ],
)
def test_of_each_category_what_is_of_one_day_does_not_last(slug, gone):
    names = set(template(slug).value_names)

    lasting = dated.lasting(template(slug), dict.fromkeys(names, "alt"))

    assert names - lasting.keys() == gone


def test_the_day_of_an_issue_and_the_hour_of_a_notice_are_filled_in_and_no_deadline():
    started = {
        slug: dated.first_values(template(slug), now=HERE, day=HERE)
        for slug in ("presseschau", "eilmeldung", "gewinnspiel")
    }

    assert started == {
        "presseschau": {"datum": f"{HERE.day}. November"},
        "eilmeldung": {"stand": f"{HERE:%H.%M}"},
        "gewinnspiel": {},
    }
