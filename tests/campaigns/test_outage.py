"""Webhooks while the database is away or busy: kept on disk, and nothing sent meanwhile."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db import connections as databases
from django.utils import timezone

from campaigns import connections, duties, echoes, failpoints, inbox, outage, sending, tasks
from campaigns.models import Delivery, Heartbeat, InboxEntry
from campaigns.spool import AFTERGLOW, DONE, DRAFT, UNREADABLE, Spool
from subscribers.models import Subscriber, SubscriberState
from tests.campaigns.doubts import web_listens
from tests.campaigns.outages import no_database
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW, AttemptFactory, BroadcastFactory, SubscriberFactory
from tests.subscribers.racing import at_the_same_time
from tests.swe_broadcast.witness import eventually

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

PHONE = "+4915155500001"
SHIFT = timedelta(seconds=30)
LATER = timedelta(days=3650)  # the clock of the web server is the real one


@pytest.fixture(autouse=True)
def spool(settings, tmp_path):
    """An empty folder, that does not exist yet."""
    settings.SPOOL_DIR = tmp_path / "spool"
    connections.forget()
    return connections.spool()


def files(spool):
    found = sorted(spool.folder.iterdir()) if spool.folder.exists() else []
    return [path for path in found if path.suffix != DONE]


def post_without_database(raw):
    with no_database():
        return post(raw).status_code


def drain(*, now=NOW):
    tools = {"desk": connections.desk(), "spool": connections.spool()}
    return outage.drain(**tools, clock=lambda: now, until=now + SHIFT)


def apply_all():
    later = NOW + LATER
    return inbox.apply_pending(desk=connections.desk(), clock=lambda: later, limit=100)


def state_of(subscriber):
    return Subscriber.objects.get(pk=subscriber.pk).state


def stop(text="STOP"):
    return body(message(PHONE, text=text))


def test_what_comes_is_kept_on_disk_sealed_and_for_the_owner_only(spool):
    assert post_without_database(body(message(PHONE, text="KANARIENVOGEL"))) == 200

    (file,) = files(spool)
    assert (file.stat().st_mode & 0o777, spool.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"KANARIENVOGEL" not in file.read_bytes()


def test_a_stop_counts_as_soon_as_the_database_is_back():
    subscriber = SubscriberFactory(phone=PHONE)
    post_without_database(stop())

    tasks.read_spool()

    assert state_of(subscriber) == SubscriberState.WITHDRAWN


def test_a_status_reaches_its_delivery(spool):
    attempt = AttemptFactory()
    post_without_database(body(status("delivered", token=attempt.token)))

    tasks.read_spool()
    apply_all()

    assert Delivery.objects.get().state == "delivered"
    assert files(spool) == []


def test_the_tick_rings_for_what_waits(spool):
    connections.broker().delete("inbound")
    post_without_database(stop())

    tasks.tick()

    rung = b"".join(connections.broker().lrange("inbound", 0, -1))
    assert b"campaigns.tasks.read_spool" in rung


def test_bodies_come_in_as_they_came():
    raws = [body(status(word)) for word in ("sent", "delivered", "read")]
    for raw in raws:
        post_without_database(raw)

    assert drain() == 3

    vault = connections.vault()
    stored = [vault.open_body(bytes(entry.body)) for entry in InboxEntry.objects.order_by("pk")]
    assert stored == raws


def test_a_shift_ends_and_the_next_one_goes_on():
    for word in ("sent", "delivered"):
        post_without_database(body(status(word)))
    clock = iter([NOW, NOW + SHIFT, NOW + SHIFT])

    tools = {"desk": connections.desk(), "spool": connections.spool()}
    assert outage.drain(**tools, clock=lambda: next(clock), until=NOW + SHIFT) == 1

    assert drain() == 1


def test_a_drain_that_died_before_the_file_went_is_repeated_without_effect(spool):
    subscriber = SubscriberFactory(phone=PHONE)
    post_without_database(stop())
    (file,) = files(spool)
    content = file.read_bytes()
    drain()
    file.write_bytes(content)

    drain()

    assert state_of(subscriber) == SubscriberState.WITHDRAWN
    assert InboxEntry.objects.get().state == InboxEntry.State.APPLIED
    assert files(spool) == []


def test_the_same_body_from_disk_and_from_meta_counts_once():
    raw = body(status("sent"))
    post_without_database(raw)
    post(raw)

    drain()

    assert InboxEntry.objects.count() == 1


def test_several_drains_at_once_store_each_body_once(spool):
    for _ in range(20):
        post_without_database(body(status("sent", token=AttemptFactory.build(delivery=None).token)))

    at_the_same_time(drain, drain, drain)
    drain()

    assert InboxEntry.objects.count() == 20
    assert files(spool) == []


def test_while_the_database_is_away_nothing_leaves_the_disk(spool):
    post_without_database(body(status("sent")))

    with no_database():
        duties.do(tasks.read_spool, now=timezone.now())

    assert len(files(spool)) == 1


def test_a_damaged_file_is_set_aside_and_keeps_holding_what_may_be_a_stop(spool):
    post_without_database(body(status("sent")))
    (damaged,) = files(spool)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    post_without_database(body(status("delivered")))

    drain()

    assert InboxEntry.objects.count() == 1
    assert [file.suffix for file in files(spool)] == [UNREADABLE]
    assert spool.is_waiting()


def test_a_draft_of_a_process_that_died_is_removed_after_an_hour(spool):
    post_without_database(body(status("sent")))
    (file,) = files(spool)
    draft = file.rename(file.with_name(file.name + DRAFT))

    drain()
    assert (files(spool), InboxEntry.objects.count()) == ([draft], 0)

    drain(now=NOW + LATER)
    assert files(spool) == []


def test_without_room_on_disk_meta_is_told_to_come_again(spool):
    spool.folder.write_bytes(b"where a folder should be")

    assert post_without_database(stop()) == 503


def test_a_server_whose_locks_are_taken_answers_all_the_same(spool):
    subscriber = SubscriberFactory(phone=PHONE)
    is_locked, is_over = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Subscriber.objects.select_for_update().get(pk=subscriber.pk)
            is_locked.set()
            is_over.wait(60)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_locked.wait(60)
    answer = post(stop()).status_code
    is_over.set()
    holder.join()

    assert answer == 200
    assert len(files(spool)) == 1
    assert not InboxEntry.objects.exists()
    drain()
    assert state_of(subscriber) == SubscriberState.WITHDRAWN


def test_a_worker_whose_connection_has_broken_works_on_at_the_next_task():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ours,) = cursor.fetchone()
    with databases["keys"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
    with pytest.raises(OperationalError):
        Heartbeat.objects.exists()

    assert tasks.beat.apply(kwargs={"name": "ops"}).successful()


def test_after_the_last_was_brought_in_it_goes_on_waiting_for_a_moment(spool):
    post_without_database(stop())
    now = timezone.now()
    drain(now=now)
    assert spool.is_waiting()

    drain(now=now + AFTERGLOW + timedelta(seconds=1))

    assert not spool.is_waiting()


def test_echoes_on_disk_may_belong_to_what_is_in_doubt():
    web_listens(at=NOW + timedelta(minutes=2))
    post_without_database(body(status("sent")))
    drain()

    def was_healthy(now):
        return echoes.inbox_was_healthy(since=NOW, now=now)

    assert Heartbeat.objects.get(name=echoes.SPOOLED).at == NOW
    assert not was_healthy(NOW + timedelta(seconds=60))
    apply_all()
    assert was_healthy(NOW + timedelta(seconds=61))


@pytest.fixture
def broadcast(templates):
    """A running broadcast to one person."""
    SubscriberFactory(phone=PHONE, tier="maxi")
    broadcast = BroadcastFactory(state="scheduled")
    sending.start(broadcast.pk, now=NOW)
    return broadcast


def pump(broadcast, sender):
    return sending.pump(broadcast.pk, sender=sender, until=NOW + SHIFT)


def test_while_anything_waits_nothing_is_armed(broadcast, sender, spool, simulator):
    sender = replace(sender, spool=spool)
    post_without_database(stop())

    assert pump(broadcast, sender) == 0

    assert Delivery.objects.get().attempts == 0
    assert simulator.ledger() == []


def test_a_stop_that_comes_between_arming_and_sending_is_never_followed_by_the_send(
    broadcast, sender, spool, simulator
):
    sender = replace(sender, spool=spool)

    def receive():
        eventually(lambda: Delivery.objects.get().state == "armed")
        outage.keep(stop(), vault=connections.vault(), spool=spool, now=NOW)

    with failpoints.at("after_arm_commit:pause:2"):
        at_the_same_time(lambda: pump(broadcast, sender), receive)
    drain()
    drain(now=NOW + LATER)
    later = NOW + timedelta(minutes=1)
    sending.pump(broadcast.pk, sender=replace(sender, clock=lambda: later), until=later + SHIFT)

    assert simulator.ledger() == []
    assert (Delivery.objects.get().state, Delivery.objects.get().reason) == ("skipped", "withdrawn")


def test_a_folder_that_cannot_be_read_holds_everything(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    assert Spool(tmp_path / "file").is_waiting()
