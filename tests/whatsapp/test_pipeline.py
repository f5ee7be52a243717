"""Many messages at once: real threads, a real client, a real server on the loopback."""

import contextlib
import threading
import time
from itertools import chain, repeat

import pytest

from tests.whatsapp import server as web
from tests.whatsapp.examples import HELLO, KIM, OK, make_client, refusal
from whatsapp import answers
from whatsapp.pipeline import STALE_AFTER, Answer, Pipeline, Turns

AT_MOST = 10  # seconds; every test is over long before


def put(pipeline, *tags):
    for tag in tags:
        pipeline.send(HELLO, to=KIM, token=f"token-{tag}", tag=tag)


def sent_tokens(server):
    return sorted(seen.json()["biz_opaque_callback_data"] for seen in server.seen)


class Gate:
    """An answer that waits until it is let through; tells how many are waiting."""

    def __init__(self, parties):
        self.arrived = threading.Barrier(parties + 1, timeout=AT_MOST)
        self.opened = threading.Event()

    def __call__(self, handler):
        self.arrived.wait()
        self.opened.wait(AT_MOST)
        OK(handler)


def test_every_message_comes_back_with_its_own_tag_and_was_sent_once(server):
    server.reply(OK)

    with make_client(server.url, pool_size=8) as client, Pipeline(client, 8) as pipeline:
        put(pipeline, *range(40))
        came = pipeline.drain()

    assert sorted(answer.tag for answer in came) == list(range(40))
    assert {type(answer.outcome) for answer in came} == {answers.Accepted}
    assert sent_tokens(server) == sorted(f"token-{tag}" for tag in range(40))


def test_messages_are_on_the_wire_side_by_side(server, client):
    gate = Gate(3)
    server.reply(gate)

    with Pipeline(client, 3) as pipeline:
        put(pipeline, 1, 2, 3)
        gate.arrived.wait()  # passes only when all three requests are at the server
        assert pipeline.room == 0
        gate.opened.set()

        assert len(pipeline.drain()) == 3


def test_never_more_messages_are_on_the_wire_than_the_pipeline_is_wide(server, client):
    gate = Gate(2)
    server.reply(gate, gate, OK)

    with Pipeline(client, 2) as pipeline:
        put(pipeline, 1, 2, 3)
        gate.arrived.wait()
        assert len(server.seen) == 2
        gate.opened.set()

        assert sorted(answer.tag for answer in pipeline.drain()) == [1, 2, 3]


def test_there_is_room_again_as_answers_are_collected(server, client):
    server.reply(OK)

    with Pipeline(client, 2) as pipeline:
        assert (pipeline.room, pipeline.is_busy) == (2, False)
        put(pipeline, 1)
        assert (pipeline.room, pipeline.is_busy) == (1, True)
        (answer,) = pipeline.collect(seconds=AT_MOST)

        assert answer.tag == 1
        assert (pipeline.room, pipeline.is_busy) == (2, False)


def test_what_is_not_there_yet_is_not_waited_for(server, client):
    gate = Gate(1)
    server.reply(gate, OK)

    with Pipeline(client, 2) as pipeline:
        put(pipeline, "slow")
        gate.arrived.wait()
        put(pipeline, "quick")
        first = pipeline.collect(seconds=AT_MOST)
        nothing = pipeline.collect(seconds=0)
        gate.opened.set()
        last = pipeline.drain()

    assert [answer.tag for answer in first] == ["quick"]
    assert nothing == []
    assert [answer.tag for answer in last] == ["slow"]


def test_an_empty_pipeline_has_nothing_to_collect(client):
    with Pipeline(client, 2) as pipeline:
        assert pipeline.collect(seconds=0) == []
        assert pipeline.drain() == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (web.graph_error(400, 130429), answers.SlowDown(130429, "number")),
        (web.graph_error(401, 190), answers.AccountStopped(190)),
        (web.html_answer(502), answers.InDoubt("server_error")),
        (web.reset, answers.InDoubt("connection")),
    ],
)
def test_one_misfortune_is_one_outcome_and_no_second_post(server, client, answer, outcome):
    server.reply(OK, answer, OK)

    with Pipeline(client, 1) as pipeline:
        put(pipeline, 1, 2, 3)
        came = {answer.tag: answer.outcome for answer in pipeline.drain()}

    assert came[2] == outcome
    assert isinstance(came[1], answers.Accepted)
    assert isinstance(came[3], answers.Accepted)
    assert sent_tokens(server) == ["token-1", "token-2", "token-3"]


