from dataclasses import replace
from importlib import resources
from string import Formatter

import pytest

from subscribers import claims, wording
from subscribers.understanding import Intent, understand, understand_button
from subscribers.wording import BUTTON_IDS, BUTTONS_UNDER, LANGUAGES, shipped, shipped_words, text
from whatsapp import limits, payloads

TEXTS = resources.files("subscribers").joinpath("texts")
ORGANISATION = {
    "name": "Stadtwerke Musterstadt Verkehrsgesellschaft mbH",
    "dpo": "datenschutz@stadtwerke-musterstadt.example",
    "authority": "TLfDI Thüringen",
    "url": "https://nachrichten.stadtwerke-musterstadt.example/datenschutz/",
}
VALUES = {**claims.LONGEST, **ORGANISATION, "scope": text("de", "scope_maxi")}


def names(language):
    files = TEXTS.joinpath(language).iterdir()
    return sorted(file.name.removesuffix(".txt") for file in files)


def placeholders(language, name):
    raw = TEXTS.joinpath(language, f"{name}.txt").read_text(encoding="utf-8")
    return {field for _, field, _, _ in Formatter().parse(raw) if field}


def test_every_text_exists_in_both_languages():
    assert names("de") == names("en")


@pytest.mark.parametrize("name", names("de"))
def test_both_languages_of_a_text_have_the_same_placeholders(name):
    assert placeholders("de", name) == placeholders("en", name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", names("de"))
def test_every_text_keeps_within_its_limit_with_the_longest_values_and_claims_nothing_false(
    language, name
):
    found = claims.problems(
        name, shipped(language, name), language=language, organisation=ORGANISATION
    )

    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", names("de"))
def test_every_text_can_be_filled(language, name):
    filled = claims.longest(shipped(language, name), language=language, organisation=ORGANISATION)

    assert "{" not in filled


def test_the_limits_are_those_of_the_wire():
    assert claims.TEXT_MAX == payloads.TEXT_MAX
    assert claims.BODY_WITH_BUTTONS_MAX == limits.BODY_MAX
    assert claims.BUTTON_MAX == payloads.BUTTON_TITLE_MAX


@pytest.mark.parametrize("name", BUTTONS_UNDER)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_with_buttons_is_one_that_the_wire_accepts(language, name):
    body = claims.longest(shipped(language, name), language=language, organisation=ORGANISATION)
    buttons = tuple(
        payloads.Button(id=button_id, title=text(language, label))
        for button_id, label in BUTTONS_UNDER[name]
    )

    assert payloads.Buttons(body=body, buttons=buttons).buttons == buttons


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_keeps_within_the_limits_of_a_message_with_buttons(language):
    words = shipped_words(language, organisation=ORGANISATION, version=1)

    assert claims.units(words.question) <= claims.BODY_WITH_BUTTONS_MAX
    assert max(map(claims.units, words.buttons)) <= claims.BUTTON_MAX
    assert len(set(words.buttons)) == len(BUTTON_IDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_names_who_is_responsible_and_where_to_read_on(language):
    words = shipped_words(language, organisation=ORGANISATION, version=7)

    for value in ORGANISATION.values():
        assert value in words.notice
    assert words.notice.endswith("7")


@pytest.mark.parametrize(
    "name", ["question", "confirmed", "changed", "help", "paused", "resumed", "unsure"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_out_is_told_wherever_somebody_may_want_it(language, name):
    assert "STOP" in text(language, name, **VALUES)


@pytest.mark.parametrize(
    ("language", "answers"), [("de", ["JA MINI", "JA MAXI", "NEIN"]), ("en", ["YES MINI", "NO"])]
)
def test_the_answers_that_the_question_offers_are_understood(language, answers):
    question = text(language, "question")

    for answer in answers:
        assert answer in question
        assert understand(answer) is not Intent.UNCLEAR


def test_the_buttons_are_understood_in_their_order():
    intents = [understand_button(button_id) for button_id in BUTTON_IDS]

    assert intents == [Intent.AGREE_MINI, Intent.AGREE_MAXI, Intent.REFUSE]


def test_a_missing_placeholder_raises_instead_of_being_sent():
    with pytest.raises(KeyError):
        text("de", "withdrawn", code="7KQF-M2XR")


@pytest.mark.parametrize(
    "change",
    [
        {"language": "en"},
        {"notice": "Hallo !"},
        {"question": "Ja?"},
        {"buttons": ("MAXI", "MINI", "NEIN")},
    ],
)
def test_any_change_of_the_words_changes_their_hash(change):
    words = wording.Words("de", "Hallo!", "Ja oder nein?", ("MINI", "MAXI", "NEIN"))

    assert replace(words, **change).sha256() != words.sha256()


def test_the_hash_of_the_words_stays_the_same_from_release_to_release():
    words = wording.Words("de", "Hallo!", "Ja oder nein?", ("MINI", "MAXI", "NEIN"))

    assert words.sha256() == "810524bff6d697aac8211b67a2e2432229bceeb8d14bfc576615df1111da33a6"
