"""Templates before Meta has seen them: their JSON, their rules, and how they read when filled."""

import pytest

from tests.whatsapp.examples import refusal
from whatsapp.template_drafts import (
    MediaHeader,
    TemplateDraft,
    TextHeader,
    placeholders,
    render,
)

NAMED = "Guten Tag {{vorname}}, es gilt: {{inhalt}}. Danke."
NUMBERED = "Guten Tag {{1}}, es gilt: {{2}}. Danke."
EXAMPLES = {"vorname": "Kim", "inhalt": "Tor 3"}


def draft(**parts):
    plain = {"name": "news", "language": "de", "category": "UTILITY", "body": "Es gibt Neues."}
    return TemplateDraft(**plain | parts)


# --- JSON ------------------------------------------------------------------------------------


def test_a_plain_draft_has_only_a_body():
    assert draft().to_json() == {
        "name": "news",
        "language": "de",
        "category": "UTILITY",
        "parameter_format": "positional",
        "components": [{"type": "BODY", "text": "Es gibt Neues."}],
    }


def test_a_draft_with_names_gives_an_example_for_each():
    header = TextHeader(text="Info zu {{ort}}", example="Tor 3")
    made = draft(body=NAMED, examples=dict(reversed(EXAMPLES.items())), header=header).to_json()

    assert made["parameter_format"] == "named"
    head, body = made["components"]
    assert head["example"] == {
        "header_text_named_params": [{"param_name": "ort", "example": "Tor 3"}]
    }
    assert body["example"] == {
        "body_text_named_params": [
            {"param_name": "vorname", "example": "Kim"},
            {"param_name": "inhalt", "example": "Tor 3"},
        ]
    }


def test_the_parts_of_a_draft_come_in_the_order_of_the_screen():
    header = TextHeader(text="Guten Morgen")
    made = draft(header=header, footer="Abmelden: STOP", buttons=("Gelesen", "Mehr"))

    assert made.to_json()["components"] == [
        {"type": "HEADER", "format": "TEXT", "text": "Guten Morgen"},
        {"type": "BODY", "text": "Es gibt Neues."},
        {"type": "FOOTER", "text": "Abmelden: STOP"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Gelesen"},
                {"type": "QUICK_REPLY", "text": "Mehr"},
            ],
        },
    ]


def test_a_draft_with_numbers_gives_its_examples_in_one_row():
    header = TextHeader(text="Info zu {{1}}", example="Tor 3")
    made = draft(body=NUMBERED, examples=("Kim", "Tor 3"), header=header).to_json()

    assert made["parameter_format"] == "positional"
    head, body = made["components"]
    assert head["example"] == {"header_text": ["Tor 3"]}
    assert body["example"] == {"body_text": [["Kim", "Tor 3"]]}


@pytest.mark.parametrize(("name", "expected"), [("ort", "named"), ("1", "positional")])
def test_a_placeholder_in_the_header_alone_decides_about_the_format(name, expected):
    made = draft(header=TextHeader(text=f"Info zu {{{{{name}}}}}", example="Tor 3"))

    assert made.to_json()["parameter_format"] == expected


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_file_above_the_body_is_shown_by_a_sample(kind):
    made = draft(header=MediaHeader(kind=kind, handle="4:abc"))

    assert made.to_json()["components"][0] == {
        "type": "HEADER",
        "format": kind.upper(),
        "example": {"header_handle": ["4:abc"]},
    }


# --- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("", "empty"),
        ("{{name}} hat Neues.", "edge"),
        ("Neues von {{name}}", "edge"),
        ("  Neues von {{name}} ", "edge"),
        ("Neues von {{a}}{{b}} heute.", "adjacent"),
        ("Neues von {{a}} \n {{b}} heute.", "adjacent"),
        ("Neues von {{a}} und {{1}} heute.", "mixed"),
        ("Neues von {{a}} und {{a}} heute.", "duplicate"),
        ("Neues von {{1}} und {{3}} heute.", "not_consecutive"),
        ("Neues von {{2}} und {{1}} heute.", "not_consecutive"),
        ("Neues von {{0}} heute.", "malformed"),
        ("Neues von {{Name}} heute.", "malformed"),
        ("Neues von {{ name }} heute.", "malformed"),
        ("Neues von {{name heute.", "malformed"),
        ("Neues von name}} heute.", "malformed"),
        ("Neues von {{}} heute.", "malformed"),
        ("Neues von {{{name}}} heute.", "malformed"),
    ],
)
def test_a_body_that_meta_refuses(body, rule):
    examples = {"name": "Kim", "a": "A", "b": "B", "1": "1", "2": "2", "3": "3"}
    given = {name: examples[name] for name in placeholders(body) if name in examples}

    assert refusal(draft, body=body, examples=given)[:2] == ("body", rule)


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        ((), ("examples.vorname", "missing", None)),
        ({"vorname": "Kim"}, ("examples.inhalt", "missing", None)),
        (EXAMPLES | {"ort": "Tor"}, ("examples.ort", "unknown", None)),
        (EXAMPLES | {"inhalt": ""}, ("examples.inhalt", "empty", None)),
        (EXAMPLES | {"inhalt": "a\nb"}, ("examples.inhalt", "line_break", None)),
        (EXAMPLES | {"inhalt": "a     b"}, ("examples.inhalt", "spaces", 4)),
        (EXAMPLES | {"inhalt": "x" * 1000}, ("body", "too_long", 1024)),
    ],
)
def test_examples_that_meta_refuses(examples, expected):
    assert refusal(draft, body=NAMED, examples=examples) == expected


