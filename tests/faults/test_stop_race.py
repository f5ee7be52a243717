"""The benchmark of STOP, in small: the same race, with the simulator as WhatsApp."""

import pytest

from bench import stop
from tests.faults import invariants

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def test_stops_at_random_moments_of_a_run_with_many_senders_are_never_betrayed(town):
    town.start(people=200, batches=20)
    people = {person: phone for phone, person in town.phones.items()}

    result = stop.race(
        people,
        pump=town.pump,
        say_stop=town.say_stop,
        senders=4,
        dice=town.dice,
        longest_pause=0.01,
    )
    town.settle()

    assert result.seconds
    assert result.betrayed == 0
    invariants.check(town)


def test_a_send_after_the_acknowledgement_would_be_counted(town):
    """The instrument itself: a pump that does not ask again is found out."""
    town.start(people=2, batches=1)
    people = {person: phone for phone, person in town.phones.items()}
    said = []

    def pump_when_somebody_has_left(_name):
        while len(said) < 2:
            pass
        town.pump()

    result = stop.race(
        people,
        pump=pump_when_somebody_has_left,
        say_stop=said.append,  # acknowledged, and not applied
        senders=1,
        dice=town.dice,
        longest_pause=0.0,
    )

    assert (result.betrayed, result.spared) == (2, 2)
