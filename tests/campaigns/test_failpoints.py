"""Failpoints: they strike where and as often as they are told, and never in production."""

import pytest

from campaigns import failpoints
from campaigns.failpoints import Failpoint, Struck
from swe_broadcast.checks import no_failpoint_in_production


def test_nothing_happens_anywhere_unless_it_is_wanted():
    for name in failpoints.NAMES:
        failpoints.reach(name)


def test_a_failpoint_strikes_at_its_place_and_once():
    with failpoints.at("after_claim:raise"):
        failpoints.reach("after_record")
        with pytest.raises(Struck, match="after_claim"):
            failpoints.reach("after_claim")
        failpoints.reach("after_claim")


def test_a_failpoint_is_gone_after_its_test():
    with failpoints.at("after_claim:raise"):
        pass

    failpoints.reach("after_claim")


def test_a_pause_lets_the_process_go_on():
    with failpoints.at("after_claim:pause:0"):
        failpoints.reach("after_claim")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", None),
        ("after_claim:kill", Failpoint("after_claim", "kill", 0)),
        ("after_claim:pause", Failpoint("after_claim", "pause", failpoints.LONG)),
        ("on_the_wire:raise:0.5", Failpoint("on_the_wire", "raise", 0.5)),
    ],
)
def test_the_variable_says_where_what_and_when(text, meant):
    assert Failpoint.parse(text) == meant


@pytest.mark.parametrize(
    "text", ["somewhere:kill", "after_claim:explode", "after_claim:kill:1:2", "after_claim:kill:x"]
)
def test_a_misspelt_failpoint_is_refused(text):
    with pytest.raises(ValueError, match=r"no failpoint|could not convert"):
        Failpoint.parse(text)


@pytest.mark.parametrize(("production", "problems"), [(True, ["swe.E004"]), (False, [])])
def test_production_refuses_to_start_with_one(settings, production, problems):
    settings.PRODUCTION, settings.FAILPOINT = production, "after_claim:kill"

    assert [problem.id for problem in no_failpoint_in_production()] == problems
