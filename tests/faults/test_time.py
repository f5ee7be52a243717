"""Nobody rang for hours, and the clocks change: what is late, what is missed, who is told."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import alarms, lookout, resting, scheduling, sending, series
from campaigns.hours import SendingHours
from campaigns.models import Alarm, Broadcast, Category, Delivery, MessageTemplate, Slot
from campaigns.states import BroadcastState
from tests.campaigns.desk import BERLIN
from tests.factories import NOW, BroadcastFactory, SeriesFactory, SubscriberFactory, UserFactory
from tests.faults import invariants

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.usefixtures("approved"),
]

S, Kind = BroadcastState, Alarm.Kind
USUAL = SendingHours.parse("mon-fri 07:00-18:00", zone=BERLIN)
NEVER_QUIET = SendingHours(zone=BERLIN)
HOUR = timedelta(hours=1)


@pytest.fixture
def approved(transactional_db):
    """Every template may be sent, and there is somebody to get it."""
    MessageTemplate.objects.update(status="APPROVED")
    SubscriberFactory(tier="maxi")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def scheduled(slug, due, **more):
    """What a colleague has approved, scheduled by the desk's own verb."""
    broadcast = BroadcastFactory(state=S.APPROVED, message__slug=slug, **more)
    broadcast = Broadcast.objects.with_message().get(pk=broadcast.pk)
    by = UserFactory(group="Freigabe")
    scheduling.schedule(broadcast, at=due, by=by, hours=USUAL, now=due - HOUR)
    return broadcast


def tick(now, *, hours=USUAL):
    """What every tick does about time, in its order."""
    series.sweep(now=now)
    sending.sweep(now=now)
    sending.start_due(hours=hours, now=now)
    resting.sweep(hours=hours, now=now)
    lookout.sweep(now=now)


def state(broadcast):
    broadcast.refresh_from_db()
    return broadcast.state


def told():
    return set(Alarm.objects.filter(cleared_at=None).values_list("kind", flat=True))


LATE = {
    "safety, 3 h: at once, and told": ("eilmeldung", "2026-11-24T03:00", 3, S.SENDING, Kind.LATE),
    "safety, 24 h: a human decides": (
        "eilmeldung",
        "2026-11-23T09:00",
        24,
        S.MISSED,
        "missed",
    ),
    "operational, less than 2 h": ("unternehmen", "2026-11-24T09:00", 1.9, S.SENDING, None),
    "operational, 3 h": ("unternehmen", "2026-11-24T09:00", 3, S.MISSED, Kind.MISSED),
    "news, the same day": ("neues", "2026-11-24T09:00", 3, S.SENDING, None),
    "news, after 18:00: tomorrow": ("neues", "2026-11-24T16:00", 3, S.SCHEDULED, None),
    "news, the next window": ("neues", "2026-11-24T16:00", 15, S.SENDING, None),
    "news, a day late": ("neues", "2026-11-24T09:00", 24, S.MISSED, Kind.MISSED),
}


@pytest.mark.parametrize(
    ("slug", "due", "hours", "becomes", "alarm"), LATE.values(), ids=LATE.keys()
)
def test_what_is_late_is_sent_or_left_to_a_human_as_its_category_says(
    slug, due, hours, becomes, alarm
):
    """F18."""
    broadcast = scheduled(slug, at(due))

    tick(at(due) + hours * HOUR)

    assert state(broadcast) == becomes
    assert told() == ({alarm} if alarm else set())


@pytest.mark.parametrize(("begins", "becomes"), [(4, S.SENDING), (3, S.MISSED)])
def test_an_event_is_announced_until_it_begins(begins, becomes):
    """F18."""
    due = at("2026-11-24T09:00")
    broadcast = scheduled("veranstaltung", due, not_after=due + begins * HOUR)

    tick(due + 3 * HOUR)

    assert state(broadcast) == becomes


def test_of_a_series_the_newest_is_caught_up_once_and_the_older_one_is_missed():
    """F18."""
    weekly = SeriesFactory(slug="neues", at=time(9), useful_until=time(17))
    series.sweep(now=NOW)
    older, newer = (
        scheduled("neues", slot.due_at, slot=slot)
        for slot in weekly.slots.order_by("due_at").filter(due_at__gt=NOW)[:2]
    )

    for _ in range(3):
        tick(newer.due_at + 3 * HOUR)

    assert (state(older), state(newer)) == (S.MISSED, S.SENDING)
    assert newer.events.filter(what="started").count() == 1
    assert newer.events.get(what="started").facts == {"late": 180}


def test_an_older_date_that_was_missed_can_be_sent_all_the_same():
    """F18."""
    SeriesFactory(slug="neues", at=time(9), useful_until=time(17))
    series.sweep(now=NOW)
    slot = Slot.objects.filter(due_at__gt=NOW).order_by("due_at").first()
    broadcast = scheduled("neues", slot.due_at, slot=slot)
    a_day_later = slot.due_at + 25 * HOUR
    tick(a_day_later)
    assert state(broadcast) == S.MISSED

    by = UserFactory(group="Redaktion")
    scheduling.schedule(broadcast, at=None, by=by, hours=USUAL, now=a_day_later)
    tick(a_day_later)

    assert state(broadcast) == S.SENDING


