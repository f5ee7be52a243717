"""Bad weather to order: who meets it, and what becomes of the message."""

import http.client

import pytest

from tests.whatsapp.simulator.business import KIM, LEA, NUMBER, VERSION, settle
from whatsapp.simulator import ControlError

CUT_OFF = (http.client.HTTPException, ConnectionError)


def accepted(control):
    return len(control.ledger())


@pytest.fixture
def order(control, news):
    """Order a fault, when everything is ready for messages."""
    return control.add_fault


@pytest.mark.parametrize("code", [130429, 131056, 131049, 132015, 190, 131000, 4])
def test_a_request_can_be_refused_with_any_code(graph, order, control, code):
    order("refuse", code=code)

    assert graph.send_template().code == code
    assert accepted(control) == 0


def test_a_refusal_can_have_a_status_and_a_subcode(graph, order):
    order("refuse", code=190, subcode=463, http=400)

    answer = graph.send_template()

    assert answer.status == 400
    assert answer.json["error"]["error_subcode"] == 463


@pytest.mark.parametrize("accept", [True, False])
def test_the_connection_can_break_before_or_after_acceptance(graph, order, control, accept):
    order("reset", accept=accept)

    with pytest.raises(CUT_OFF):
        graph.send_template()

    assert accepted(control) == accept


@pytest.mark.parametrize("accept", [True, False])
def test_silence_can_follow_acceptance_or_not(graph, order, control, accept):
    order("hang", seconds=0.01, accept=accept)

    with pytest.raises(CUT_OFF):
        graph.send_template()

    assert accepted(control) == accept


@pytest.mark.parametrize("accept", [True, False])
def test_a_server_error_does_not_tell_whether_the_message_was_taken(graph, order, control, accept):
    order("answer", http=503, code=131016, accept=accept)

    answer = graph.send_template()

    assert (answer.status, answer.code) == (503, 131016)
    assert accepted(control) == accept


def test_an_error_can_be_a_page_of_html(graph, order):
    order("answer", http=500, body="html")

    answer = graph.send_template()

    assert (answer.status, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_an_answer_can_be_half_a_json_object(graph, order, control):
    order("garble")

    answer = graph.send_template()

    assert answer.status == 200
    with pytest.raises(ValueError, match="line 1"):
        assert answer.json
    assert accepted(control) == 1


def test_an_answer_can_be_empty(graph, order, control):
    order("garble", body="empty")

    answer = graph.send_template()

    assert (answer.status, answer.body) == (200, b"")
    assert accepted(control) == 1


def test_an_answer_can_end_before_its_announced_length(graph, order, control):
    order("garble", body="truncated")

    with pytest.raises(http.client.IncompleteRead):
        graph.send_template()

    assert accepted(control) == 1


def test_a_message_can_fail_after_acceptance(graph, order, simulator, business):
    order("fail", code=131049)

    assert graph.send_template().status == 200
    settle(simulator)

    [status] = business.statuses()
    assert (status["status"], status["errors"][0]["code"]) == ("failed", 131049)


@pytest.mark.parametrize(
    ("code", "expected"), [(0, ["sent", "delivered", "read"]), (132015, ["failed"])]
)
def test_a_message_can_be_held_for_quality_assessment(
    graph, order, simulator, business, code, expected
):
    order("hold", seconds=0.01, code=code)

    answer = graph.send_template()
    settle(simulator)

    assert answer.json["messages"][0]["message_status"] == "held_for_quality_assessment"
    assert [item["status"] for item in business.statuses()] == expected


def test_a_template_can_be_paused_by_its_own_message(graph, order):
    order("pause_template", next=1)

    assert graph.send_template().status == 200
    assert graph.send_template().code == 132015


def test_a_slow_answer_comes_all_the_same(graph, order, control):
    order("delay", seconds=0.01)
    order("delay", seconds=0.01)

    assert graph.send_template().status == 200
    assert [fault["hits"] for fault in control.faults()] == [1, 1]


def test_a_fault_can_hit_chosen_people(graph, order):
    order("refuse", to=[KIM])

    assert [graph.send_template(to).status for to in (KIM, LEA)] == [500, 200]


def test_a_fault_can_hit_a_user_id(graph, order, control):
    user_id = control.person(LEA)["user_id"]
    order("refuse", to=[user_id])

    assert graph.send_template(None, recipient=user_id).status == 500


def test_a_fault_can_skip_some_requests_and_then_hit_some(graph, order):
    order("refuse", skip=1, next=2)

    assert [graph.send_template().status for _ in range(5)] == [200, 500, 500, 200, 200]


def test_a_fault_can_hit_a_share_of_the_requests(graph, order):
    order("refuse", share=0.5)

    statuses = {graph.send_template(f"+491510000{n:04}").status for n in range(30)}

    assert statuses == {200, 500}


def test_a_fault_can_begin_later_and_end(graph, order, control):
    order("refuse", from_seconds=1000, for_seconds=1000)

    statuses = []
    for offset in (0, 1500, 2500):
        control.change_settings(clock_offset_seconds=offset)
        statuses.append(graph.send_template().status)

    assert statuses == [200, 500, 200]


def test_the_first_fault_that_fits_wins(graph, order):
    order("refuse", code=130429)
    order("refuse", code=131056)

    assert graph.send_template().code == 130429


def test_a_fault_can_hit_other_calls_than_messages(graph, order):
    order("refuse", endpoint="account", code=2)

    assert graph.ask("GET", f"/{VERSION}/{NUMBER}").code == 2
    assert graph.send_template().status == 200


def test_a_fault_can_be_taken_back(graph, order, control):
    fault = order("refuse")
    order("refuse", to=[LEA])

    control.ask("DELETE", f"faults/{fault['id']}")

    assert [graph.send_template(to).status for to in (KIM, LEA)] == [200, 500]


def test_all_faults_can_be_taken_back(graph, order, control):
    order("refuse")

    control.clear_faults()

    assert graph.send_template().status == 200
    assert control.faults() == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"kind": "earthquake"}, "kind: expected one of delay, refuse"),
        ({"kind": "refuse", "share": 2}, "share: expected a number from 0 to 1"),
        ({"kind": "hang", "seconds": "long"}, "seconds: a duration is a number of seconds"),
        ({"kind": "refuse", "colour": "red"}, "colour: there is no such field"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(control, fault, problem):
    with pytest.raises(ControlError, match=problem):
        control.ask("POST", "faults", fault)
