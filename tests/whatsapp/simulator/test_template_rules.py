"""What a template may look like, and what its values may be."""

import pytest

from tests.whatsapp.simulator.business import NEWS, bubbles, settle

BODY, FOOTER, BUTTONS = NEWS["components"]


def body(text, *examples):
    example = {"example": {"body_text": [list(examples)]}} if examples else {}
    return [{"type": "BODY", "text": text, **example}]


def quick_replies(*titles):
    buttons = [{"type": "QUICK_REPLY", "text": title} for title in titles]
    return [BODY, {"type": "BUTTONS", "buttons": buttons}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "Neues"}, 131009),
        ({"language": "german"}, 131009),
        ({"category": "NEWS"}, 131009),
        ({"parameter_format": "random"}, 131009),
        ({"components": [FOOTER]}, 100),
        ({"components": [BODY, BODY]}, 131009),
        ({"components": [BODY, {"type": "VIDEO"}]}, 131009),
        ({"components": [BODY, {"type": "HEADER", "format": "GIF"}]}, 100),
        ({"components": [BODY, {"type": "HEADER", "format": "IMAGE"}]}, 131008),
        ({"components": quick_replies("x" * 26)}, 131009),
        ({"components": quick_replies("Ja", "Ja")}, 131009),
        ({"components": quick_replies(*"abcdefghijk")}, 131009),
        ({"message_send_ttl_seconds": 5}, 131009),
        ({"colour": "green"}, 100),
    ],
)
def test_a_definition_that_breaks_a_rule_is_refused(graph, control, changes, code):
    assert graph.create_template(**changes).code == code
    assert control.templates() == []


@pytest.mark.parametrize(
    ("components", "subcode"),
    [
        (body("x" * 1025), 2388040),
        (body("{{1}} gilt ab heute im ganzen Werk", "x"), 2388299),
        (body("Ab heute gilt im ganzen Werk {{1}}", "x"), 2388299),
        (body("Heute {{1}} {{2}} und mehr für alle", "x", "y"), 2388072),
        (body("Heute {{1}} und {{2}} da", "x", "y"), 2388293),
        (body("Guten Morgen, heute gilt {{2}} im Werk.", "x"), 2388072),
        (body("Guten Morgen, heute gilt {{1}} im Werk."), 2388072),
        ([BODY, {"type": "FOOTER", "text": "x" * 61}], 2388040),
        ([BODY, {"type": "FOOTER", "text": "von {{1}} an"}], 2388073),
        ([BODY, {"type": "HEADER", "format": "TEXT", "text": "x" * 61}], 2388040),
        ([BODY, {"type": "HEADER", "format": "TEXT", "text": "{{1}} und {{2}}"}], 2388047),
    ],
)
def test_a_text_that_breaks_a_rule_is_explained_to_its_author(graph, components, subcode):
    error = graph.create_template(components=components).json["error"]

    assert (error["code"], error["error_subcode"]) == (100, subcode)
    assert error["error_user_msg"]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ({"name": "unknown"}, 132001),
        ({"language": {"code": "en"}}, 132001),
        ({"components": []}, 132000),
        ({"components": [{"type": "footer"}]}, 131009),
    ],
)
def test_a_template_must_be_there_and_get_all_its_values(graph, news, template, code):
    wanted = {"name": "news", "language": {"code": "de"}} | template

    assert graph.send(type="template", template=wanted).code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("zwei\nZeilen", 132018),
        ("ein\tTabulator", 132018),
        ("fünf     Leerzeichen", 132018),
        (" ", 131008),
        ("x" * 1024, 132005),
        (5, 100),
    ],
)
def test_a_value_must_fit_into_one_line(graph, news, value, code):
    assert graph.send_template("+4915100000001", value).code == code


def test_too_many_values_are_refused(graph, news):
    assert graph.send_template("+4915100000001", "eins", "zwei").code == 132000


def test_a_value_of_the_wrong_kind_is_refused(graph, news):
    picture = {"type": "image", "image": {"link": "https://example.org/a.png"}}
    template = {"name": "news", "language": {"code": "de"}}
    template["components"] = [{"type": "body", "parameters": [picture]}]

    assert graph.send(type="template", template=template).code == 132012


def test_the_phone_shows_the_template_with_its_values(graph, news, simulator):
    graph.send_template("+4915100000001", "Tor 3 ist zu")
    settle(simulator)

    [bubble] = bubbles(simulator)
    assert (
        bubble["text"] == "Guten Morgen, heute gilt: Tor 3 ist zu. Bitte beachten.\nAbmelden: STOP"
    )
    assert [button["title"] for button in bubble["content"]["buttons"]] == ["Gelesen"]


def test_named_values_go_where_their_names_stand(graph, simulator):
    text = "Guten Morgen {{name}}, heute gilt {{what}} im ganzen Werk."
    examples = [{"param_name": "name", "example": "x"}, {"param_name": "what", "example": "y"}]
    example = {"body_text_named_params": examples}
    components = [{"type": "BODY", "text": text, "example": example}]
    graph.create_template(parameter_format="named", components=components)
    settle(simulator)

    values = [
        {"type": "text", "parameter_name": "what", "text": "Rauchverbot"},
        {"type": "text", "parameter_name": "name", "text": "Kim"},
    ]
    template = {"name": "news", "language": {"code": "de"}}
    template["components"] = [{"type": "body", "parameters": values}]
    graph.send(type="template", template=template)
    settle(simulator)

    assert bubbles(simulator)[0]["text"].startswith("Guten Morgen Kim, heute gilt Rauchverbot")
