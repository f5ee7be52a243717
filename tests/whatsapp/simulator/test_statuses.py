"""What becomes of accepted messages, and how the business hears of it."""

import pytest

from tests.whatsapp.simulator.business import (
    KIM,
    LEA,
    Graph,
    bubbles,
    open_window,
    settle,
    simulating,
)

DAY = 24 * 3600
PRICE = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}


def kinds(business):
    return [item["status"] for item in business.statuses()]


def failure(business):
    [error] = business.statuses()[-1]["errors"]
    return error["code"]


@pytest.fixture
def marketing(graph, news, control):
    control.change_template("news", category="MARKETING")


def test_a_message_is_sent_delivered_and_read(graph, news, simulator, business):
    graph.send_template()
    settle(simulator)

    assert kinds(business) == ["sent", "delivered", "read"]


def test_each_status_repeats_the_token_of_the_business(graph, news, simulator, business):
    wamid = graph.send_template(biz_opaque_callback_data="dlv-1").json["messages"][0]["id"]
    settle(simulator)

    told = {(item["id"], item["biz_opaque_callback_data"]) for item in business.statuses()}
    assert told == {(wamid, "dlv-1")}


def test_a_status_names_the_person_by_number_and_user_id(graph, news, simulator, business):
    graph.send_template()
    settle(simulator)

    user_id = simulator.control.person(KIM)["user_id"]
    status = business.statuses()[0]
    assert (status["recipient_id"], status["recipient_user_id"]) == ("4915100000001", user_id)
    assert business.changes()[-1]["contacts"][0]["wa_id"] == "4915100000001"


def test_the_time_of_a_status_is_a_text(graph, news, simulator, business):
    graph.send_template()
    settle(simulator)

    assert all(item["timestamp"].isdecimal() for item in business.statuses())


def test_prices_stand_on_sent_and_on_the_first_sign_of_arrival(graph, news, simulator, business):
    graph.send_template()
    settle(simulator)

    assert [item.get("pricing") for item in business.statuses()] == [PRICE, PRICE, None]
    assert not any("conversation" in item for item in business.statuses())


def test_a_service_message_is_free_until_the_month_is_used_up(graph, simulator, business):
    simulator.control.change_settings(free_service_messages=1, read_share=0)
    open_window(simulator)
    for _ in range(2):
        graph.send()
        settle(simulator)

    types = [item["pricing"]["type"] for item in business.statuses() if item["status"] == "sent"]
    assert types == ["free_customer_service", "regular"]


def test_without_a_word_from_the_person_only_templates_get_through(graph, simulator, business):
    answer = graph.send()
    settle(simulator)

    assert answer.status == 200
    assert kinds(business) == ["failed"]
    assert failure(business) == 131047
    assert bubbles(simulator) == []


def test_the_window_closes_after_a_day(graph, simulator, business):
    open_window(simulator)
    simulator.control.change_settings(clock_offset_seconds=DAY + 1)

    graph.send()
    settle(simulator)

    assert failure(business) == 131047


def test_a_phone_that_is_off_is_not_reached(graph, news, simulator, business):
    simulator.control.change_person(KIM, reachable=False)

    graph.send_template()
    settle(simulator)

    assert failure(business) == 131026
    assert "contacts" not in business.changes()[-1]


def test_somebody_who_stopped_marketing_gets_none(graph, marketing, simulator, business):
    simulator.control.change_person(KIM, marketing="stop")

    graph.send_template()
    settle(simulator)

    assert failure(business) == 131050


def test_without_read_receipts_nobody_hears_of_reading(graph, news, simulator, business):
    simulator.control.change_person(KIM, read_receipts=False)

    graph.send_template()
    settle(simulator)

    assert kinds(business) == ["sent", "delivered"]
    assert bubbles(simulator)[0]["seen_at"] is not None


@pytest.mark.parametrize(
    ("knobs", "expected"),
    [
        ({"read_share": 0}, ["sent", "delivered"]),
        ({"expiry_share": 1}, ["sent"]),
        ({"read_without_delivered_share": 1}, ["sent", "read"]),
        ({"delivered_after_failed_share": 1}, ["sent", "failed", "delivered"]),
    ],
)
def test_a_message_can_take_strange_courses(graph, news, simulator, business, knobs, expected):
    simulator.control.change_settings(**knobs)

    graph.send_template()
    settle(simulator)

    assert kinds(business) == expected


def test_a_person_who_is_played_by_hand_reads_when_the_chat_is_opened(
    graph, news, simulator, business
):
    simulator.control.change_person(KIM, by_hand=True)
    graph.send_template()
    settle(simulator)
    assert kinds(business) == ["sent", "delivered"]

    simulator.control.read(KIM)
    settle(simulator)

    assert kinds(business) == ["sent", "delivered", "read"]


def test_a_status_can_overtake_the_answer(graph, news, simulator, business):
    simulator.control.change_settings(before_response_share=1)

    graph.send_template()

    assert kinds(business)[:1] == ["sent"]


def test_the_same_seed_gives_the_same_courses():
    def courses():
        with simulating(seed=7, read_share=0.5) as simulator:
            graph = Graph(simulator.url)
            graph.create_template()
            settle(simulator)
            for number in range(20):
                graph.send_template(f"+491510000{number:04}")
            settle(simulator)
            return [len(entry["statuses"]) for entry in simulator.control.ledger()]

    assert courses() == courses()
    assert set(courses()) == {2, 3}


def test_a_stranger_has_a_phone_too(graph, news, simulator):
    graph.send_template("+4917099999999")
    settle(simulator)

    assert len(bubbles(simulator, "+4917099999999")) == 1
    assert bubbles(simulator, LEA) == []


def test_strangers_can_be_out_of_reach(graph, news, simulator, business):
    simulator.control.change_settings(strangers="unreachable")

    graph.send_template("+4917099999999")
    settle(simulator)

    assert failure(business) == 131026
