import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import vocabulary
from subscribers.understanding import (
    Intent,
    is_foreign,
    normalised,
    understand,
    understand_button,
)
from tests.subscribers.phrases import PHRASES

BEGINS = {Intent.START, Intent.AGREE_MINI, Intent.AGREE_MAXI}
BEGINNINGS = {"start", "ja mini", "yes mini", "ja maxi", "yes maxi"}
LEAVES = {Intent.STOP, Intent.AMBIGUOUS_STOP}
STRONG = (vocabulary.STRONG_STOP + vocabulary.STRONG_STOP_ELSEWHERE).split()
WEAK = [
    word.strip()
    for word in f"{vocabulary.STOP_PHRASES},{vocabulary.STOP_PHRASES_ELSEWHERE}".split(",")
]
EVERYTHING_ELSE = [phrase for phrase, name in PHRASES if Intent[name] not in LEAVES]
GERMAN = "abcdefghijklmnopqrstuvwxyzäöüß"
INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff\u200e"
SEPARATORS = " \t\n\u00a0\u3000"
AROUND = ' \t\n.,;!*_~"()…–\u00a0\u200b'


def stop_word_in(text):
    """Whether a listed word, or one slip away from a long one, stands in a text."""
    message = normalised(text)
    whole = {normalised(phrase) for phrase in WEAK}
    known = {normalised(word) for word in [*STRONG, *vocabulary.DOUBTFUL_STOP.split()]}
    near = {word for word in known if len(word) >= 7}
    return (
        any(message == phrase or f" {phrase} " in f" {message} " for phrase in whole)
        or not set(vocabulary.STOP_SIGNS).isdisjoint(text)
        or any(
            word in known or any(distance(word, it) == 1 for it in near) or squeezed(word) == "stop"
            for word in message.split()
        )
    )


def squeezed(word):
    return "".join(c for place, c in enumerate(word) if place == 0 or word[place - 1] != c)


def distance(one, other):
    """Damerau and Levenshtein's, in the textbook's way."""
    rows = [
        [max(i, j) if not min(i, j) else 0 for j in range(len(other) + 1)]
        for i in range(len(one) + 1)
    ]
    for i, a in enumerate(one, 1):
        for j, b in enumerate(other, 1):
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


def test_the_corpus_is_large_and_knows_every_intent_but_the_one_that_only_a_button_has():
    assert len(PHRASES) == len(set(PHRASES)) >= 500
    assert {name for _, name in PHRASES} == {it.name for it in Intent} - {"CANCEL"}


@pytest.mark.parametrize(("phrase", "name"), PHRASES)
def test_everybody_is_understood_as_a_person_would(phrase, name):
    assert understand(phrase) is Intent[name]


@pytest.mark.parametrize("word", STRONG)
def test_each_strong_word_means_stop_alone_and_inside_a_short_message(word):
    assert understand(word.upper()) is Intent.STOP
    assert understand(f"Bitte {word}, danke!") is Intent.STOP


@pytest.mark.parametrize("word", WEAK)
def test_each_weak_word_means_stop_as_the_entire_message_only(word):
    assert understand(f"{word}!") is Intent.STOP
    inside = Intent.AMBIGUOUS_STOP if " " in word else Intent.UNCLEAR
    assert understand(f"ist {word} so") is inside


@pytest.mark.parametrize("word", vocabulary.DOUBTFUL_STOP.split())
def test_a_doubtful_word_means_stop_alone_and_is_asked_about_beside_any_other(word):
    assert understand(f"Bitte {word}!") is Intent.STOP
    assert understand(f"der Bus {word}") is Intent.AMBIGUOUS_STOP


@given(
    st.sampled_from([phrase for phrase in WEAK if " " in phrase]),
    st.lists(st.sampled_from(["start", "ja", "maxi", "mini", "ich", "verpassen", "nicht"])),
    st.integers(0, 5),
)
def test_a_phrase_inside_a_longer_message_begins_nothing_and_is_never_ignored(phrase, others, at):
    text = " ".join([*others[:at], phrase, *others[at:]])

    assert understand(text) in LEAVES


@pytest.mark.parametrize("word", STRONG)
def test_a_strong_word_in_a_long_sentence_is_asked_about(word):
    assert understand(f"ich glaube dass {word} hier steht") is Intent.AMBIGUOUS_STOP


@given(st.text(max_size=80))
def test_no_text_without_a_listed_word_ends_a_subscription(text):
    assert understand(text) not in LEAVES or stop_word_in(text)