def test_a_server_that_is_not_there_gets_nothing(nobody):
    with Pipeline(nobody, 2) as pipeline:
        put(pipeline, 1, 2)
        came = pipeline.drain()

    assert {answer.outcome for answer in came} == {answers.NotSent("connect")}


def test_an_unfit_token_is_refused_before_it_can_harm_the_others(server, client):
    server.reply(OK)

    with Pipeline(client, 2) as pipeline:
        put(pipeline, "good")
        assert refusal(pipeline.send, HELLO, to=KIM, token="", tag="bad")[0] == "token"
        came = pipeline.drain()

    assert [answer.tag for answer in came] == ["good"]
    assert sent_tokens(server) == ["token-good"]


@pytest.mark.parametrize(
    ("seconds", "is_sent"), [(0, True), (STALE_AFTER, True), (STALE_AFTER + 0.1, False)]
)
def test_a_message_that_waited_too_long_for_its_turn_is_not_sent(server, client, seconds, is_sent):
    server.reply(OK)
    # Read when the message is handed over, and again when its turn has come.
    clock = chain([100.0], repeat(100.0 + seconds)).__next__

    with Pipeline(client, 1, clock=clock) as pipeline:
        put(pipeline, 1)
        (answer,) = pipeline.drain()

    assert (answer == Answer(1, answers.NotSent("stale"))) is not is_sent
    assert len(server.seen) == is_sent


def test_what_was_decided_too_long_ago_is_not_sent(server, client):
    server.reply(OK)

    with Pipeline(client, 1, clock=lambda: 100.0) as pipeline:
        decided = 100.0 - STALE_AFTER - 0.1
        pipeline.send(HELLO, to=KIM, token="token", tag=1, since=decided)
        (answer,) = pipeline.drain()

    assert answer == Answer(1, answers.NotSent("stale"))
    assert server.seen == []


def test_leaving_ends_what_has_begun_and_begins_nothing_more(server, client):
    gate = Gate(1)
    server.reply(gate, OK)
    pipeline = Pipeline(client, 1)
    put(pipeline, 1, 2, 3)
    gate.arrived.wait()

    leaving = threading.Thread(target=pipeline.__exit__, args=(None, None, None))
    leaving.start()
    with contextlib.suppress(RuntimeError):
        while True:  # until the pipeline is closed and takes no more
            put(pipeline, "late")
    gate.opened.set()
    leaving.join()

    assert sent_tokens(server) == ["token-1"]


def test_a_closed_pipeline_takes_no_more_messages(server, client):
    with Pipeline(client, 1) as pipeline:
        pass

    with pytest.raises(RuntimeError):
        put(pipeline, 1)
    assert server.seen == []


def test_the_printed_form_shows_neither_address_nor_token(client):
    with Pipeline(client, 1) as pipeline:
        shown = repr(pipeline)

    assert "127.0.0.1" not in shown
    assert "EAA" not in shown


def test_nothing_leaves_before_its_turn(server, client):
    begins = time.monotonic() + 0.05
    arrived = []
    server.reply(lambda handler: (arrived.append(time.monotonic()), OK(handler)))

    with Pipeline(client, 2, lambda wanted: Turns(((begins, begins + AT_MOST),) * wanted)) as line:
        put(line, 1, 2)
        line.drain()

    assert len(arrived) == 2
    assert min(arrived) >= begins


def test_whoever_missed_its_turn_asks_for_another_and_is_sent_once(server, client):
    server.reply(OK)
    asked = []

    def turns(wanted):
        """The first turn is over before anybody can use it: the process stood still."""
        asked.append(wanted)
        now = time.monotonic()
        return Turns(((now - 1, now - 0.5 if len(asked) == 1 else now + AT_MOST),))

    with Pipeline(client, 2, turns) as pipeline:
        put(pipeline, 1)
        (answer,) = pipeline.drain()

    assert isinstance(answer.outcome, answers.Accepted)
    assert (len(asked), len(server.seen)) == (2, 1)


def test_two_messages_never_leave_in_one_turn(server, client):
    server.reply(OK)
    given = []

    def turns(wanted):
        given.append(wanted)
        return Turns(((0.0, time.monotonic() + AT_MOST),), wait=0.0)

    with Pipeline(client, 8, turns) as pipeline:
        put(pipeline, *range(5))
        pipeline.drain()

    assert len(given) == len(server.seen) == 5


def test_what_waits_for_a_turn_when_all_is_over_does_not_leave(server, client):
    server.reply(OK)
    asked = threading.Event()

    def turns(wanted):
        asked.set()
        return Turns(wait=0.01)

    with Pipeline(client, 2, turns) as pipeline:
        put(pipeline, 1)
        assert asked.wait(AT_MOST)

    assert server.seen == []
