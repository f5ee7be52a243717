"""What people do with their phones, alone and along a script, and what the business hears."""

import pytest

from tests.whatsapp.simulator.business import KIM, LEA, bubbles, open_window, settle
from whatsapp.simulator import ControlError

MAX = "+4915100000003"
QUESTION = {
    "type": "button",
    "body": {"text": "Mini oder Maxi?"},
    "action": {
        "buttons": [
            {"type": "reply", "reply": {"id": "consent:mini", "title": "MINI"}},
            {"type": "reply", "reply": {"id": "consent:maxi", "title": "MAXI"}},
        ]
    },
}
ROWS = [{"id": "1", "title": "Mini", "description": "das Wichtigste"}, {"id": "2", "title": "Maxi"}]
MENU = {
    "type": "list",
    "body": {"text": "Mini oder Maxi?"},
    "action": {"button": "Wählen", "sections": [{"rows": ROWS}]},
}


@pytest.fixture
def ask(graph, simulator):
    """Send somebody a question with buttons."""

    def send(to=KIM, interactive=QUESTION):
        answer = graph.send(to, type="interactive", interactive=interactive)
        settle(simulator)
        return answer.json["messages"][0]["id"]

    return send


def test_a_written_message_reaches_the_business(control, simulator, business):
    control.say(KIM, "START")
    settle(simulator)

    [message] = business.messages()
    assert (message["from"], message["type"]) == ("4915100000001", "text")
    assert message["text"] == {"body": "START"}
    contact = {"profile": {"name": "Kim"}, "wa_id": "4915100000001"}
    contact["user_id"] = message["from_user_id"]
    assert business.changes()[0]["contacts"] == [contact]


def test_a_tap_on_a_reply_button_names_the_button_and_the_question(
    ask, control, simulator, business
):
    open_window(simulator)
    question = ask()

    control.tap(KIM, "Maxi")
    settle(simulator)

    answer = business.messages()[-1]
    reply = {"id": "consent:maxi", "title": "MAXI"}
    assert answer["interactive"] == {"type": "button_reply", "button_reply": reply}
    assert answer["context"]["id"] == question


def test_a_tap_on_a_row_of_a_list_names_the_row(ask, control, simulator, business):
    open_window(simulator)
    ask(interactive=MENU)

    control.tap(KIM, "1")
    settle(simulator)

    assert business.messages()[-1]["interactive"] == {"type": "list_reply", "list_reply": ROWS[0]}


def test_a_tap_on_a_template_button_has_its_payload(graph, news, control, simulator, business):
    graph.send_template()
    settle(simulator)

    control.tap(KIM, "Gelesen")
    settle(simulator)

    answer = business.messages()[-1]
    assert (answer["type"], answer["button"]["text"]) == ("button", "Gelesen")
    assert answer["context"]["id"] == bubbles(simulator)[0]["id"]


def test_now_and_then_meta_forgets_what_was_tapped(ask, control, simulator, business):
    open_window(simulator)
    ask()

    control.tap(KIM, "MINI", with_context=False)
    settle(simulator)

    assert "context" not in business.messages()[-1]


def test_what_is_not_on_the_phone_cannot_be_tapped(control):
    with pytest.raises(ControlError, match="button: Kim sees no button MINI"):
        control.tap(KIM, "MINI")


def test_a_person_can_answer_a_certain_message(graph, simulator, business):
    open_window(simulator)
    graph.send()
    settle(simulator)
    [bubble] = bubbles(simulator)

    simulator.control.say(KIM, "Danke", reply_to=bubble["id"])
    settle(simulator)

    assert business.messages()[-1]["context"]["id"] == bubble["id"]


def test_a_script_writes_and_answers_on_its_own(ask, control, business, simulator):
    control.add_person("Max", MAX, script=[{"say": "START"}, {"wait": 0.01}, {"tap": "maxi"}])
    assert not control.wait_until_idle(timeout_seconds=0.1, quiet_seconds=0.05)

    ask(MAX)

    assert [message["type"] for message in business.messages()] == ["text", "interactive"]
    assert control.person(MAX)["script_done"] == 3


def test_a_script_reads_before_it_taps(ask, control, business):
    control.change_settings(read_share=0)
    control.add_person("Max", MAX, script=[{"say": "START"}, {"tap": "MINI"}])

    ask(MAX)

    assert [item["status"] for item in business.statuses()][-1] == "read"


