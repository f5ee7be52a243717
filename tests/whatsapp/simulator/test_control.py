"""The control API: what it tells, and how it says no."""

import json

import pytest

from tests.whatsapp.simulator.business import KIM, LEA, Graph, settle, simulating
from whatsapp.simulator import Control, ControlError, Simulator
from whatsapp.simulator.knobs import WrongValueError


def test_the_ledger_tells_exactly_who_was_sent_what(graph, news, simulator):
    graph.send_template(KIM, "Tor 3 ist zu", biz_opaque_callback_data="dlv-1")
    settle(simulator)

    [entry] = simulator.control.ledger()
    assert (entry["person"], entry["phone"], entry["token"]) == ("Kim", KIM, "dlv-1")
    template = entry["template"], entry["language"], entry["category"]
    assert template == ("news", "de", "utility")
    assert entry["text"].startswith("Guten Morgen, heute gilt: Tor 3 ist zu.")
    statuses = [status["status"] for status in entry["statuses"]]
    assert statuses == ["sent", "delivered", "read"]
    times = [entry["accepted_at"], *(status["at"] for status in entry["statuses"])]
    assert times == sorted(times)


def test_what_people_write_is_not_in_the_ledger(control, simulator):
    control.say(KIM, "Hallo")

    assert control.ledger() == []


@pytest.mark.parametrize(
    ("filters", "tokens"),
    [
        ({"person": KIM}, ["a", "c"]),
        ({"token": "b"}, ["b"]),
        ({"template": "news"}, ["a", "b"]),
        ({"type": "text"}, ["c"]),
        ({"after": 1}, ["b", "c"]),
        ({"person": LEA, "type": "text"}, []),
    ],
)
def test_the_ledger_can_be_filtered(graph, news, control, filters, tokens):
    graph.send_template(KIM, biz_opaque_callback_data="a")
    graph.send_template(LEA, biz_opaque_callback_data="b")
    graph.send(KIM, biz_opaque_callback_data="c")

    assert [entry["token"] for entry in control.ledger(**filters)] == tokens


def test_the_counts_show_who_was_sent_something_twice(graph, news, control):
    for to, token in ((KIM, "a"), (KIM, "a"), (LEA, "b")):
        graph.send_template(to, biz_opaque_callback_data=token)

    counts = control.ledger_counts()

    assert counts["messages"] == 3
    assert counts["by_token"] == {"a": 2, "b": 1}
    assert counts["by_phone"] == {KIM: 2, LEA: 1}
    assert counts["repeated_tokens"] == {"a": 2}


def test_a_refused_message_is_not_in_the_ledger(graph, news, control):
    graph.send_template(KIM, "zwei\nZeilen")

    assert control.ledger_counts()["messages"] == 0
    assert control.stats()["counts"]["refused 132018"] == 1


