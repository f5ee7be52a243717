"""Versions: every save is kept, and a comparison loses no character."""

import random

import pytest

from campaigns import versions
from campaigns.models import MessageVersion
from tests.campaigns.desk import change, write
from tests.factories import UserFactory

ALPHABET = ["Linie", "3", " ", "\n", "fährt", "🚋", "*", "<b>", "&", ",", "wieder"]


def joined(parts, *without):
    return "".join(part.text for part in parts if part.kind not in without)


@pytest.mark.django_db(databases="__all__")
def test_every_save_is_a_version_and_no_version_changes():
    anna, ben = UserFactory(group="Redaktion"), UserFactory(group="Redaktion")
    broadcast = write(anna, schlagzeile_1="Linie 3 fährt")

    change(broadcast, ben, schlagzeile_1="Linie 4 fährt", full_text="Alles dazu")

    first, second = MessageVersion.objects.order_by("revision")
    assert (first.saved_by, second.saved_by) == (anna, ben)
    assert first.values["schlagzeile_1"] == "Linie 3 fährt"
    assert (second.full_text, second.template.name) == ("Alles dazu", "presseschau_lesen")


def test_a_comparison_goes_word_by_word():
    parts = versions.compare("Linie 3 fährt wieder", "Linie 4 fährt bald wieder")

    assert [(part.kind, part.text) for part in parts if part.kind != "same"] == [
        ("gone", "3"),
        ("new", "4"),
        ("new", "bald "),
    ]


@pytest.mark.parametrize("seed", range(30))
def test_no_comparison_loses_a_character(seed):
    dice = random.Random(seed)
    before, after = ("".join(dice.choices(ALPHABET, k=dice.randrange(40))) for _ in "ab")

    parts = versions.compare(before, after)

    assert joined(parts, "new") == before
    assert joined(parts, "gone") == after


def test_very_long_texts_are_compared_as_a_whole():
    before, after = "a " * versions.MOST_WORDS, "b " * versions.MOST_WORDS

    assert [part.kind for part in versions.compare(before, after)] == ["gone", "new"]
    assert [part.kind for part in versions.compare(before, before)] == ["same"]