def test_a_script_taps_each_message_once(ask, graph, control, business):
    control.add_person("Max", MAX, script=[{"say": "START"}, {"tap": "MINI"}, {"tap": "MINI"}])
    first = graph.send(MAX, type="interactive", interactive=QUESTION).json["messages"][0]["id"]
    assert not control.wait_until_idle(timeout_seconds=0.1, quiet_seconds=0.05)

    second = ask(MAX)

    assert [answer["context"]["id"] for answer in business.messages()[1:]] == [first, second]


def test_a_script_can_be_extended(control, simulator, business):
    control.extend_script(KIM, {"say": "START"})
    settle(simulator)
    control.extend_script(KIM, {"say": "STOP"}, {"say": "LÖSCHEN"})
    settle(simulator)

    texts = [message["text"]["body"] for message in business.messages()]
    assert texts == ["START", "STOP", "LÖSCHEN"]


def test_somebody_with_a_username_can_hide_the_number(control, simulator, business):
    control.add_person("Max", MAX, hides_phone=True)

    control.say(MAX, "Hallo")
    settle(simulator)

    [message], [contact] = business.messages(), business.changes()[0]["contacts"]
    assert "from" not in message
    assert "wa_id" not in contact
    assert contact["profile"]["username"] == "person.0003"
    assert message["from_user_id"] == contact["user_id"]


def test_a_message_to_the_number_uncovers_it_for_a_month(graph, news, control, simulator, business):
    control.change_person(KIM, hides_phone=True)
    graph.send_template(KIM)
    settle(simulator)
    assert business.statuses()[0]["recipient_id"] == "4915100000001"

    control.change_settings(clock_offset_seconds=31 * 24 * 3600)
    control.say(KIM, "Hallo")
    settle(simulator)

    assert "from" not in business.messages()[0]


def test_a_new_number_means_a_new_user_id(graph, news, control, simulator, business):
    before = control.person(KIM)["user_id"]

    after = control.change_person(KIM, phone=MAX)["user_id"]
    settle(simulator)

    [message] = business.messages()
    assert (message["type"], message["from"]) == ("system", "4915100000001")
    system = message["system"]
    assert (system["wa_id"], system["type"]) == ("4915100000003", "user_changed_number")
    assert (system["previous_user_id"], system["user_id"]) == (before, after)


def test_nobody_answers_under_a_number_that_was_given_up(graph, news, control, simulator, business):
    control.change_person(KIM, phone=MAX)

    graph.send_template(KIM)
    settle(simulator)

    assert business.statuses()[-1]["errors"][0]["code"] == 131026


@pytest.mark.parametrize("value", ["stop", "resume"])
def test_a_person_can_change_their_mind_about_marketing(control, simulator, business, value):
    control.change_person(KIM, marketing=value)
    settle(simulator)

    [preference] = business.changes("user_preferences")[0]["user_preferences"]
    assert (preference["value"], preference["category"]) == (value, "marketing_messages")
    assert isinstance(preference["timestamp"], int)


def test_the_list_shows_everybody_and_their_chats(control, simulator):
    control.say(LEA, "Hallo")

    everybody = control.people(chat=True)

    assert [person["phone"] for person in everybody] == [KIM, LEA]
    assert [len(person["chat"]) for person in everybody] == [0, 1]
    assert "chat" not in control.people()[0]


@pytest.mark.parametrize(
    ("person", "problem"),
    [
        ({"phone": MAX}, r"people\[1\].name: is missing"),
        ({"name": "Max"}, r"people\[1\].phone: is missing"),
        ({"name": "Max", "phone": "0151"}, r"people\[1\].phone: expected an international number"),
        ({"name": "Max", "phone": KIM}, r"people\[1\].phone: \+4915100000001 belongs to somebody"),
        ({"name": "Max", "phone": "+4915100000009"}, r"people\[1\].phone: is in the list twice"),
        ({"name": "Max", "phone": MAX, "age": 7}, r"people\[1\].age: there is no such field"),
        ({"name": "Max", "phone": MAX, "reachable": 1}, r"people\[1\].reachable: expected true"),
        ({"name": "Max", "phone": MAX, "script": [{"sing": "la"}]}, r"people\[1\].script: expect"),
        ("Max", r"people\[1\]: expected a JSON object"),
    ],
)
def test_a_list_with_a_mistake_creates_nobody(control, person, problem):
    good = {"name": "Eva", "phone": "+4915100000009"}

    with pytest.raises(ControlError, match=problem):
        control.add_people([good, person])

    assert len(control.people()) == 2