def test_settings_can_be_read_and_turned(control):
    control.change_settings(read_share=0.25, sent_delay=[1, 2], webhook_url=None)

    settings = control.settings()
    assert (settings["read_share"], settings["sent_delay"]) == (0.25, [1, 2])
    assert settings["webhook_url"] is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"read_share": 1.5}, "read_share: expected a number from 0 to 1"),
        ({"read_share": "all"}, "read_share: expected a number"),
        ({"sent_delay": [3, 1]}, "sent_delay: the smaller number comes first"),
        ({"sent_delay": -1}, "sent_delay: a duration is not negative"),
        ({"webhooks_paused": "yes"}, "webhooks_paused: expected true or false"),
        ({"webhook_url": "ftp://x"}, "webhook_url: expected a http or https address"),
        ({"review": "never"}, "review: expected one of approve, reject, by_hand"),
        ({"seed": 1.5}, "seed: expected a whole number"),
        ({"colour": "green"}, "colour: there is no such field"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(control, changes, problem):
    before = control.settings()

    with pytest.raises(ControlError, match=problem):
        control.change_settings(**changes)

    assert control.settings() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "people/+4915199999999/say", {"text": "Hallo"}, "there is no person"),
        ("POST", f"people/{KIM}/say", {}, "text: is missing"),
        ("POST", f"people/{KIM}/say", {"text": "  "}, "text: expected a text"),
        ("POST", f"people/{KIM}/script", {"steps": "START"}, "steps: expected steps"),
        ("PATCH", f"people/{KIM}", {"phone": LEA}, "phone: \\+4915100000002 belongs"),
        ("PATCH", f"people/{KIM}", {"marketing": "yes"}, "marketing: expected one of"),
        ("POST", f"people/{KIM}/media", None, "Param file must not be of type"),
        ("POST", "people", {"people": {}}, "people: expected a list"),
        ("PATCH", "templates/unknown", {"status": "PAUSED"}, "there is no template unknown"),
        ("DELETE", "faults/99", None, "there is no fault 99"),
        ("GET", "ledger?after=x", None, "after: expected a whole number"),
        ("GET", "ledger?person=nobody", None, "there is no person nobody"),
        ("POST", "wait-until-idle", {"timeout_seconds": -1}, "timeout_seconds: expected a number"),
        ("POST", "wait-until-idle", {"ignored": "scripts"}, "ignored: expected a list of texts"),
        ("POST", "webhook/replay", {"posts": ["1"]}, "posts: expected a list of whole numbers"),
        ("POST", "webhook/subscribe", {"url": "x"}, "url: expected a http or https address"),
        ("POST", "notices", {"field": "x", "value": 1}, "value: expected a JSON object"),
        ("POST", "weather", {}, "there is no POST /control/weather"),
    ],
)
def test_a_mistake_is_explained(control, method, path, body, problem):
    with pytest.raises(ControlError, match=problem):
        control.ask(method, path, body)


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"{", "application/json", "expected JSON: "),
        (b"[]", "application/json", "expected a JSON object"),
        (b"{}", "text/plain", "expected the content type application/json"),
    ],
)
def test_a_body_must_be_a_json_object(graph, body, content_type, problem):
    answer = graph.ask("PATCH", "/control/settings", body, Content_Type=content_type)

    assert answer.status == 400
    assert answer.json["error"]["problem"].startswith(problem)


def test_a_reset_forgets_everything_and_begins_again(graph, news, control, simulator):
    control.change_settings(read_share=0)
    control.add_fault("refuse")
    control.say(KIM, "Hallo")

    control.reset()

    assert (control.people(), control.templates(), control.faults()) == ([], [], [])
    assert control.settings()["read_share"] == 1
    control.add_person("Kim", KIM)
    assert control.person(KIM)["chat"] == []


def test_a_reset_cancels_what_was_still_to_come(graph, news, control, business):
    control.change_settings(sent_delay=60)
    control.add_person("Max", "+4915100000003", script=[{"wait": 60}, {"say": "zu spät"}])
    graph.send_template()

    control.reset()

    assert control.stats()["open"] == {}


def test_the_number_of_open_jobs_can_be_seen(graph, news, control):
    control.change_settings(sent_delay=60)

    graph.send_template()

    assert control.stats()["open"] == {"statuses": 1}
    assert not control.wait_until_idle(timeout_seconds=0.1)
    assert control.wait_until_idle(quiet_seconds=0.05, ignored=["statuses"])


def test_several_simulators_do_not_know_each_other():
    with simulating() as one, simulating() as other:
        one.control.add_person("Kim", KIM)

        assert other.control.people() == []
        assert Control(one.url).person(KIM)["name"] == "Kim"


def test_the_account_can_be_chosen():
    with Simulator(phone_number_id="7", access_token="secret") as simulator:
        graph = Graph(simulator.url, token="secret")

        answer = graph.ask("GET", "/v25.0/7")

    assert json.loads(answer.body)["id"] == "7"


def test_settings_without_sense_prevent_the_start():
    with pytest.raises(WrongValueError, match="read_share"):
        Simulator(settings={"read_share": 7})


def test_a_port_that_is_taken_prevents_the_start(simulator):
    port = int(simulator.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"), Simulator(port=port):
        pytest.fail("two simulators share a port")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
        ({"Host": "[::1]:1"}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/control/people", "/healthz"])
def test_other_sites_do_not_rule_the_simulator_through_a_browser(graph, path, headers, status):
    assert graph.ask("GET", path, **headers).status == status


def test_the_root_leads_to_the_phone(graph):
    answer = graph.ask("GET", "/")

    assert (answer.status, answer.headers["Location"]) == (302, "/phone/")
    assert graph.ask("GET", "/phone/").status == 200
