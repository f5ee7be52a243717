"""With a real number nothing leaves before the papers are confirmed."""

from datetime import date, timedelta

import pytest

from campaigns import golive, preflight, stopping
from campaigns.models import Channel
from campaigns.reasons import StopReason
from subscribers import clearance, incidents
from subscribers.clearance import Paper
from tests.factories import NOW, BroadcastFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

LATER = NOW + timedelta(hours=1)


def look(*, is_real=True, smallest_audience=1, now=NOW):
    golive.look(is_real=is_real, smallest_audience=smallest_audience, now=now)


def confirm(*papers):
    for paper in papers:
        clearance.confirm(
            paper, dated_on=date(2026, 11, 1), reference="DS-2026-4", by="dpo", now=NOW
        )


def stands():
    return Channel.objects.get().stop_reason


def test_a_real_number_sends_nothing_while_a_paper_is_missing():
    confirm(*list(Paper)[:-1])

    look()

    assert stands() == StopReason.PAPERS
    assert clearance.missing() == [Paper.AGREEMENT]


def test_with_the_last_paper_sending_is_allowed_by_itself():
    look()
    confirm(*Paper)

    look(now=LATER)

    assert stands() == ""
    assert Channel.objects.get().live_at == LATER


def test_where_a_simulator_answers_nobody_asks_for_papers():
    look(is_real=False)

    assert stands() == ""


def test_whoever_takes_a_paper_back_later_does_not_silence_an_urgent_notice():
    confirm(*Paper)
    look()

    clearance.take_back(Paper.NOTICE, now=LATER)
    look(now=LATER)

    assert stands() == ""
    assert clearance.missing() == [Paper.NOTICE]


def test_a_simulator_that_gives_way_to_a_real_number_is_held_and_the_other_way_released():
    look(is_real=False)
    look(is_real=True)
    assert stands() == StopReason.PAPERS

    look(is_real=False)

    assert stands() == ""


def test_no_click_gets_past_the_papers():
    look()
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW, by="it")

    assert not stopping.release_channel(now=NOW)

    assert stands() == StopReason.PAPERS
    assert not stopping.release_channel(now=NOW)


def test_a_token_that_works_again_does_not_end_an_incident():
    stopping.stop_channel(StopReason.TOKEN, now=NOW)
    incidents.declare("Laptop gestohlen", known_at=NOW, by="dpo", now=NOW)

    stopping.release_channel(StopReason.TOKEN, now=NOW)

    assert stands() == StopReason.INCIDENT


def test_a_paper_confirmed_anew_replaces_the_older_confirmation_and_keeps_it():
    confirm(Paper.CONTRACTS)
    clearance.confirm(
        Paper.CONTRACTS, dated_on=date(2026, 11, 20), reference="DS-2026-9", by="dpo", now=LATER
    )

    assert clearance.in_force()[Paper.CONTRACTS].reference == "DS-2026-9"
    assert Channel.objects.get().live_at is None


@pytest.mark.parametrize(("smallest", "is_refused"), [(1, False), (3, False), (4, True)])
def test_a_handful_of_people_is_not_written_to(smallest, is_refused):
    look(is_real=False, smallest_audience=smallest)
    for _ in range(3):
        SubscriberFactory()

    problems = preflight.problems(BroadcastFactory(), now=NOW)

    assert any("4" in problem for problem in problems) is is_refused
