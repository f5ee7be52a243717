"""Alarms: raised once, told once by each way, gone with their cause."""

from datetime import timedelta

import pytest

from campaigns import alarms, lookout, series, stopping
from campaigns.alarms import NotTold, Ways
from campaigns.models import Alarm, Broadcast, BroadcastEvent, Heartbeat, InboxEntry
from campaigns.reasons import PauseReason, StopReason
from tests.factories import (
    NOW,
    AttemptFactory,
    BroadcastFactory,
    DeliveryFactory,
    SeriesFactory,
)

pytestmark = pytest.mark.django_db(databases="__all__")

Kind = Alarm.Kind
LATER = NOW + timedelta(minutes=10)


def still_open():
    return set(Alarm.objects.filter(cleared_at=None).values_list("kind", "subject"))


def kinds():
    return {kind for kind, _subject in still_open()}


class Someone:
    """Who is told; may be unreachable for the first so many times."""

    def __init__(self, *, unreachable=0):
        self.unreachable, self.heard = unreachable, []

    def __call__(self, alarm, /, *, now):
        if self.unreachable:
            self.unreachable -= 1
            raise NotTold
        self.heard.append(alarm.kind)


def test_an_alarm_is_open_once_however_often_it_is_raised():
    alarms.raise_(Kind.MISSED, "broadcast 1", now=NOW)
    alarms.raise_(Kind.MISSED, "broadcast 1", now=LATER)

    assert Alarm.objects.get().raised_at == NOW


def test_raising_one_closes_no_other():
    alarms.raise_(Kind.MISSED, "broadcast 1", now=NOW)
    alarms.raise_(Kind.MISSED, "broadcast 2", now=NOW)

    assert still_open() == {("missed", "broadcast 1"), ("missed", "broadcast 2")}


def test_an_alarm_that_is_gone_can_be_raised_again():
    alarms.raise_(Kind.STOPPED, now=NOW)
    alarms.clear(Kind.STOPPED, now=LATER)
    assert still_open() == set()

    alarms.raise_(Kind.STOPPED, now=LATER)

    assert still_open() == {("stopped", "")}
    assert Alarm.objects.count() == 2


def test_somebody_is_told_once():
    mail = Someone()
    alarms.raise_(Kind.STOPPED, now=NOW)

    alarms.tell(Ways(mail=mail), now=NOW)
    alarms.tell(Ways(mail=mail), now=LATER)

    assert mail.heard == ["stopped"]


def test_what_could_not_be_told_is_told_later_and_only_that_way():
    mail, post = Someone(), Someone(unreachable=2)
    alarms.raise_(Kind.STOPPED, now=NOW)

    for minutes in range(5):
        alarms.tell(Ways(mail=mail, post=post), now=NOW + timedelta(minutes=minutes))

    assert (mail.heard, post.heard) == (["stopped"], ["stopped"])


def test_a_way_that_does_not_work_is_not_tried_with_every_tick():
    post = Someone(unreachable=1)
    alarms.raise_(Kind.STOPPED, now=NOW)
    alarms.tell(Ways(post=post), now=NOW)

    alarms.tell(Ways(post=post), now=NOW + timedelta(seconds=14))
    assert post.heard == []
    alarms.tell(Ways(post=post), now=NOW + timedelta(seconds=15))

    assert post.heard == ["stopped"]


def test_nobody_is_told_of_what_is_already_gone():
    mail = Someone()
    alarms.raise_(Kind.STOPPED, now=NOW)
    alarms.clear(Kind.STOPPED, now=NOW)

    alarms.tell(Ways(mail=mail), now=LATER)

    assert mail.heard == []


def test_a_missed_broadcast_is_told_until_somebody_has_decided():
    broadcast = BroadcastFactory(state="missed")
    lookout.sweep(now=NOW)
    assert still_open() == {("missed", f"broadcast {broadcast.pk}")}

    Broadcast.objects.all().move("cancelled")
    lookout.sweep(now=LATER)

    assert still_open() == set()


@pytest.mark.parametrize(
    ("reason", "minutes", "is_told"),
    [
        (PauseReason.TEMPLATE, 5, True),
        (PauseReason.TEMPLATE, 4, False),
        (PauseReason.OPERATOR, 60, False),
        (PauseReason.QUIET_HOURS, 60, False),
        (PauseReason.LIMIT_REACHED, 60, False),
    ],
)
def test_a_pause_that_nobody_wanted_is_told_after_some_minutes(reason, minutes, is_told):
    broadcast = BroadcastFactory(state="sending")
    stopping.pause(broadcast.pk, reason, now=NOW)

    lookout.sweep(now=NOW + timedelta(minutes=minutes))

    assert (Kind.STANDS_STILL in kinds()) is is_told


