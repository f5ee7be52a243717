"""Rests that everybody sees: quiet hours and the daily limit, over by themselves."""

from datetime import timedelta

import pytest

from campaigns import resting, scheduling
from campaigns.models import Batch, Channel, Delivery
from campaigns.reasons import PauseReason
from campaigns.refusals import NotPossible
from tests.campaigns.desk import HOURS, TOMORROW
from tests.factories import NOW, AttemptFactory, BroadcastFactory, DeliveryFactory

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("english")]

NIGHT = NOW + timedelta(hours=12)


@pytest.fixture
def broadcast():
    made = BroadcastFactory(state="sending")
    DeliveryFactory(broadcast=made)
    return made


def standing(broadcast):
    broadcast.refresh_from_db()
    return broadcast.state, broadcast.pause_reason


def sweep(now):
    resting.sweep(hours=HOURS, now=now)


def test_in_quiet_hours_a_broadcast_stands_still_and_says_so(broadcast):
    sweep(NIGHT)

    assert standing(broadcast) == ("pausing", PauseReason.QUIET_HOURS)
    assert broadcast.events.get().facts == {"reason": "quiet_hours"}


def test_when_they_end_it_goes_on_by_itself(broadcast):
    sweep(NIGHT)

    sweep(TOMORROW)

    assert standing(broadcast) == ("sending", "")
    assert list(broadcast.events.values_list("what", flat=True)) == ["paused", "resumed"]


def test_urgent_news_know_no_quiet_hours():
    urgent = BroadcastFactory(state="sending", slug="eilmeldung")
    DeliveryFactory(broadcast=urgent)

    sweep(NIGHT)

    assert standing(urgent) == ("sending", "")


def test_where_nothing_is_left_to_send_nothing_rests(broadcast):
    Delivery.objects.all().move("skipped", reason="cancelled")

    sweep(NIGHT)

    assert standing(broadcast) == ("sending", "")


def test_nobody_can_resume_by_hand_what_ends_by_itself(broadcast):
    sweep(NIGHT)
    broadcast.refresh_from_db()

    with pytest.raises(NotPossible, match="by itself"):
        scheduling.resume(broadcast, by=None, now=NIGHT)


def test_what_somebody_has_paused_at_night_waits_for_them_in_the_morning(broadcast):
    sweep(NIGHT)
    broadcast.refresh_from_db()
    scheduling.pause(broadcast, by=None, now=NIGHT)

    sweep(TOMORROW)

    assert standing(broadcast) == ("pausing", PauseReason.OPERATOR)
    scheduling.resume(broadcast, by=None, now=TOMORROW)
    assert standing(broadcast) == ("sending", "")


@pytest.fixture
def limited(broadcast):
    """One that waits for tomorrow's part of the daily limit, which is used up."""
    Channel.objects.update(daily_limit=0)
    Batch.objects.update(is_held=True, not_before=TOMORROW)
    return broadcast


def test_what_waits_for_the_daily_limit_stands_still_and_says_so(limited):
    sweep(NOW)

    assert standing(limited) == ("pausing", PauseReason.LIMIT_REACHED)


@pytest.mark.parametrize(
    ("slug", "standing_still"), [("presseschau", PauseReason.LIMIT_REACHED), ("eilmeldung", "")]
)
def test_the_tenth_that_is_kept_for_urgent_notices_is_no_room_for_others(slug, standing_still):
    Channel.objects.update(daily_limit=10)
    reached = BroadcastFactory(state="done")
    for one in DeliveryFactory.create_batch(9, broadcast=reached, state="accepted", attempts=1):
        AttemptFactory(delivery=one)
    waiting = DeliveryFactory(broadcast__slug=slug).broadcast
    Batch.objects.filter(broadcast=waiting).update(is_held=True, not_before=TOMORROW)

    sweep(NOW)

    assert standing(waiting)[1] == standing_still


@pytest.mark.parametrize(("limit", "now"), [(0, TOMORROW), (10, NOW), (None, NOW)])
def test_it_goes_on_when_there_is_room_again(limited, limit, now):
    sweep(NOW)
    Channel.objects.update(daily_limit=limit)

    sweep(now)

    assert standing(limited) == ("sending", "")


def test_a_part_that_may_leave_is_not_kept_back_by_the_part_that_may_not(limited):
    DeliveryFactory(broadcast=limited, batch_number=1)

    sweep(NOW)

    assert standing(limited) == ("sending", "")
