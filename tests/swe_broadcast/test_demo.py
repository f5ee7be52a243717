"""The demo: what people do in it, and that it comes to its end, twice."""

import signal

import pytest

from swe_broadcast.demo import people
from tests.swe_broadcast.witness import free_port, until

ASKED = {"from": "business", "text": "Und?", "content": {"buttons": [{"title": "MAXI"}]}}


def said(text):
    return {"from": "person", "text": text, "content": {}}


def test_412_people_have_names_and_numbers_of_their_own():
    everybody = people.everybody()

    assert len(everybody) == 412
    assert len({one["phone"] for one in everybody}) == 412
    assert len({one["name"] for one in everybody}) == 412


def test_the_same_people_do_the_same_in_every_demo():
    assert people.everybody() == people.everybody()


@pytest.mark.parametrize(
    ("chat", "wants"),
    [
        ([said("START")], ""),
        ([said("START"), ASKED], ""),
        ([said("START"), ASKED, said("MINI")], "mini"),
        ([said("START"), ASKED, said("MINI"), said("maxi")], "maxi"),
        ([said("START"), ASKED, said("MAXI"), said("STOP")], ""),
        ([said("START"), ASKED, said("NEIN")], ""),
        ([said("MINI")], ""),  # before anybody has asked
    ],
)
def test_the_last_word_counts(chat, wants):
    assert people.outcome(chat) == wants


@pytest.mark.processes
def test_the_demo_adds_up_and_finds_its_data_again(folder, start):
    names = ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL")
    environment = {
        **dict.fromkeys(names, ""),  # they come along
        "DATA_DIR": str(folder),
        "PORT": str(free_port()),
        "SIMULATOR_PORT": str(free_port()),
    }

    first = start("manage.py", "demo", **environment)
    told = "".join(until("Ctrl-C ends everything.", first))
    first.send_signal(signal.SIGINT)
    assert first.wait() == 0
    second = start("manage.py", "demo", **environment)
    told_again = "".join(until("Ctrl-C ends everything.", second))

    assert "It adds up." in told
    assert "368 phones have got it, 0 of them twice" in told
    assert "still here" in told_again
    assert "It adds up." in told_again