@pytest.mark.parametrize(
    ("reason", "is_told"),
    [(StopReason.TOKEN, True), (StopReason.ACCOUNT, True), (StopReason.KILL_SWITCH, False)],
)
def test_a_stop_that_nobody_wanted_is_told_at_once(reason, is_told):
    stopping.stop_channel(reason, now=NOW)

    lookout.sweep(now=NOW)

    assert (Kind.STOPPED in kinds()) is is_told


@pytest.mark.parametrize(("strays", "is_told"), [(10, False), (11, True)])
def test_more_than_a_few_messages_that_we_do_not_know_are_told(strays, is_told):
    InboxEntry.objects.create(
        body_hash=b"1", received_at=NOW, not_before=NOW, state="applied", unmatched=strays
    )

    lookout.sweep(now=NOW + timedelta(days=1))

    assert (Kind.UNMATCHED in kinds()) is is_told


def test_what_was_too_late_for_some_is_told_for_a_day():
    broadcast = BroadcastFactory(state="sending")
    BroadcastEvent.objects.create(broadcast=broadcast, at=NOW, what="expired", facts={"n": 3})

    lookout.sweep(now=NOW)
    assert kinds() == {Kind.EXPIRED}
    lookout.sweep(now=NOW + timedelta(days=1))

    assert kinds() == set()


@pytest.mark.parametrize(("slug", "expected"), [("eilmeldung", {Kind.LATE}), ("neues", set())])
def test_an_urgent_broadcast_that_left_late_is_told(slug, expected):
    broadcast = BroadcastFactory(state="sending", slug=slug)
    BroadcastEvent.objects.create(broadcast=broadcast, at=NOW, what="started", facts={"late": 180})

    lookout.sweep(now=NOW)

    assert kinds() == expected


def test_an_empty_place_is_told_before_its_time_and_after_it():
    SeriesFactory()
    series.sweep(now=NOW)
    slot = series.empty().order_by("due_at").first()

    lookout.sweep(now=slot.due_at)
    assert still_open() == {("slot_empty", f"slot {slot.pk}")}
    series.sweep(now=slot.useful_until)
    lookout.sweep(now=slot.useful_until)

    assert still_open() == {("slot_missed", f"slot {slot.pk}")}


SOON = NOW + timedelta(minutes=5)


def test_a_broadcast_that_does_not_move_is_told_until_it_does():
    delivery = DeliveryFactory()
    subject = {("stuck", f"broadcast {delivery.broadcast_id}")}
    lookout.sweep(now=NOW + timedelta(minutes=4))
    assert still_open() == set()
    lookout.sweep(now=SOON)
    assert still_open() == subject

    AttemptFactory(delivery=delivery, armed_at=SOON)
    lookout.sweep(now=SOON)

    assert still_open() == set()


def test_nobody_is_told_that_nothing_moves_while_all_sending_is_stopped():
    DeliveryFactory()
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    lookout.sweep(now=SOON)
    assert still_open() == set()
    stopping.release_channel(now=SOON)
    lookout.sweep(now=SOON)

    assert still_open() == set()


def heard(**at):
    for name, when in at.items():
        Heartbeat.objects.update_or_create(name=name, defaults={"at": when})


def test_a_worker_that_is_silent_while_the_others_work_is_told_until_it_is_heard():
    heard(ops=NOW, inbound=NOW, send_bulk=NOW - timedelta(minutes=3))
    lookout.sweep(now=NOW)
    assert still_open() == {("silent", "worker send_bulk")}

    heard(send_bulk=LATER, inbound=LATER, ops=LATER)
    lookout.sweep(now=LATER)

    assert still_open() == set()


def test_after_a_night_without_power_no_worker_is_called_silent():
    heard(ops=NOW, inbound=NOW, send_bulk=NOW, send_urgent=NOW)

    lookout.sweep(now=NOW + timedelta(hours=9))

    assert still_open() == set()


@pytest.mark.usefixtures("english")
def test_the_alarm_of_a_stop_says_why_and_what_to_do():
    stopping.stop_channel(StopReason.TOKEN, now=NOW)
    lookout.sweep(now=NOW)

    assert alarms.words(Alarm.objects.get()) == (
        f"All sending is stopped. {StopReason.TOKEN.label} {StopReason.TOKEN.advice}"
    )
