"""Meta's limits: who sends too much is told so, and nothing is sent."""

import pytest

from tests.whatsapp.simulator.business import KIM, LEA, NUMBER, VERSION, open_window


def codes(graph, count, to=KIM):
    return [graph.send_template(to).code for _ in range(count)]


@pytest.fixture
def limit(control, news):
    return control.change_settings


def test_a_number_sends_so_much_per_second(graph, limit):
    limit(throughput_per_second=0.5)

    assert codes(graph, 3) == [None, 130429, 130429]


def test_throughput_comes_back_with_time(graph, limit):
    limit(throughput_per_second=0.5)
    codes(graph, 2)

    limit(clock_offset_seconds=10)

    assert codes(graph, 2) == [None, 130429]


def test_one_person_gets_a_burst_and_then_has_to_wait(graph, limit):
    limit(pair_burst=2, pair_seconds=60)

    assert codes(graph, 3) == [None, None, 131056]
    assert codes(graph, 1, to=LEA) == [None]


def test_only_so_many_people_are_reached_in_a_day(graph, limit):
    limit(portfolio_limit=1)

    assert codes(graph, 2, to=KIM) == [None, None]
    assert codes(graph, 1, to=LEA) == [131048]


def test_the_limit_of_people_is_one_of_the_last_day(graph, limit):
    limit(portfolio_limit=1)
    codes(graph, 1, to=KIM)

    limit(clock_offset_seconds=24 * 3600 + 1)

    assert codes(graph, 1, to=LEA) == [None]


def test_people_who_wrote_first_do_not_count(graph, limit, simulator):
    limit(portfolio_limit=0)
    open_window(simulator, LEA)

    assert codes(graph, 1, to=LEA) == [None]


def test_the_code_for_too_many_people_can_be_chosen(graph, limit):
    limit(portfolio_limit=0, portfolio_limit_code=130429)

    assert codes(graph, 1) == [130429]


def test_calls_about_the_account_are_limited_but_not_messages(graph, limit):
    limit(management_calls_per_hour=1)

    calls = [graph.ask("GET", f"/{VERSION}/{NUMBER}").code for _ in range(2)]

    assert calls == [None, 80007]
    assert codes(graph, 1) == [None]


def test_a_test_number_sends_only_to_its_list(graph, limit):
    limit(allowed_recipients=[KIM])

    assert [graph.send_template(to).code for to in (KIM, LEA)] == [None, 131030]


def test_the_number_shows_its_limit(graph, limit):
    limit(portfolio_limit=2000)
    field = "whatsapp_business_manager_messaging_limit"

    assert graph.ask("GET", f"/{VERSION}/{NUMBER}?fields={field}").json[field] == "TIER_2K"
