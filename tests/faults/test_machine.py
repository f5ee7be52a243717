"""Every order of everything that Hypothesis finds, against the real database and a model of it.

The world is Meta's side, and honest in three ways only: an answer is true, whatever was taken is
reported, and one report overtakes another by less than a minute. Answers may be late or lost,
workers may die or freeze, and the webhook channel may be dead for as long as it likes.
"""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import seed as in_this_order
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns import (
    allowance,
    connections,
    doubt,
    reports,
    scheduling,
    sending,
    statuses,
    stopping,
    waves,
)
from campaigns.models import Broadcast, Category, Delivery
from campaigns.reasons import StopReason
from campaigns.refusals import NotPossible
from campaigns.sending.arm import LEASE, Halted, arm, claim, release
from campaigns.sending.record import Sent, record
from subscribers import consent
from subscribers.consent import Act
from tests.campaigns.doubts import web_listens
from tests.campaigns.webhooks import body, status
from tests.factories import BY_WORD, NOW, BroadcastFactory, SubscriberFactory, UserFactory
from tests.faults.model import FINAL, Desk, Person, Worker
from whatsapp import answers
from whatsapp.events import parse

PEOPLE = 3
OVERTAKING = timedelta(seconds=50)  # less than doubt.CALM: what the channel is trusted with
STEP = timedelta(seconds=30)  # between two ticks
WAITS = [timedelta(seconds=n) for n in (1, 30, 100, 240)]
ANSWERS = {
    "accepted": lambda post: answers.Accepted(wamid=str(post.armed.token)),
    "not sent": lambda post: answers.NotSent("refused"),
    "refused": lambda post: answers.RecipientRefused(131026),
    "nothing": lambda post: answers.InDoubt("timeout"),
}


