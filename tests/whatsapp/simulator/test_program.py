"""`python -m whatsapp.simulator` as a program: its words, its exit codes, its end."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.whatsapp.simulator.business import PATIENCE, Graph
from whatsapp.simulator import Control
from whatsapp.simulator.__main__ import main
from whatsapp.simulator.account import Account

pytestmark = pytest.mark.processes


@contextmanager
def program(*arguments, **environment):
    """The program on a free port, and its address."""
    command = [sys.executable, "-m", "whatsapp.simulator", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | environment
    )
    with process:
        try:
            yield process, process.stdout.readline().split()[-1].removesuffix("/phone/")
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number):
    with program() as (process, url):
        assert Control(url).people() == []

        process.send_signal(number)

        assert process.wait(PATIENCE) == 0


def test_it_takes_its_account_from_the_environment():
    account = {"WHATSAPP_ACCESS_TOKEN": "secret", "WHATSAPP_PHONE_NUMBER_ID": "77"}
    with program(**account) as (_, url):
        graph = Graph(url, token="secret")

        assert graph.ask("GET", "/v25.0/77").json["id"] == "77"


def test_its_knobs_can_be_turned_at_the_start():
    knobs = ("--set", "read_share=0.1", "--set", "review=by_hand", "--set", "sent_delay=[1,2]")
    with program(*knobs) as (_, url):
        settings = Control(url).settings()

    chosen = settings["read_share"], settings["review"], settings["sent_delay"]
    assert chosen == (0.1, "by_hand", [1, 2])


def test_a_name_can_be_added_to_those_it_answers_to():
    with program("--name", "simulator") as (_, url):
        graph = Graph(url)

        assert graph.ask("GET", "/control/people", Host="simulator:8001").status == 200


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--host", "0.0.0.0"], "more than this machine"),
        (["--webhook-url", "nonsense"], "webhook_url: expected a http or https address"),
        (["--set", "colour=green"], "colour: there is no such field"),
        (["--set", "colour"], "--set colour: expected NAME=VALUE"),
        (["--port", "many"], "invalid int value"),
    ],
)
def test_wrong_arguments_are_explained(capsys, arguments, problem):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", ["Liebes Tagebuch", '{"table": "Diary", "add": {}}\n', '["a"]\n']
)
def test_a_file_that_is_not_its_own_is_refused(capsys, tmp_path, content):
    diary = tmp_path / "data"
    diary.write_text(content)

    assert main(["--port", "0", "--data", str(diary)]) == 1
    assert "no data of the simulator" in capsys.readouterr().err
    assert diary.read_text() == content


def test_a_port_that_is_taken_is_explained(capsys, simulator):
    port = simulator.url.rpartition(":")[2]

    assert main(["--port", port]) == 1
    assert "cannot start" in capsys.readouterr().err


def test_the_help_names_the_environment(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    assert "WHATSAPP_APP_SECRET" in capsys.readouterr().out


def test_of_several_secrets_the_first_signs():
    account = Account.from_environment({"WHATSAPP_APP_SECRET": "new, old"})

    assert account.app_secret == "new"


def test_an_empty_variable_is_none():
    assert Account.from_environment({"WHATSAPP_ACCESS_TOKEN": ""}) == Account()