@given(st.lists(st.text(GERMAN, min_size=1, max_size=12), max_size=6))
def test_no_german_looking_text_without_a_listed_word_ends_a_subscription(words):
    text = " ".join(words)

    assert understand(text) not in LEAVES or stop_word_in(text)


@given(st.sampled_from(EVERYTHING_ELSE), st.sampled_from(GERMAN), st.integers(0, 30))
def test_no_slip_of_the_thumb_in_another_phrase_ends_a_subscription_unseen(phrase, letter, place):
    text = phrase[:place] + letter + phrase[place:]

    assert understand(text) not in LEAVES or stop_word_in(text)


@given(st.text(max_size=60))
def test_no_text_but_the_exact_ones_begins_anything(text):
    assert understand(text) not in BEGINS or normalised(text) in BEGINNINGS


@given(st.sampled_from(sorted(BEGINNINGS)), st.integers(0, 8), st.sampled_from(GERMAN))
def test_no_letter_too_many_begins_anything(words, place, letter):
    assert understand(words[:place] + letter + words[place:]) not in BEGINS


@given(
    st.lists(
        st.sampled_from(["ja", "yes", "mini", "maxi", "ok", "gerne", "bitte", "start"]), max_size=5
    )
)
def test_no_combination_of_friendly_words_but_the_exact_ones_begins_anything(words):
    text = " ".join(words)

    assert (understand(text) in BEGINS) == (text in BEGINNINGS)


@given(st.sampled_from(PHRASES), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_casing_never_changes_the_intent(known, change):
    phrase, name = known

    assert understand(change(phrase)) is Intent[name]


@given(st.sampled_from(PHRASES), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_how_accents_and_widths_are_encoded_never_changes_the_intent(known, form):
    phrase, name = known
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in phrase)

    assert understand(unicodedata.normalize(form, phrase)) is Intent[name]
    assert understand(wide) is Intent[name]


@given(st.sampled_from(PHRASES), st.text(AROUND, max_size=4), st.text(AROUND, max_size=4))
def test_punctuation_around_never_changes_the_intent(known, before, after):
    phrase, name = known

    assert understand(before + phrase + after) is Intent[name]


@given(st.sampled_from(PHRASES), st.text(SEPARATORS, min_size=1, max_size=4))
def test_spacing_between_the_words_never_changes_the_intent(known, gap):
    phrase, name = known

    assert understand(phrase.replace(" ", gap)) is Intent[name]


@given(st.sampled_from(PHRASES), st.sampled_from(INVISIBLE), st.integers(0, 60))
def test_invisible_characters_never_change_the_intent(known, invisible, place):
    phrase, name = known

    assert understand(phrase[:place] + invisible + phrase[place:]) is Intent[name]


@given(
    st.sampled_from([word for word in STRONG if word in vocabulary.STRONG_STOP.split()]),
    st.lists(st.sampled_from(["mini", "ja", "start", "löschen", "hilfe", "pause"]), max_size=3),
    st.integers(0, 3),
)
def test_stop_wins_over_every_other_word(word, others, place):
    assert understand(" ".join([*others[:place], word, *others[place:]])) is Intent.STOP


@pytest.mark.parametrize(("button_id", "name"), vocabulary.BUTTONS.items())
def test_a_tap_counts_by_its_id(button_id, name):
    assert understand_button(button_id) is Intent[name]


@given(st.text(max_size=30).filter(lambda text: text not in vocabulary.BUTTONS))
def test_a_button_that_is_not_ours_means_nothing(button_id):
    assert understand_button(button_id) is Intent.UNCLEAR


@pytest.mark.parametrize(
    "text", ["стоп", "Доброе утро", "pomoc", "yardım", "بياناتي", "hủy đăng ký"]
)
def test_who_writes_another_language_is_recognised(text):
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text", ["STOP", "Guten Morgen, größer!", "Good morning", "👍", "", "café"]
)
def test_german_and_english_are_not_foreign(text):
    assert not is_foreign(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (" Ja,  MINI! ", "ja mini"),
        ("ＪＡ　ＭＩＮＩ", "ja mini"),
        ("*STOP*", "stop"),
        ("S T O P", "stop"),
        ("Menü", "menu"),
        ("Straße", "strasse"),
        ("👍", ""),
    ],
)
def test_case_width_accents_and_punctuation_are_folded(text, folded):
    assert normalised(text) == folded