class World(RuleBasedStateMachine):
    """Three people, one broadcast, any number of workers, a desk, and Meta."""

    colleagues: tuple  # who wrote the broadcast, and who approves it
    everybody: list  # the subscribers

    def __init__(self):
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.broadcast = Broadcast.objects.with_message().get()
        self.now = NOW
        self.desk = Desk()
        self.people = {}
        self.gone = set()  # subscribers who said STOP
        self.subscribers = list(self.everybody)
        self.workers, self.unanswered = [], []
        self.is_silent = self.is_killed = False
        self.limit = None
        web_listens(at=NOW + timedelta(days=1000))

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.close()

    # -- The desk --------------------------------------------------------------------------

    @precondition(lambda self: self.desk.state == "draft")
    @rule(limit=st.sampled_from([None, None, 1, 2]))
    def a_colleague_approves(self, limit):
        hours, (writer, approver) = connections.sending_hours(), self.colleagues
        seen = self.broadcast.message.content_hash()
        scheduling.submit(self.broadcast, by=writer, hours=hours, now=self.now, reason="Rohrbruch")
        scheduling.approve(self.broadcast, seen_hash=seen, by=approver, hours=hours, now=self.now)
        self.desk.do("submit")
        self.desk.do("approve")
        self.limit = limit
        if limit:
            allowance.note(limit, now=self.now)

    @precondition(lambda self: self.desk.state == "scheduled")
    @rule()
    def it_is_due(self):
        assert sending.start(self.broadcast.pk, now=self.now)
        assert not sending.start(self.broadcast.pk, now=self.now)
        self.desk.do("start")
        rows = Delivery.objects.values_list("pk", "subscriber")
        self.people = {pk: Person(pk, subscriber) for pk, subscriber in rows}
        assert {one.subscriber for one in self.people.values()} == set(self.subscribers)

    @precondition(lambda self: self.desk.state != "draft")
    @rule(verb=st.sampled_from(["pause", "resume", "resume", "cancel"]))
    def the_desk_decides(self, verb):
        try:
            getattr(scheduling, verb)(self.broadcast, by=None, now=self.now)
        except NotPossible:
            assert not self.desk.allows(verb)
        else:
            assert self.desk.allows(verb)
            self.desk.do(verb)

    @precondition(lambda self: self.people)
    @rule(is_killed=st.booleans())
    def the_kill_switch_is_turned(self, is_killed):
        self.is_killed = is_killed
        if is_killed:
            stopping.stop_channel(StopReason.KILL_SWITCH, now=self.now)
        else:
            stopping.release_channel(now=self.now)

    @precondition(lambda self: self.limit)
    @rule()
    def meta_lifts_the_limit(self):
        self.limit = None
        allowance.note(allowance.NO_LIMIT, now=self.now)

    @precondition(lambda self: self.among("in_doubt"))
    @rule(is_patient=st.booleans())
    def a_human_clears_up_the_doubts(self, is_patient):
        if is_patient:
            doubt.give_up(self.broadcast.pk)
            for person in self.among("in_doubt"):
                person.state = "unknown"
            return
        doubt.send_again(self.broadcast.pk, by="anna", now=self.now)
        for person in self.changed("in_doubt", "queued"):
            assert self.desk.state in ("sending", "pausing", "paused")
            assert self.now - person.posts[-1].at >= doubt.SHORTEST
            person.send_again()
            person.copies_wanted += 1

    # -- Workers ---------------------------------------------------------------------------

    @precondition(lambda self: self.people)
    @rule()
    def a_worker_claims(self):
        owner = f"worker {len(self.workers)}"
        if batch := claim(self.broadcast.pk, owner=owner, now=self.now):
            self.workers.append(Worker(batch, self.now + LEASE))

    @precondition(lambda self: self.present())
    @rule(data=st.data(), people=st.integers(1, PEOPLE), was_taken=st.booleans())
    def a_worker_arms_and_sends(self, data, people, was_taken):
        worker = data.draw(st.sampled_from(self.workers))
        may = worker.is_there and worker.lease > self.now and not self.is_killed
        try:
            vault = connections.vault()
            armed = arm(worker.batch, level=1, limit=people, vault=vault, now=self.now)
        except Halted:
            assert not (may and self.desk.state == "sending")
            return
        assert (may, self.desk.state) == (True, "sending")
        for one in armed or []:
            person = self.people[one.delivery_id]
            assert (person.state, person.subscriber in self.gone) == ("queued", False)
            worker.posts.append(person.arm(one, now=self.now, was_taken=was_taken))
            self.unanswered.append(worker.posts[-1])
        for person in self.changed("queued", "skipped"):
            assert person.subscriber in self.gone
            person.state = "skipped"

    @precondition(lambda self: self.present())
    @rule(data=st.data())
    def a_worker_ends(self, data):
        """It gives its batch back if it has all its answers; else it dies, and the lease ends."""
        worker = data.draw(st.sampled_from(self.present()))
        if any(post in self.unanswered for post in worker.posts):
            self.let_pass(LEASE + STEP)
        else:
            release(worker.batch)
            worker.is_there = False

    @precondition(lambda self: self.unanswered)
    @rule(data=st.data())
    def an_answer_comes_early_or_late(self, data):
        post = self.unanswered.pop(data.draw(st.integers(0, len(self.unanswered) - 1)))
        truth = ["accepted"] if post.was_taken else ["not sent", "refused"]
        kind = data.draw(st.sampled_from([*truth, "nothing"]))
        (worker,) = (one for one in self.workers if post in one.posts)
        sent = [Sent(post.armed, ANSWERS[kind](post))]
        record(worker.batch, sent, vault=connections.vault(), now=self.now)
        post.person.answered(post, kind)

    # -- WhatsApp, the people, the time ----------------------------------------------------

    @precondition(lambda self: not self.is_silent and self.to_be_reported())
    @rule(data=st.data(), word=st.sampled_from(["sent", "delivered", "read", "failed"]))
    def an_echo_comes(self, data, word):
        self.report(data.draw(st.sampled_from(self.to_be_reported())), word)

    @precondition(lambda self: any(post.reported for post in self.posts()))
    @rule(data=st.data())
    def an_echo_comes_again(self, data):
        post = data.draw(st.sampled_from([post for post in self.posts() if post.reported]))
        self.report(post, data.draw(st.sampled_from(sorted(post.reported))))

    @precondition(lambda self: self.people)
    @rule(is_silent=st.booleans())
    def the_channel_falls_silent_or_speaks(self, is_silent):
        self.is_silent = is_silent

    @precondition(lambda self: len(self.subscribers) > (not self.people))
    @rule(data=st.data())
    def somebody_says_stop(self, data):
        subscriber = self.subscribers.pop(data.draw(st.integers(0, len(self.subscribers) - 1)))
        consent.withdraw(subscriber, act=Act(by=BY_WORD, at=self.now), now=self.now)
        self.gone.add(subscriber)

    @precondition(lambda self: self.people)
    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait):
        self.let_pass(wait)

    def let_pass(self, wait):
        end = self.now + wait
        while self.now < end:
            self.now = min(end, self.now + STEP)
            for post in self.to_be_reported():
                if post.overtaken_at and self.now >= post.overtaken_at + OVERTAKING:
                    self.report(post, "sent")
            self.tick()

    def tick(self):
        doubt.sweep(now=self.now)
        for person in self.changed("in_doubt", "queued"):
            assert self.desk.state == "sending"
            assert not person.second_attempts
            assert not person.is_owed_a_report  # else an echo might still come: no proof
            person.send_again()
        sending.sweep(now=self.now)
        for worker in self.present():
            if worker.lease < self.now:
                worker.is_relieved()
        if self.people:
            self.desk.tick(self.people.values())
        waves.release(hours=connections.sending_hours(), now=self.now)

    def report(self, post, word):
        told = parse(body(status(word, token=post.armed.token, codes=[131026]))).events
        statuses.apply(told, vault=connections.vault(), now=self.now)
        post.person.reported(post, word)
        for earlier in self.posts():
            if earlier.at < post.at and earlier.overtaken_at is None:
                earlier.overtaken_at = self.now

    # -- What must be true after each of them ----------------------------------------------

    @invariant()
    def nobody_gets_it_twice_because_of_us(self):
        assert all(one.copies <= one.copies_wanted for one in self.people.values())

    @invariant()
    def everybody_is_where_the_model_says(self):
        assert self.rows() == {pk: person.state for pk, person in self.people.items()}

    @invariant()
    def the_broadcast_is_where_the_model_says(self):
        self.broadcast.refresh_from_db(fields=["state"])
        assert self.broadcast.state == self.desk.state
        if self.desk.state == "done":
            assert {person.state for person in self.people.values()} <= FINAL

    @invariant()
    def it_always_adds_up(self):
        if self.people:
            assert reports.balance(self.broadcast.pk).adds_up
            assert reports.tally_is_right(self.broadcast.pk)

    @invariant()
    def no_more_people_are_written_to_than_the_limit_allows(self):
        reached = [person for person in self.people.values() if person.posts]
        assert not self.limit or len(reached) <= self.limit

    def rows(self):
        return dict(Delivery.objects.values_list("pk", "state"))

    def among(self, state):
        return [person for person in self.people.values() if person.state == state]

    def changed(self, state, to):
        """Whom the engine has just moved so."""
        moved = [pk for pk, now in self.rows().items() if now == to]
        return [person for person in self.among(state) if person.pk in moved]

    def present(self):
        return [worker for worker in self.workers if worker.is_there]

    def posts(self):
        return [post for person in self.people.values() for post in person.posts]

    def to_be_reported(self):
        return [post for post in self.posts() if post.was_taken and not post.reported]


@pytest.fixture
def world(approved_templates):
    """What every example begins with; what it does to it is undone."""
    Category.objects.update(doubt="at_least_once", lane="send_urgent", useful_for=timedelta(days=9))
    draft = BroadcastFactory(slug="eilmeldung")
    subscribers = [one.pk for one in SubscriberFactory.create_batch(PEOPLE)]
    colleagues = (draft.message.created_by, UserFactory(group="Freigabe"))
    return {"colleagues": colleagues, "everybody": subscribers}


@pytest.mark.parametrize(
    ("examples", "steps"),
    [(8, 25), pytest.param(25, 30, marks=pytest.mark.thorough)],
    ids=["few examples", "many examples"],
)
@pytest.mark.django_db(databases="__all__")
def test_whatever_comes_in_whatever_order_the_rows_do_what_the_model_predicts(
    world, seed, examples, steps
):
    run_state_machine_as_test(
        in_this_order(seed)(type("SeededWorld", (World,), world)),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
