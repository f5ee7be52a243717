"""Settings that only IT changes: when a change was seen."""

from datetime import timedelta

import pytest

from campaigns import tasks
from subscribers import environment
from subscribers.models import EnvironmentValue
from tests.factories import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

LATER = NOW + timedelta(days=1)


def test_a_value_is_noted_when_it_is_first_seen_and_when_it_differs():
    environment.note({"QUIET_HOURS": "off"}, now=NOW)
    environment.note({"QUIET_HOURS": "off"}, now=NOW + timedelta(hours=1))
    environment.note({"QUIET_HOURS": "mon-fri 07:00-18:00"}, now=LATER)

    rows = EnvironmentValue.objects.order_by("pk").values_list("value", "since")
    assert list(rows) == [("off", NOW), ("mon-fri 07:00-18:00", LATER)]
    assert environment.since("QUIET_HOURS") == LATER


def test_a_value_that_comes_back_is_a_change_too():
    for n, value in enumerate(["a", "b", "a"]):
        environment.note({"PROOF_MODE": value}, now=NOW + timedelta(hours=n))

    assert environment.since("PROOF_MODE") == NOW + timedelta(hours=2)


def test_what_was_never_seen_has_no_moment():
    assert environment.since("QUIET_HOURS") is None


def test_where_nothing_changed_it_costs_one_query(django_assert_num_queries):
    environment.note({"QUIET_HOURS": "off"}, now=NOW)

    with django_assert_num_queries(1):
        environment.note({"QUIET_HOURS": "off"}, now=LATER)


def test_the_tick_notes_what_no_page_of_the_desk_changes(settings):
    settings.QUIET_HOURS = "mon-thu 06:30-16:45"

    environment.note(tasks._environment(), now=NOW)

    seen = {row.name: row.value for row in environment.latest()}
    assert seen.keys() == {"QUIET_HOURS", "PROOF_MODE", "SMALLEST_AUDIENCE"}
    assert seen["QUIET_HOURS"] == "mon-thu 06:30-16:45"
