"""What the simulator remembers after it was ended or killed."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.whatsapp.simulator.business import (
    AT_ONCE,
    KIM,
    LEA,
    Graph,
    bubbles,
    settle,
)
from whatsapp.simulator import Control, Simulator
from whatsapp.simulator.journal import JournalDamagedError, JournalInUseError

LIFE_LINE = b'{"table":"Person","id":"1","change":{"name":"Kim B."}}\n'


@pytest.fixture
def data(tmp_path):
    return tmp_path / "simulator.jsonl"


@contextmanager
def living(data, **settings):
    with Simulator(data=data, settings=AT_ONCE | settings) as simulator:
        yield simulator


@pytest.fixture
def earlier_life(data):
    """Kim and Lea have phones; Kim has said something and got the news."""
    with living(data) as simulator:
        simulator.control.add_people([{"name": "Kim", "phone": KIM}, {"name": "Lea", "phone": LEA}])
        Graph(simulator.url).create_template()
        settle(simulator)
        simulator.control.say(KIM, "Hallo")
        Graph(simulator.url).send_template(KIM)
        settle(simulator)
        return simulator.control.people(chat=True), simulator.control.ledger()


def test_people_messages_and_templates_come_back(data, earlier_life):
    with living(data) as simulator:
        again = simulator.control.people(chat=True), simulator.control.ledger()
        templates = simulator.control.templates()

    assert again == earlier_life
    assert [template["status"] for template in templates] == ["APPROVED"]


def test_life_goes_on_where_it_ended(data, earlier_life):
    with living(data) as simulator:
        Graph(simulator.url).send_template(KIM, "Tor 4 ist zu")
        settle(simulator)

        assert len(bubbles(simulator)) == 2


def test_files_come_back(data):
    with living(data) as simulator:
        media_id = Graph(simulator.url).upload(b"%PDF-1.7", mime_type="application/pdf").json["id"]
    with living(data) as simulator:
        graph = Graph(simulator.url)
        url = graph.ask("GET", f"/v25.0/{media_id}").json["url"]

        assert graph.ask("GET", url.partition(graph.address)[2]).body == b"%PDF-1.7"


def test_a_reset_is_remembered_too(data, earlier_life):
    with living(data) as simulator:
        simulator.control.reset()

    with living(data) as simulator:
        assert simulator.control.people() == []


def test_a_message_on_its_way_arrives_in_the_next_life(data, earlier_life):
    with living(data, sent_delay=60) as simulator:
        Graph(simulator.url).send_template(LEA)

    with living(data) as simulator:
        settle(simulator)

        assert len(bubbles(simulator, LEA)) == 1


def test_a_script_goes_on_in_the_next_life(data):
    with living(data) as simulator:
        script = [{"say": "START"}, {"wait": 60}, {"say": "STOP"}]
        simulator.control.add_person("Kim", KIM, script=script)
        assert not simulator.control.wait_until_idle(timeout_seconds=0.2)
        simulator.control.add_person("Lea", LEA, script=[{"say": "A"}])

    with living(data) as simulator:
        assert simulator.control.person(KIM)["script_done"] == 1
        assert simulator.control.stats()["open"]["scripts"] == 1


def test_a_review_goes_on_in_the_next_life(data):
    with living(data, review_delay=60) as simulator:
        Graph(simulator.url).create_template()

    with living(data) as simulator:
        settle(simulator)

        assert simulator.control.templates()[0]["status"] == "APPROVED"


def test_news_that_nobody_took_are_told_in_the_next_life(data, business):
    business.answer_with(500)
    with living(data, webhook_url=business.url) as simulator:
        simulator.control.add_person("Kim", KIM, script=[{"say": "START"}])
        assert not simulator.control.wait_until_idle(timeout_seconds=0.2)

    business.answer_with(200)
    with living(data, webhook_url=business.url) as simulator:
        settle(simulator)

        assert simulator.control.stats()["unacknowledged_updates"] == 0
    assert {message["text"]["body"] for message in business.messages()} == {"START"}


def test_acknowledged_news_are_not_told_again(data, business):
    with living(data, webhook_url=business.url) as simulator:
        simulator.control.add_person("Kim", KIM, script=[{"say": "START"}])
        settle(simulator)

    with living(data, webhook_url=business.url) as simulator:
        settle(simulator)

    assert len(business.messages()) == 1


def test_half_a_line_at_the_end_is_forgotten(data, earlier_life):
    with data.open("ab") as file:
        file.write(LIFE_LINE + LIFE_LINE[:20])

    with living(data) as simulator:
        assert simulator.control.person(KIM)["name"] == "Kim B."


def test_a_damaged_file_is_not_touched(data, earlier_life):
    damaged = b"{]\n" + data.read_bytes()
    data.write_bytes(damaged)

    with pytest.raises(JournalDamagedError, match="line 1"), living(data):
        pytest.fail("it started with a damaged file")

    assert data.read_bytes() == damaged


def test_a_file_is_used_by_one_simulator_at_a_time(data):
    with living(data), pytest.raises(JournalInUseError), living(data):
        pytest.fail("two simulators share a file")


def test_a_start_keeps_only_the_present(data, earlier_life):
    size = data.stat().st_size

    with living(data):
        assert data.stat().st_size < size


def test_only_the_owner_can_read_the_file(data, earlier_life):
    assert data.stat().st_mode & 0o077 == 0


@pytest.mark.processes
def test_a_killed_simulator_remembers_everything(data):
    command = [sys.executable, "-m", "whatsapp.simulator", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        url = process.stdout.readline().split()[-1].removesuffix("/phone/")
        control = Control(url)
        control.add_person("Kim", KIM)
        control.say(KIM, "Hallo")
        before = control.person(KIM)["chat"]
        process.send_signal(signal.SIGKILL)

    with living(data) as simulator:
        after = simulator.control.person(KIM)["chat"]

    assert [bubble["id"] for bubble in after] == [bubble["id"] for bubble in before]
