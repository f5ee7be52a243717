"""The instruments of the benchmarks; what they measure is no test's business."""

import os
import subprocess
import sys

from bench.answerer import BODY, size_of_first
from bench.cpu import Cost, median, of_tree
from bench.pace import most_in_a_second
from bench.report import Line, keep, replace

BURN = "import time\nwhile time.process_time() < 0.2: pass"


def test_the_cost_of_a_message_is_worker_and_postgres_together():
    cost = Cost(messages=1_000, worker=0.2, postgres=0.1, wall=2.0)

    assert (round(cost.us), cost.rate) == (300, 500)


def test_the_median_is_one_of_the_runs():
    runs = [Cost(1, worker=seconds, postgres=0, wall=1) for seconds in (3, 1, 2)]

    assert median(runs) is runs[2]


def test_the_time_of_children_that_have_ended_counts():
    before = of_tree(os.getpid())

    subprocess.run([sys.executable, "-c", BURN], check=True)

    assert of_tree(os.getpid()) - before >= 0.15


def test_the_answerer_waits_for_the_whole_request():
    request = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"

    sizes = [size_of_first(request[:end]) for end in range(len(request))]

    assert sizes == [0] * len(request)
    assert size_of_first(request + b"POST") == len(request)


def test_every_answer_has_a_message_id_of_its_own():
    assert BODY % 1 != BODY % 2


def test_a_window_of_one_second_may_begin_anywhere():
    assert most_in_a_second([0.0, 0.9, 1.0, 1.1, 1.85, 3.0]) == 4


def test_a_measurement_takes_the_place_of_the_older_one_and_leaves_the_others(tmp_path):
    target = tmp_path / "bench.json"
    keep([Line("send", "engine", rate="1/s"), Line("start", "ours")], target)

    every = keep([Line("send", "engine", rate="2/s")], target)

    assert every == [Line("send", "engine", rate="2/s"), Line("start", "ours")]


def test_the_page_keeps_its_words_and_gets_new_tables():
    page = "before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n"

    fresh = replace(page, [Line("send", "engine", measured="1/70", wanted="at most 1/60")])

    assert "old" not in fresh
    assert "| engine |  |  | **1/70** | at most 1/60 |" in fresh
    assert fresh.startswith("before\n")
    assert fresh.endswith("\nafter\n")
