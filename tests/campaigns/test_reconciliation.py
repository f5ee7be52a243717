"""After a restore: nobody gets it twice, no STOP is forgotten, and nothing is hidden."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from campaigns import doubt, replies, restore, watch
from campaigns import resting as rests
from campaigns.models import Attempt, Broadcast, Delivery, Doubt, Reply
from campaigns.reasons import RESUMES_ALONE, PauseReason, StopReason
from campaigns.sending import start
from campaigns.sending.arm import arm, claim
from campaigns.states import BroadcastState, DeliveryState
from subscribers import consent
from subscribers.models import ConsentEvent, Rest, Subscriber, SubscriberState, Tier
from subscribers.wording import Say
from tests.campaigns.backups import (
    ACT,
    SOON,
    copies,
    due,
    look,
    people,
    put_back,
    reason,
    release,
    resume,
    send,
    states,
)
from tests.campaigns.console import facts, refused, words
from tests.campaigns.desk import HOURS
from tests.factories import (
    NOW,
    BroadcastFactory,
    DeliveryFactory,
    SubscriberFactory,
    UserFactory,
)

__all__ = ["people", "put_back"]

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("people", "templates"),
]


def test_who_has_got_it_gets_no_second_one_and_the_others_get_theirs(
    own_journal, put_back, sender, simulator
):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    some = Delivery.objects.order_by("pk")[:2].values_list("pk", flat=True)
    with put_back():
        others = Delivery.objects.exclude(pk__in=list(some))
        others.move(DeliveryState.SKIPPED, reason="cancelled")
        send(broadcast, sender)
    assert copies(simulator) == [1, 1]

    report = release(own_journal)
    send(broadcast, sender)
    assert copies(simulator) == [1, 1]  # it stands still until somebody has looked
    resume(broadcast)
    send(broadcast, sender)

    assert (report.sends_restored, report.broadcasts_paused) == (2, [broadcast.pk])
    assert report.is_complete
    assert copies(simulator) == [1] * 5
    assert states() == ["accepted"] * 3 + ["in_doubt"] * 2
    assert restore.is_sound(own_journal, now=SOON)


@pytest.mark.parametrize("reason", RESUMES_ALONE)
def test_what_rests_by_itself_waits_for_somebody_after_a_restore(own_journal, put_back, reason):
    resting = DeliveryFactory(
        broadcast__state=BroadcastState.PAUSED, broadcast__pause_reason=reason
    ).broadcast
    stopped = BroadcastFactory(state=BroadcastState.PAUSED)
    with put_back():
        consent.withdraw(Subscriber.objects.first().pk, act=ACT, now=NOW)

    report = release(own_journal)
    resting_ended_at = NOW + timedelta(days=1)
    watch.sweep(now=resting_ended_at)
    rests.sweep(hours=HOURS, now=resting_ended_at)

    resting.refresh_from_db()
    stopped.refresh_from_db()
    assert report.broadcasts_paused == [resting.pk]
    assert (resting.state, resting.pause_reason) == ("paused", PauseReason.RESTORED)
    assert stopped.pause_reason == PauseReason.OPERATOR


def test_looking_changes_nothing(own_journal, put_back, sender, people):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    with put_back():
        consent.withdraw(people[0].pk, act=ACT, now=NOW)
        send(broadcast, sender)

    report = look(own_journal)

    assert (report.sends_restored, report.withdrawals_restored) == (4, 1)
    assert (report.is_held, report.broadcasts_paused) == (True, [broadcast.pk])
    assert reason() == StopReason.RESTORE_HOLD
    assert states() == ["queued"] * 5
    assert not ConsentEvent.objects.filter(kind="withdrawn").exists()


def test_what_was_sent_since_is_shown_as_unclear_and_never_repeated_by_itself(
    own_journal, put_back, sender
):
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED, message__slug="eilmeldung")
    Broadcast.objects.update(expires_at=NOW + timedelta(days=2))
    start(broadcast.pk, now=NOW)
    with put_back():
        send(broadcast, sender)
    release(own_journal)
    resume(broadcast)

    for minutes in (10, 60, 61, 62):
        doubt.sweep(now=NOW + timedelta(minutes=minutes))

    assert states() == ["in_doubt"] * 5
    assert Attempt.objects.count() == 5
    assert set(Doubt.objects.values_list("resends", "armed_at")) == {(1, NOW)}


def test_what_was_on_the_wire_when_the_backup_was_made_is_not_repeated_either(
    own_journal, put_back, vault
):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    arm(claim(broadcast.pk, owner="lost", now=NOW), level=1, limit=2, vault=vault, now=NOW)
    with put_back():
        SubscriberFactory(joined_at=NOW)  # something that the backup does not know

    release(own_journal)

    assert states() == ["in_doubt"] * 2 + ["queued"] * 3
    assert set(Doubt.objects.values_list("resends", flat=True)) == {1}


def test_a_stop_that_the_backup_has_forgotten_counts(own_journal, put_back, people):
    with put_back():
        consent.withdraw(people[0].pk, act=ACT, now=NOW)
    assert Subscriber.objects.get(pk=people[0].pk).state == SubscriberState.ACTIVE
    assert not restore.is_sound(own_journal, now=NOW)

    report = release(own_journal)

    event = ConsentEvent.objects.get(kind="withdrawn")
    assert (event.subscriber_id, event.act, event.happened_at) == (people[0].pk, ACT.by, NOW)
    assert (report.withdrawals_restored, reason()) == (1, "")


def test_a_change_of_tier_that_the_backup_has_forgotten_counts(own_journal, put_back, people):
    with put_back():
        consent.give(people[0].pk, tier=Tier.objects.get(slug="mini"), act=ACT, now=NOW)

    report = release(own_journal)

    assert Subscriber.objects.get(pk=people[0].pk).tier_id == "mini"
    assert (report.tier_changes_restored, report.is_complete) == (1, True)


def test_a_pause_that_the_backup_has_forgotten_counts_to_its_end(own_journal, put_back, people):
    until = NOW + timedelta(days=28)
    with put_back():
        consent.pause(people[0].pk, why=Rest.OWN, until=until, act=ACT, now=NOW)

    report = release(own_journal)

    person = Subscriber.objects.get(pk=people[0].pk)
    assert (person.state, person.until) == ("paused", until)
    assert (report.rests_restored, report.is_complete) == (1, True)


def test_a_consent_that_is_lost_is_never_made_up_but_reported(own_journal, put_back):
    with put_back():
        SubscriberFactory(joined_at=NOW)

    report = release(own_journal)

    assert (report.consents_lost, report.is_complete) == (1, False)
    assert Subscriber.objects.count() == 5


def test_who_agreed_and_left_after_the_backup_is_no_loss(own_journal, put_back):
    with put_back():
        stranger = SubscriberFactory(joined_at=NOW)
        consent.withdraw(stranger.pk, act=replace(ACT, at=SOON), now=SOON)

    assert look(own_journal).is_complete


def test_what_was_started_after_the_backup_is_never_started_again(
    own_journal, put_back, sender, simulator
):
    broadcast = due()
    with put_back():
        start(broadcast.pk, now=NOW)
        send(broadcast, sender)

    report = release(own_journal)

    broadcast.refresh_from_db()
    assert (broadcast.state, report.is_complete) == (BroadcastState.CANCELLED, False)
    assert report.broadcasts_lost == {broadcast.pk: 5}
    assert broadcast.events.get().facts == {"reason": "restored"}


def test_a_broadcast_that_is_gone_leaves_its_id_to_nobody(own_journal, put_back, sender):
    with put_back():
        gone = due()
        start(gone.pk, now=NOW)
        send(gone, sender)

    release(own_journal)

    assert BroadcastFactory().pk > gone.pk


def test_a_release_that_died_half_way_is_done_again(own_journal, put_back, sender, monkeypatch):
    broadcast = due()
    start(broadcast.pk, now=NOW)
    with put_back():
        send(broadcast, sender)
    generation = own_journal.generation()

    first = release(own_journal)
    own_journal.set_generation(generation)  # as if it had died before this was changed
    assert not restore.is_sound(own_journal, now=SOON)
    second = release(own_journal)

    assert (first.sends_restored, second.sends_restored) == (5, 0)
    assert restore.is_sound(own_journal, now=SOON)


def test_replies_from_before_the_backup_are_not_said_again(own_journal, put_back, people, sender):
    replies.queue(people[0], [Say(purpose="help", text="Hallo")], now=NOW)
    with put_back():
        consent.withdraw(people[0].pk, act=ACT, now=NOW)
    restore.is_sound(own_journal, now=SOON)
    replies.queue(people[1], [Say(purpose="help", text="Hallo")], now=SOON)

    release(own_journal)

    assert list(Reply.objects.order_by("pk").values_list("state", flat=True)) == [
        "skipped",
        "queued",
    ]


def test_the_command_looks_and_releases_in_the_name_of_a_user(own_journal, put_back):
    user = UserFactory(group="IT")
    with put_back():
        SubscriberFactory(joined_at=NOW)
    restore.is_sound(own_journal, now=NOW)

    looked = facts("reconcile")
    assert reason() == StopReason.RESTORE_HOLD
    released = facts("reconcile", "--release", "--as", user.username)

    assert (looked["is_held"], looked["is_released"], looked["consents_lost"]) == (True, False, 1)
    assert (released["is_released"], reason()) == (True, "")
    entry = LogEntry.objects.get()
    assert entry.user == user
    assert '"consents_lost": 1' in entry.change_message


def test_the_command_tells_in_words_what_to_do_next(own_journal, put_back):
    with put_back():
        SubscriberFactory(joined_at=NOW)

    assert "To go on: reconcile --release --as USER" in words("reconcile")


def test_nobody_releases_without_a_name():
    refused("reconcile", "--release", because="add --as USER")


def test_a_journal_that_cannot_be_read_is_said_plainly(own_journal):
    shutil.rmtree(own_journal.folder)
    own_journal.folder.write_bytes(b"where a folder should be")

    refused("reconcile", because="The journal cannot be read: Not a directory")
