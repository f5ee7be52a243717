"""The bars of a running broadcast: how many a minute, since it began."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.admin import rate
from campaigns.models import Sample
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import page
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]


def chart(*points, until=4, **values):
    """The chart of a broadcast that had so many accepted after so many minutes."""
    broadcast = BroadcastFactory(**{"state": BroadcastState.SENDING, **values})
    for minutes, accepted in points:
        Sample.objects.create(
            broadcast=broadcast, at=NOW + timedelta(minutes=minutes), accepted=accepted
        )
    accepted = points[-1][1] if points else 0
    return rate.of(broadcast, accepted=accepted, now=NOW + timedelta(minutes=until))


def heights(drawn):
    return [float(bar.height) for bar in drawn.bars]


def test_an_even_pace_is_an_even_row_of_bars():
    drawn = chart((1, 60), (2, 120), (3, 180), (4, 240))

    assert set(heights(drawn)) == {rate.HEIGHT}
    assert drawn.words == "60 a minute at the moment, 60 a minute at most."


def test_a_pause_is_a_gap():
    drawn = chart((1, 60), (3, 60), (4, 120))

    assert heights(drawn) == [24] * 4 + [0] * 8 + [24] * 4


def test_bars_stand_on_the_ground_and_the_highest_touches_the_top():
    drawn = chart((2, 20), (4, 120))

    assert {float(bar.y) + float(bar.height) for bar in drawn.bars} == {rate.HEIGHT}
    assert max(heights(drawn)) == rate.HEIGHT


def test_a_long_broadcast_has_no_more_bars_than_a_phone_can_show():
    assert chart((600, 12_000), until=600).width == rate.BARS


def test_what_failed_after_all_draws_no_bar_below_the_ground():
    assert min(heights(chart((1, 60), (2, 50), (4, 90)))) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"until": 0.5},
        {"closed_at": NOW},
        {"state": BroadcastState.SCHEDULED},
    ],
)
def test_nothing_is_drawn_before_there_is_something_to_see_or_when_it_is_over(values):
    assert chart((0.4, 10), **values) is None


def test_a_broadcast_that_reached_nobody_yet_has_no_chart():
    assert chart((1, 0)) is None


def test_the_page_of_a_running_broadcast_shows_it(editor):
    began = timezone.now() - timedelta(minutes=5)
    broadcast = BroadcastFactory(state=BroadcastState.SENDING, started_at=began)
    DeliveryFactory(broadcast=broadcast, state="delivered")

    shown = editor.get(page(broadcast)).content.decode()

    assert '<rect class="bar-accepted" x="0.1"' in shown
    assert "a minute at most." in shown
