"""Threads, real commits, and the promises that must hold whoever comes first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db import connections as databases

from campaigns import batches, reports, sending, statuses, stopping
from campaigns.models import Attempt, Batch, BroadcastEvent, Delivery
from campaigns.reasons import StopReason
from campaigns.sending.arm import arm, claim
from campaigns.states import BroadcastState
from subscribers import consent
from subscribers.consent import Act
from subscribers.models import ConsentEvent, Subscriber
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW, BroadcastFactory, DeliveryFactory, SubscriberFactory
from whatsapp.events import parse

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

SOON = NOW + timedelta(seconds=30)


def at_once(*jobs):
    """Run functions side by side, from the same moment on; return their results."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        try:
            barrier.wait()
            return job()
        finally:
            databases.close_all()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def test_a_stop_that_we_acknowledged_is_never_followed_by_a_send(vault):
    phones = {SubscriberFactory(phone=f"+49151777{n:05d}").pk: n for n in range(60)}
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)
    for subscriber in Subscriber.objects.order_by("?"):
        DeliveryFactory(broadcast=broadcast, subscriber=subscriber)
    batch = claim(broadcast.pk, owner="me", now=NOW)
    acknowledged, betrayed = set(), set()

    def say_stop():
        for pk, n in phones.items():
            assert post(body(message(f"+49151777{n:05d}", text="STOP"))).status_code == 200
            acknowledged.add(pk)

    def arm_all():
        armed = []
        while armed is not None:
            before = set(acknowledged)
            armed = arm(batch, level=1, limit=2, vault=vault, now=NOW)
            ids = [one.delivery_id for one in armed or []]
            sent_to = Delivery.objects.filter(pk__in=ids).values_list("subscriber", flat=True)
            betrayed.update(before & set(sent_to))

    at_once(say_stop, arm_all)

    assert len(acknowledged) == 60
    assert not betrayed
    assert Delivery.objects.filter(state="skipped", reason="withdrawn").exists()


def test_a_broadcast_started_by_many_is_started_once(approved_templates):
    SubscriberFactory.create_batch(10)
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)

    started = at_once(*[lambda: sending.start(broadcast.pk, now=NOW)] * 4)

    assert sorted(started) == [False, False, False, True]
    assert reports.balance(broadcast.pk).as_dict()["open"] == 10


def test_many_pumps_send_to_nobody_twice(templates, sender, simulator):
    SubscriberFactory.create_batch(40)
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)
    sending.start(broadcast.pk, now=NOW)
    _split_into_batches_of(5, broadcast)

    def pump(name):
        return sending.pump(broadcast.pk, sender=replace(sender, name=name), until=SOON)

    counts = at_once(*[lambda n=n: pump(f"worker {n}") for n in range(4)])

    assert sum(counts) == 40
    assert set(simulator.ledger_counts()["by_phone"].values()) == {1}
    assert reports.balance(broadcast.pk).accepted == 40


def test_news_stops_and_arming_do_not_lock_each_other_out(vault):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)
    deliveries = DeliveryFactory.create_batch(40, broadcast=broadcast)
    batch = claim(broadcast.pk, owner="me", now=NOW)
    act = Act(by=ConsentEvent.Act.META, at=NOW)

    def arm_all():
        while arm(batch, level=1, limit=3, vault=vault, now=NOW) is not None:
            pass

    def withdraw_all():
        for one in deliveries:
            consent.withdraw(one.subscriber_id, act=act, now=NOW)

    def hear_all():
        for word in ("failed", "sent", "delivered"):
            for attempt in Attempt.objects.order_by("?"):
                told = parse(body(status(word, token=attempt.token, codes=[131050]))).events
                statuses.apply(told, vault=vault, now=NOW)

    at_once(arm_all, withdraw_all, hear_all, hear_all)

    assert reports.tally_is_right(broadcast.pk)
    assert not Delivery.objects.filter(state="queued").exists()


def test_the_first_two_messages_of_a_stranger_make_one_subscriber():
    said = [body(message("+4915177799999", text=words)) for words in ("Hallo", "START", "hi", "?")]

    answers = at_once(*[lambda raw=raw: post(raw).status_code for raw in said])

    assert set(answers) == {200}
    assert Subscriber.objects.count() == 1


def _split_into_batches_of(size, broadcast):
    """Turn the one batch of a small broadcast into several."""
    Batch.objects.all().delete()
    ids = sorted(Delivery.objects.values_list("pk", flat=True))
    for number, first in enumerate(range(0, len(ids), size)):
        chunk = ids[first : first + size]
        Delivery.objects.filter(pk__in=chunk).update(batch_number=number)
        Batch.objects.create(
            broadcast=broadcast,
            number=number,
            first_id=chunk[0],
            last_id=chunk[-1],
            not_before=NOW,
        )


def test_all_sending_is_stopped_without_waiting_for_who_puts_something_back_into_the_queue():
    delivery = DeliveryFactory(state="armed")

    def stop_or_give_up():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    with transaction.atomic():
        batches.queue_again(delivery.broadcast_id, [delivery.pk], not_before=NOW)
        at_once(stop_or_give_up)

    assert BroadcastEvent.objects.get().facts == {"reason": "kill_switch"}
