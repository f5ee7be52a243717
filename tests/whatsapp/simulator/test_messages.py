"""Which messages are accepted, to whom they go, and what the phone shows of them."""

import pytest

from tests.whatsapp.simulator.business import KIM, bubbles, open_window, settle

BUSINESS = "+493023125042"
BUTTONS = {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Ja"}}]}
ROWS = [{"id": "1", "title": "Mini", "description": "das Wichtigste"}, {"id": "2", "title": "Maxi"}]
MENU = {"button": "Wählen", "sections": [{"rows": ROWS}]}


def interactive(kind, action, **more):
    return {"type": kind, "body": {"text": "Mini oder Maxi?"}, "action": action, **more}


def reply_buttons(count, **changes):
    replies = [{"id": f"{n}", "title": f"Nr. {n}"} | changes for n in range(count)]
    return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


@pytest.mark.parametrize("to", ["+49 151 0000-0001", "+49 (151) 0000.0001"])
def test_blanks_and_brackets_in_a_number_do_not_matter(graph, to):
    assert graph.send(to).json["contacts"][0]["wa_id"] == "4915100000001"


def test_without_plus_the_country_code_of_the_business_is_put_in_front(graph):
    assert graph.send("4912345678").json["contacts"][0]["wa_id"] == "494912345678"


def test_somebody_can_be_addressed_by_user_id(graph, control):
    user_id = control.person(KIM)["user_id"]

    answer = graph.send(None, recipient=user_id)

    assert answer.json["contacts"] == [{"input": user_id, "user_id": user_id}]


def test_a_number_wins_over_a_user_id(graph, control):
    answer = graph.send(recipient="DE.1")

    assert answer.json["contacts"][0]["wa_id"] == "4915100000001"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"messaging_product": None}, 100),
        ({"messaging_product": "telegram"}, 100),
        ({"to": None}, 131008),
        ({"to": 4915100000001}, 100),
        ({"to": "Kim"}, 131009),
        ({"to": BUSINESS}, 131021),
        ({"to": None, "recipient": "DE.1"}, 131009),
        ({"recipient_type": "everybody"}, 131009),
        ({"type": "hologram"}, 131051),
        ({"type": 7}, 100),
        ({"colour": "green"}, 100),
        ({"text": None}, 131008),
        ({"text": "Hallo"}, 100),
        ({"text": {}}, 131008),
        ({"text": {"body": ""}}, 131009),
        ({"text": {"body": " \n"}}, 131009),
        ({"text": {"body": "x" * 4097}}, 131009),
        ({"text": {"body": "Hallo", "preview_url": "yes"}}, 100),
        ({"text": {"body": "Hallo", "bold": True}}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 131009),
        ({"context": {"message_id": "1"}}, 131009),
        ({"type": "image", "image": {}}, 100),
        ({"type": "image", "image": {"id": "1", "link": "https://example.org/a.png"}}, 100),
        ({"type": "image", "image": {"id": "1"}}, 100),
        ({"type": "image", "image": {"link": "ftp://example.org/a.png"}}, 131009),
        ({"type": "image", "image": {"link": "https://x.org/a", "caption": "x" * 1025}}, 131009),
        ({"type": "interactive", "interactive": interactive("flow", {})}, 131051),
    ],
)
def test_a_message_that_breaks_a_rule_is_refused(graph, control, message, code):
    answer = graph.send(**{"text": {"body": "Hallo"}, "type": "text"} | message)

    assert (answer.status, answer.code) == (400, code)
    assert control.ledger() == []


@pytest.mark.parametrize(
    "broken",
    [
        interactive("button", reply_buttons(4)),
        interactive("button", reply_buttons(1, title="x" * 21)),
        interactive("button", reply_buttons(1, id="x" * 257)),
        interactive("button", reply_buttons(2, title="Ja")),
        interactive("button", reply_buttons(2, id="yes")),
        interactive("button", BUTTONS, body={"text": "x" * 1025}),
        interactive("button", BUTTONS, footer={"text": "x" * 61}),
        interactive("button", BUTTONS, header={"type": "text", "text": "x" * 61}),
        interactive("list", MENU | {"button": "x" * 21}),
        interactive("list", MENU, header={"type": "image", "image": {"id": "1"}}),
        interactive("list", MENU | {"sections": [{"rows": ROWS}, {"rows": ROWS}]}),
        interactive("list", MENU | {"sections": [{"rows": [{"id": "1", "title": "x" * 25}]}]}),
        interactive(
            "list",
            MENU | {"sections": [{"rows": [{"id": f"{n}", "title": "Zeile"} for n in range(11)]}]},
        ),
    ],
)
def test_buttons_and_lists_have_limits(graph, broken):
    assert graph.send(type="interactive", interactive=broken).code == 131009


def test_a_text_of_the_greatest_length_arrives(graph, simulator):
    open_window(simulator)

    graph.send(text={"body": "ä" * 4096})
    settle(simulator)

    assert bubbles(simulator)[0]["text"] == "ä" * 4096


def test_buttons_arrive_with_header_and_footer(graph, simulator):
    open_window(simulator)
    header, footer = {"type": "text", "text": "Frage"}, {"text": "Abmelden: STOP"}

    graph.send(
        type="interactive", interactive=interactive("button", BUTTONS, header=header, footer=footer)
    )
    settle(simulator)

    [bubble] = bubbles(simulator)
    assert bubble["text"] == "Frage\nMini oder Maxi?\nAbmelden: STOP"
    assert bubble["content"]["buttons"] == [{"kind": "reply", "id": "yes", "title": "Ja"}]


def test_a_list_arrives_with_its_rows(graph, simulator):
    open_window(simulator)

    graph.send(type="interactive", interactive=interactive("list", MENU))
    settle(simulator)

    menu = bubbles(simulator)[0]["content"]["menu"]
    assert menu["button"] == "Wählen"
    assert [row["title"] for row in menu["sections"][0]["rows"]] == ["Mini", "Maxi"]


def test_a_reply_quotes_what_it_answers(graph, simulator):
    asked = simulator.control.say(KIM, "Wann?")

    graph.send(context={"message_id": asked})
    settle(simulator)

    assert bubbles(simulator)[0]["reply_to"] == asked


def test_a_reaction_is_no_bubble_but_appears_on_one(graph, simulator):
    said = simulator.control.say(KIM, "Danke!")

    graph.send(type="reaction", reaction={"message_id": said, "emoji": "👍"})
    settle(simulator)

    assert bubbles(simulator) == []
    assert simulator.control.person(KIM)["chat"][0]["reaction"] == "👍"


def test_the_business_can_show_that_it_has_read(graph, simulator):
    said = simulator.control.say(KIM, "Danke!")

    answer = graph.send(None, type=None, status="read", message_id=said)

    assert answer.json == {"success": True}
    assert simulator.control.person(KIM)["chat"][0]["ticks"] == "read"


def test_only_a_message_that_somebody_wrote_can_be_read(graph):
    assert graph.send(None, type=None, status="read", message_id="wamid.x").code == 131009
