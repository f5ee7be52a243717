"""The rules that several kinds of messages share."""

import pickle

import pytest

from tests.whatsapp.examples import refusal
from whatsapp import limits
from whatsapp.limits import InvalidPayload

LINE_BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("abc", 3), ("ä✓", 2), ("\uffff", 1), ("😀", 2), ("a😀b", 4)]
)
def test_a_length_counts_what_javascript_and_java_count(text, expected):
    assert limits.length(text) == expected


@pytest.mark.parametrize("text", ["x" * 10, "😀" * 5, "ä" * 10])
def test_a_text_may_be_as_long_as_its_limit(text):
    limits.check_text(text, field="body", limit=10)


@pytest.mark.parametrize("text", ["x" * 11, "😀" * 5 + "x", "ä" * 11])
def test_a_text_may_not_be_longer_than_its_limit(text):
    assert refusal(limits.check_text, text, field="body", limit=10) == ("body", "too_long", 10)


CHECKS = [limits.check_text, limits.check_line, limits.check_id, limits.check_value]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("text", ["", " ", "\n", "\t ", "\u00a0", "\u2003"])
def test_a_blank_text_is_empty(check, text):
    assert refusal(check, text, field="body", limit=10) == ("body", "empty", None)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("text", ["a\x00b", "a\ud83d", "\udcffb"])
def test_a_text_that_no_json_can_carry_is_refused(check, text):
    assert refusal(check, text, field="body", limit=10) == ("body", "unencodable", None)


def test_a_text_of_several_lines_keeps_them():
    limits.check_text("a\n\n\tb     c", field="body", limit=20)


@pytest.mark.parametrize("check", [limits.check_line, limits.check_id, limits.check_value])
@pytest.mark.parametrize("line_break", LINE_BREAKS)
def test_one_line_has_no_line_break_of_any_kind(check, line_break):
    found = refusal(check, f"a{line_break}b", field="title", limit=10)

    assert found == ("title", "line_break", None)


@pytest.mark.parametrize("check", [limits.check_line, limits.check_id, limits.check_value])
def test_one_line_has_no_tab(check):
    assert refusal(check, "a\tb", field="title", limit=10) == ("title", "tab", None)


@pytest.mark.parametrize("spaces", [" " * 5, " " * 9, "\u00a0" * 5, "  \u2003  "])
def test_a_value_of_a_template_has_no_five_spaces_in_a_row(spaces):
    found = refusal(limits.check_value, f"a{spaces}b", field="values.x", limit=20)

    assert found == ("values.x", "spaces", 4)


def test_four_spaces_in_a_row_are_a_good_value():
    limits.check_value("a    b    c", field="values.x")


def test_a_value_is_never_longer_than_the_body_it_stands_in():
    limits.check_value("x" * 1024, field="values.x")

    found = refusal(limits.check_value, "x" * 1025, field="values.x")
    assert found == ("values.x", "too_long", 1024)


@pytest.mark.parametrize("text", [" a", "a ", "\u00a0a"])
def test_an_id_has_no_blanks_around_it(text):
    assert refusal(limits.check_id, text, field="id", limit=10) == ("id", "malformed", None)


@pytest.mark.parametrize(
    ("items", "expected"), [([], ("rows", "empty", None)), ([1, 2, 3], ("rows", "too_many", 2))]
)
def test_a_list_is_neither_empty_nor_too_long(items, expected):
    assert refusal(limits.check_count, items, field="rows", limit=2) == expected


def test_the_second_of_two_equal_values_is_named():
    places = [("rows[0]", "a"), ("rows[1]", "b"), ("rows[2]", "a")]

    assert refusal(limits.check_unique, places) == ("rows[2]", "duplicate", None)


@pytest.mark.parametrize("language", ["de", "de_DE", "fil", "zh_HK"])
@pytest.mark.parametrize("name", ["news", "n", "0_1", "x" * 512])
def test_names_and_languages_of_templates_look_like_this(name, language):
    limits.check_template_identity(name=name, language=language)


@pytest.mark.parametrize(
    ("name", "rule"),
    [("", "empty"), ("x" * 513, "too_long"), ("News", "malformed"), ("a-b", "malformed")],
)
def test_an_impossible_name_of_a_template_is_refused(name, rule):
    assert refusal(limits.check_template_identity, name=name, language="de")[:2] == ("name", rule)


@pytest.mark.parametrize("language", ["", "DE", "de-DE", "deutsch", "de_de", "de\n"])
def test_an_impossible_language_is_refused(language):
    found = refusal(limits.check_template_identity, name="news", language=language)

    assert found == ("language", "malformed", None)


def test_a_refusal_says_in_a_sentence_what_is_wrong():
    error = InvalidPayload("buttons[2].title", "too_long", 20)

    assert str(error) == "buttons[2].title must not be longer than 20 characters."


@pytest.mark.parametrize("rule", limits.Rule.__args__)
def test_every_rule_has_its_sentence(rule):
    assert str(InvalidPayload("body", rule, 5)).startswith("body ")


def test_a_refusal_survives_the_way_to_another_process():
    error = pickle.loads(pickle.dumps(InvalidPayload("body", "too_long", 5)))

    assert (error.field, error.rule, error.limit) == ("body", "too_long", 5)