def test_too_few_and_too_many_numbered_examples_are_refused():
    assert refusal(draft, body=NUMBERED, examples=("Kim",))[:2] == ("examples.2", "missing")
    assert refusal(draft, body=NUMBERED, examples=("a", "b", "c"))[:2] == ("examples.3", "unknown")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (TextHeader(text=""), ("header.text", "empty", None)),
        (TextHeader(text="x" * 61), ("header.text", "too_long", 60)),
        (TextHeader(text="a\nb"), ("header.text", "line_break", None)),
        (TextHeader(text="a {{b"), ("header.text", "malformed", None)),
        (TextHeader(text="{{a}} {{b}}", example="x"), ("header.text", "too_many", 1)),
        (TextHeader(text="zu {{ort}}"), ("header.example", "missing", None)),
        (TextHeader(text="zu Tor 3", example="x"), ("header.example", "unknown", None)),
        (TextHeader(text="zu {{ort}}", example="x" * 61), ("header.example", "too_long", 60)),
        (TextHeader(text="zu {{ort}}", example="a\tb"), ("header.example", "tab", None)),
        (TextHeader(text="zu {{1}}", example="x"), ("header.text", "mixed", None)),
        (MediaHeader(kind="image", handle=""), ("header.handle", "empty", None)),
    ],
)
def test_a_header_that_meta_refuses(header, expected):
    assert refusal(draft, body=NAMED, examples=EXAMPLES, header=header) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"name": "Neues"}, ("name", "malformed", None)),
        ({"language": "DE"}, ("language", "malformed", None)),
        ({"body": "x" * 1025}, ("body", "too_long", 1024)),
        ({"footer": "x" * 61}, ("footer", "too_long", 60)),
        ({"footer": "Abmelden {{wort}}"}, ("footer", "not_allowed", None)),
        ({"footer": "a\nb"}, ("footer", "line_break", None)),
        ({"buttons": ("",)}, ("buttons[0]", "empty", None)),
        ({"buttons": ("x" * 26,)}, ("buttons[0]", "too_long", 25)),
        ({"buttons": ("Ja", "{{a}}")}, ("buttons[1]", "not_allowed", None)),
        ({"buttons": ("Ja", "Nein", "Ja")}, ("buttons[2]", "duplicate", None)),
        ({"buttons": tuple("ABCDEFGHIJK")}, ("buttons", "too_many", 10)),
    ],
)
def test_a_draft_that_meta_refuses(parts, expected):
    assert refusal(draft, **parts) == expected


def test_a_draft_may_use_all_its_room():
    made = draft(body="x" * 1024, footer="f" * 60, buttons=tuple(c * 25 for c in "ABCDEFGHIJ"))

    assert len(made.to_json()["components"]) == 3


# --- filling ---------------------------------------------------------------------------------


def test_placeholders_are_listed_as_a_reader_meets_them():
    assert placeholders("{{b}} und {{a}} und {{b}}, nie {{ c }} oder {{D}}") == ("b", "a", "b")


def test_a_text_is_filled_by_name_or_number():
    assert render(NAMED, values=EXAMPLES) == "Guten Tag Kim, es gilt: Tor 3. Danke."
    assert render(NUMBERED, values=("Kim", "Tor 3")) == "Guten Tag Kim, es gilt: Tor 3. Danke."


def test_braces_inside_a_value_are_not_looked_at_again():
    assert render("a {{x}} {{y}} b", values={"x": "{{y}}", "y": r"\1"}) == r"a {{y}} \1 b"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"vorname": "Kim"}, ("values.inhalt", "missing", None)),
        (EXAMPLES | {"ort": "x"}, ("values.ort", "unknown", None)),
        (EXAMPLES | {"inhalt": "x" * 1024}, ("body", "too_long", 1024)),
    ],
)
def test_a_filling_that_meta_refuses(values, expected):
    assert refusal(render, NAMED, values=values) == expected


def test_a_filled_text_may_have_a_limit_of_its_own():
    assert render("a{{x}}", values={"x": "b"}, limit=2) == "ab"
    assert refusal(render, "a{{x}}", values={"x": "bc"}, limit=2) == ("body", "too_long", 2)
