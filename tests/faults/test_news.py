"""What WhatsApp says: too early, too late, twice, in any order, broken, forged, or never."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from campaigns import doubt, sending, stopping
from campaigns.models import Delivery, InboxEntry, Reply, SeenMessage
from campaigns.reasons import PauseReason
from subscribers.models import ConsentEvent, Subscriber, SubscriberState
from tests.campaigns.test_races import at_once
from tests.campaigns.webhooks import body, message, post, status
from tests.faults import invariants
from tests.subscribers.racing import wait_until_blocked

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def memory():
    """Everything that news may change."""
    return (
        sorted(Delivery.objects.values_list("pk", "state", "reason")),
        sorted(Subscriber.objects.values_list("pk", "state", "tier")),
        ConsentEvent.objects.count(),
        Reply.objects.count(),
        InboxEntry.objects.count(),
        SeenMessage.objects.count(),
    )


def test_news_that_comes_before_the_answer_is_matched_by_its_token(town):
    """F07."""
    town.start(people=10)

    def listen_first():  # between the answer and its row, too
        town.hear()
        return town.now

    town.sender = replace(town.sender, clock=listen_first)
    town.pump()
    assert town.states()["delivered"] == 10
    town.settle()

    assert town.states()["delivered"] == 10
    invariants.check(town)


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_repeated_and_shuffled_news_end_where_orderly_news_do(town, size):
    """F08."""
    town.weather(
        webhook_batch_size=size,
        webhook_batch_seconds=0.05,
        webhook_duplicate_share=0.5,
        webhook_duplicates=4,
        webhook_reorder_share=0.3,
        webhook_reorder_delay=[0.0, 0.1],
        expiry_share=0.2,
        delivered_after_failed_share=0.2,
    )
    town.start(people=8)
    town.pump()

    town.hear(copies=3, shuffle=True)
    town.settle()

    best = {
        entry["token"]: max(RANK[told["status"]] for told in entry["statuses"])
        for entry in town.ledger()
    }
    ours = Delivery.objects.values_list("attempt__token", "state")
    assert {str(token): RANK[state] for token, state in ours} == best
    invariants.check(town)


RANK = {"sent": 1, "failed": 2, "delivered": 3}


def test_news_in_one_body_end_with_the_best_of_them(town):
    """F08, the part that no dice decide."""
    town.start(people=3)
    town.pump()
    tokens = [entry["token"] for entry in town.ledger()]
    words = ("sent", "delivered", "failed")

    post(body(*[status(word, token=token) for token in tokens for word in words]))
    town.apply()

    assert town.states()["delivered"] == 3
    invariants.check(town)


def test_a_replay_of_everything_a_day_later_changes_nothing(town):
    """F09."""
    town.start(people=6)
    town.say_stop(min(town.phones))
    town.pump()
    news = [*town.news(), body(message("+4915199999999", text="START", wamid="wamid.NEW"))]
    for raw in news:
        post(raw)
    town.apply()
    before = memory()

    for raw in news:
        assert post(raw).status_code == 200
    town.apply()

    assert memory() == before
    town.settle()
    invariants.check(town)


def test_an_old_start_in_a_new_body_does_not_undo_a_stop(town):
    """F09: Meta may pack an element anew when it sends it again."""
    town.start(people=3)
    phone = min(town.phones)
    old = message(phone, text="START", wamid="wamid.OLD", at=town.now - timedelta(hours=1))
    question = message(phone, text="HILFE", wamid="wamid.QUESTION")
    post(body(old, question))
    town.say_stop(phone)
    replies = Reply.objects.count()

    post(body(question, old))

    person = Subscriber.objects.get(pk=town.phones[phone])
    assert (person.state, Reply.objects.count()) == (SubscriberState.WITHDRAWN, replies)
    town.settle()
    invariants.check(town)


def test_news_that_are_lost_for_ever_leave_accepted_accepted_and_doubt_in_doubt(town):
    """F05, for a category that rather forgets somebody than doubles."""
    town.weather(status_loss_share=0.5)
    town.simulator.add_fault("reset", accept=True, share=0.5)
    town.start(people=20)

    town.settle()

    assert town.states()["accepted"] + town.states()["in_doubt"] == 20
    invariants.check(town)
    a_day_later = town.broadcast.expires_at + timedelta(hours=25)
    doubt.sweep(now=a_day_later)
    sending.sweep(now=a_day_later)
    assert town.state() == "done"
    invariants.check(town)


def test_nothing_is_sent_again_while_the_webhook_is_silent_and_all_clears_up_after(town):
    """F06, as far as there are no automatic second attempts."""
    town.simulator.pause_webhook()
    town.simulator.add_fault("reset", accept=True, next=4)
    town.start(people=10)
    town.pump()
    for _ in range(5):
        town.sweep(after=timedelta(minutes=4))
        town.pump()
    assert town.states()["in_doubt"] == 4

    town.simulator.resume_webhook()
    town.settle()

    assert town.states()["delivered"] == 10
    invariants.check(town)


def test_slow_application_of_news_doubles_nobody(town):
    """F04: two pumps and the sweep are always ahead of the inbox."""
    town.simulator.add_fault("hang", accept=True, share=0.3, seconds=0.1)
    town.start(people=20, batches=4)
    for number in range(3):
        town.pump(f"worker {number}")
        town.sweep()
    town.hear()

    town.settle()

    assert town.states()["delivered"] == 20
    invariants.check(town)


def test_a_lock_on_the_deliveries_keeps_no_webhook_from_its_answer(town):
    """F14."""
    town.start(people=5)
    town.pump()
    news = town.news()
    locked, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Delivery.objects.lock(list(Delivery.objects.values_list("pk", flat=True)))
            locked.set()
            assert done.wait(30)

    def come_in():
        try:
            assert locked.wait(30)
            assert {post(raw).status_code for raw in news} == {200}
            town.say_stop(min(town.phones))
        finally:
            done.set()

    at_once(hold, come_in)
    town.apply()
    town.settle()

    assert town.states()["delivered"] == 5
    invariants.check(town)


def test_an_application_that_waits_for_a_lock_keeps_no_webhook_from_its_answer(town):
    """F14: neither new ones, nor the very body that is being applied, nor a STOP."""
    town.start(people=5)
    town.pump()
    news = town.news()
    unheard = [raw + b" " for raw in news]  # other bytes, so another body
    assert {post(raw).status_code for raw in news} == {200}

    with transaction.atomic():
        Delivery.objects.lock(list(Delivery.objects.values_list("pk", flat=True)))
        worker = threading.Thread(target=at_once, args=(town.apply,))
        worker.start()
        wait_until_blocked()
        answers = at_once(lambda: {post(raw).status_code for raw in [*news, *unheard]})
        at_once(lambda: town.say_stop(min(town.phones)))
        assert worker.is_alive()
    worker.join()

    assert answers == [{200}]
    town.settle()
    assert town.states()["delivered"] == 5
    invariants.check(town)


def test_forged_and_malformed_bodies_change_nothing(town):
    """F32, the part about content."""
    town.start(people=5)
    town.pump()
    phone = min(town.phones)
    before = memory()

    answers = [
        post(body(message(phone, text="STOP")), secret="not ours").status_code,
        post(body(message(phone, text="STOP")), header="").status_code,
        *(post(raw, secret="not ours").status_code for raw in town.news()),
    ]

    assert set(answers) == {403}
    assert memory() == before
    town.heard = 0
    town.settle()
    assert town.states()["delivered"] == 5
    invariants.check(town)


@pytest.mark.thorough
def test_many_webhooks_during_the_run_are_all_taken(town):
    """F32, as much as one machine can say: how fast is not a test's business."""
    town.start(people=30, batches=5)
    strangers = [message(f"+4916099{n:06d}", text="Hallo") for n in range(100)]

    def knock(part):
        return {post(body(one)).status_code for one in strangers[part::4]}

    answers = at_once(town.pump, *[lambda part=part: knock(part) for part in range(4)])

    assert answers[1:] == [{200}] * 4
    town.settle()
    invariants.check(town)


def test_an_echo_takes_back_a_second_attempt_that_is_only_planned(town):
    """2.6: what was queued again and turns out to have arrived is not sent again."""
    town.simulator.add_fault("refuse", code=131000, http=400, next=1)
    town.start(people=1)
    town.pump()
    token = Delivery.objects.values_list("attempt__token", flat=True).get()

    stopping.pause(town.broadcast.pk, PauseReason.OPERATOR, now=town.now)
    post(body(status("delivered", token=token)))
    town.apply()

    assert Delivery.objects.get().state == "delivered"
    assert invariants.i1_nobody_gets_it_twice(town) == {}