def test_an_empty_place_is_never_sent_and_never_caught_up():
    """F18."""
    SeriesFactory()
    series.sweep(now=NOW)

    tick(at("2026-11-24T12:00"))

    assert not Broadcast.objects.exists()
    assert Slot.objects.exclude(missed_at=None).count() == 1
    assert told() == {"slot_missed"}


def test_what_was_missed_is_sent_by_one_act_and_counts_from_then():
    """F18."""
    due = at("2026-11-24T09:00")
    broadcast = scheduled("unternehmen", due)
    tick(due + 3 * HOUR)
    by = UserFactory(group="Redaktion")

    scheduling.schedule(broadcast, at=None, by=by, hours=USUAL, now=due + 3 * HOUR)
    tick(due + 3 * HOUR)

    assert state(broadcast) == S.SENDING
    assert broadcast.expires_at == due + 27 * HOUR
    assert told() == set()


def test_what_became_too_late_half_way_is_dropped_shown_and_told(town):
    """F18."""
    town.start(people=6)
    town.now = town.broadcast.expires_at + timedelta(seconds=1)

    town.settle()

    assert town.ledger() == []
    assert town.states()["skipped"] == {"expired": 7}
    lookout.sweep(now=town.now)
    assert "expired" in told()


def test_in_quiet_hours_the_run_stands_still_and_goes_on_by_itself(town):
    """Nothing is lost over a night."""
    town.start(people=6)
    Broadcast.objects.update(expires_at=NOW + timedelta(days=2))
    town.audience = set(Delivery.objects.values_list("subscriber", flat=True))
    town.now = NOW + 12 * HOUR
    town.sweep()
    resting.sweep(hours=town.sender.hours, now=town.now)
    town.settle()
    assert (town.state(), town.broadcast.pause_reason) == (S.PAUSED, "quiet_hours")

    town.now = NOW + timedelta(days=1)
    resting.sweep(hours=town.sender.hours, now=town.now)
    town.settle()

    assert town.states()["accepted"] == 7
    invariants.check(town)


CLOCKS = [
    ("Europe/Berlin", "2027-03-28", "02:30", "2027-03-28T01:00"),
    ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),
    ("Asia/Kolkata", "2027-03-28", "02:30", "2027-03-27T21:00"),
    ("America/St_Johns", "2027-03-14", "02:30", "2027-03-14T05:30"),
    ("America/St_Johns", "2026-11-01", "01:30", "2026-11-01T04:00"),
    ("Pacific/Apia", "2027-03-28", "02:30", "2027-03-27T13:30"),
]


@pytest.mark.parametrize(("zone", "day", "wall", "utc"), CLOCKS)
def test_over_a_change_of_clocks_a_series_leaves_once_at_the_documented_minute(
    zone, day, wall, utc
):
    """F19."""
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    Category.objects.filter(pk="neues").update(ignores_quiet_hours=True)
    SeriesFactory(
        slug="neues",
        at=time.fromisoformat(wall),
        useful_until=time(12),
        zone=zone,
        weekdays=list(range(7)),
        starts_on=date(2026, 10, 1),
    )
    series.sweep(now=moment - 30 * HOUR)
    slot = Slot.objects.get(local_date=date.fromisoformat(day))
    broadcast = scheduled("neues", slot.due_at, slot=slot)

    started = []
    for minutes in range(-90, 121, 10):  # over both occurrences of an hour that comes twice
        tick(moment + timedelta(minutes=minutes), hours=NEVER_QUIET)
        started.append(broadcast.events.filter(what="started").count())

    assert slot.due_at == moment
    assert started == [0] * 9 + [1] * 13
    assert slot.due_at.astimezone(ZoneInfo(zone)).date() == date.fromisoformat(day)


@pytest.mark.parametrize(("zone", "day", "wall", "utc"), CLOCKS[:2])
def test_a_single_broadcast_over_a_change_of_clocks_leaves_once(zone, day, wall, utc):
    """F19."""
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    broadcast = scheduled("eilmeldung", moment)

    for minutes in range(-60, 121, 30):
        tick(moment + timedelta(minutes=minutes))

    assert broadcast.events.filter(what="started").count() == 1


def test_an_alarm_is_raised_and_told_once_however_many_ticks_there_are():
    due = at("2026-11-24T09:00")
    scheduled("unternehmen", due)
    heard = []

    def tell(alarm, /, *, now):
        heard.append(alarm.kind)

    for minutes in range(5):
        tick(due + 3 * HOUR + timedelta(minutes=minutes))
        alarms.tell(alarms.Ways(mail=tell), now=due + 3 * HOUR + timedelta(minutes=minutes))

    assert heard == ["missed"]
