import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.understanding import (
    BUTTONS,
    EXACT,
    STRONG_STOP,
    WEAK_STOP,
    Intent,
    normalised,
    understand,
    understand_button,
)

CONSENT = {Intent.AGREE_MINI, Intent.AGREE_MAXI}
CONSENT_WORDS = {"ja mini", "yes mini", "ja maxi", "yes maxi"}


@pytest.mark.parametrize(("word", "intent"), EXACT.items())
def test_each_word_is_understood_in_any_case_and_with_any_punctuation(word, intent):
    assert understand(word) is intent
    assert understand(f"  {word.upper()}!! 😊") is intent


@pytest.mark.parametrize("word", sorted(STRONG_STOP))
def test_each_strong_word_means_stop_alone_and_inside_a_short_message(word):
    assert understand(word) is Intent.STOP
    assert understand(f"Bitte {word.upper()}, danke!") is Intent.STOP


@pytest.mark.parametrize("word", sorted(WEAK_STOP))
def test_each_weak_word_means_stop_as_the_entire_message_only(word):
    assert understand(f"{word}!") is Intent.STOP
    assert understand(f"ist {word} so") is Intent.UNCLEAR


@pytest.mark.parametrize("text", ["🛑", "⛔️", "❌❌", "🛑 bitte", "ja mini ❌", "MAXI ⛔"])
def test_a_stop_sign_means_stop_whatever_stands_beside_it(text):
    assert understand(text) is Intent.STOP


@pytest.mark.parametrize("text", ["stop mini", "JA MAXI STOP", "mini abmelden", "nein, stop"])
def test_stop_wins_over_every_other_word(text):
    assert understand(text) is Intent.STOP


@pytest.mark.parametrize(
    "text",
    [
        "abmeldn",
        "abmedlen",
        "abbmelden",
        "abmelfen",
        "Abmeldug",
        "unsubscibe",
        "abbestelen",
        "sotp",
    ],
)
def test_a_slip_of_the_thumb_in_a_strong_word_still_means_stop(text):
    assert understand(text) is Intent.STOP


@pytest.mark.parametrize(
    "text", ["anmelden", "Anmeldung", "amelden", "anmeldn", "einmelden", "top"]
)
def test_whoever_may_mean_to_join_is_not_taken_for_one_who_leaves(text):
    assert understand(text) is Intent.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ja",
        "mini ja",
        "ja mini bitte",
        "ja mini oder maxi",
        "jamini",
        "ja minni",
        "yes",
        "ok",
        "anmelden",
        "nicht ja mini",
        "Gestern am Stop hat mir die Linie 3 gut gefallen",
    ],
)
def test_what_is_not_exactly_one_of_our_words_is_unclear(text):
    assert understand(text) is Intent.UNCLEAR


@given(st.text(max_size=60))
def test_no_text_but_the_four_exact_ones_is_ever_taken_for_consent(text):
    assert understand(text) not in CONSENT or normalised(text) in CONSENT_WORDS


@given(
    st.sampled_from(sorted(CONSENT_WORDS)),
    st.integers(0, 8),
    st.sampled_from("abcdefghijklmnopqrstuvwxyzäöüß0123456789"),
)
def test_no_letter_too_many_is_ever_taken_for_consent(words, position, letter):
    with_slip = words[:position] + letter + words[position:]

    assert understand(with_slip) not in CONSENT


@given(st.lists(st.sampled_from(["ja", "yes", "mini", "maxi", "ok", "gerne", "bitte"]), max_size=5))
def test_no_combination_of_friendly_words_but_the_exact_ones_is_consent(words):
    text = " ".join(words)

    assert (understand(text) in CONSENT) == (text in CONSENT_WORDS)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (" Ja,  MINI! ", "ja mini"),
        ("ＪＡ　ＭＩＮＩ", "ja mini"),
        ("*STOP*", "stop"),
        ("Menü", "menü"),
        ("👍", ""),
    ],
)
def test_case_width_and_punctuation_are_folded(text, folded):
    assert normalised(text) == folded


@pytest.mark.parametrize(("button_id", "intent"), BUTTONS.items())
def test_a_tap_counts_by_its_id(button_id, intent):
    assert understand_button(button_id) is intent


@given(st.text(max_size=30).filter(lambda text: text not in BUTTONS))
def test_a_button_that_is_not_ours_means_nothing(button_id):
    assert understand_button(button_id) is Intent.UNCLEAR
