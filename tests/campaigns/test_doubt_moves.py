"""Every order of arming, answers, crashes, echoes, sweeps and re-sends that Hypothesis finds.

The world is Meta's side of it, and honest in three ways only: an answer is true, whatever was
taken is reported, and one report overtakes another by less than a minute. Answers may be late or
lost, workers may die or freeze, and the webhook channel may be dead for as long as it likes.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns import connections, doubt, reports, sending, statuses
from campaigns.models import Batch, Delivery
from campaigns.sending.arm import LEASE, Armed, arm, claim, release
from campaigns.sending.record import Sent, record
from tests.campaigns.doubts import urgent
from tests.campaigns.webhooks import body, status
from tests.factories import NOW, DeliveryFactory
from whatsapp import answers
from whatsapp.events import parse

PEOPLE = 3
OVERTAKING = timedelta(seconds=50)  # less than doubt.CALM: what the channel is trusted with
STEP = timedelta(seconds=30)  # between two ticks
WAITS = [timedelta(seconds=n) for n in (1, 30, 240)]


@dataclass
class Post:
    """One attempt as Meta knows it."""

    armed: Armed
    batch: Batch
    at: datetime
    was_taken: bool
    is_reported: bool = False
    overtaken_at: datetime | None = None  # when something that was armed later was reported


class World(RuleBasedStateMachine):
    """Three people, one broadcast, any number of workers, and Meta."""

    def __init__(self):
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.broadcast = urgent()
        DeliveryFactory.create_batch(PEOPLE, broadcast=self.broadcast)
        self.now = NOW
        self.is_silent = False
        self.posts: list[Post] = []
        self.unanswered: list[Post] = []
        self.wanted_twice: Counter[int] = Counter()  # by a human

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.close()

    @rule(people=st.integers(1, PEOPLE), was_taken=st.booleans(), is_killed=st.booleans())
    def some_are_armed_and_leave(self, people, was_taken, is_killed):
        batch = claim(self.broadcast.pk, owner=f"worker {len(self.posts)}", now=self.now)
        if batch is None:
            return
        armed = arm(batch, level=1, limit=people, vault=connections.vault(), now=self.now)
        posts = [Post(one, batch, self.now, was_taken=was_taken) for one in armed or []]
        self.posts += posts
        if is_killed:
            self.let_pass(LEASE + STEP)
        else:
            self.unanswered += posts
            release(batch)

    @precondition(lambda self: self.unanswered)
    @rule(data=st.data())
    def an_answer_comes_early_or_late(self, data):
        post = self.unanswered.pop(data.draw(st.integers(0, len(self.unanswered) - 1)))
        truth = (
            [answers.Accepted(wamid=str(post.armed.token))]
            if post.was_taken
            else [answers.NotSent("refused"), answers.TryAgain(131000)]
        )
        outcome = data.draw(st.sampled_from([*truth, answers.InDoubt("timeout")]))
        sent = [Sent(post.armed, outcome)]
        record(post.batch, sent, vault=connections.vault(), now=self.now)

    @precondition(lambda self: not self.is_silent and self.to_be_reported())
    @rule(data=st.data(), word=st.sampled_from(["sent", "delivered", "read"]))
    def an_echo_comes(self, data, word):
        self.report(data.draw(st.sampled_from(self.to_be_reported())), word)

    @precondition(lambda self: any(post.is_reported for post in self.posts))
    @rule(data=st.data())
    def an_echo_comes_again(self, data):
        self.report(data.draw(st.sampled_from([post for post in self.posts if post.is_reported])))

    @rule(is_silent=st.booleans())
    def the_channel_falls_silent_or_speaks(self, is_silent):
        self.is_silent = is_silent

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait):
        self.let_pass(wait)

    def let_pass(self, wait):
        end = self.now + wait
        while self.now < end:
            self.now = min(end, self.now + STEP)
            for post in self.to_be_reported():
                if post.overtaken_at and self.now >= post.overtaken_at + OVERTAKING:
                    self.report(post)
            self.tick()

    def tick(self):
        doubt.sweep(now=self.now)
        sending.sweep(now=self.now)

    @precondition(lambda self: self.doubtful())
    @rule(is_patient=st.booleans())
    def a_human_decides(self, is_patient):
        if is_patient:
            doubt.give_up(self.broadcast.pk)
            return
        before = self.doubtful()
        doubt.send_again(self.broadcast.pk, by="anna", now=self.now)
        self.wanted_twice.update(before - self.doubtful())

    @invariant()
    def nobody_gets_it_twice_because_of_us(self):
        got = Counter(post.armed.delivery_id for post in self.posts if post.was_taken)

        assert all(got[pk] <= 1 + self.wanted_twice[pk] for pk in got)

    @invariant()
    def it_always_adds_up(self):
        assert reports.balance(self.broadcast.pk).adds_up
        assert reports.tally_is_right(self.broadcast.pk)

    @invariant()
    def whoever_whatsapp_has_reported_is_never_forgotten(self):
        told = {post.armed.delivery_id for post in self.posts if post.is_reported}
        rows = Delivery.objects.filter(pk__in=told, state__in=["queued", "in_doubt", "unknown"])

        assert not rows.exists()

    def to_be_reported(self):
        return [post for post in self.posts if post.was_taken and not post.is_reported]

    def doubtful(self):
        rows = Delivery.objects.filter(broadcast=self.broadcast, state="in_doubt")
        return set(rows.values_list("pk", flat=True))

    def report(self, post, word="sent"):
        told = parse(body(status(word, token=post.armed.token))).events
        statuses.apply(told, vault=connections.vault(), now=self.now)
        post.is_reported = True
        for earlier in self.posts:
            if earlier.at < post.at and earlier.overtaken_at is None:
                earlier.overtaken_at = self.now


@pytest.mark.django_db(databases="__all__")
def test_in_no_order_of_events_anybody_gets_it_twice_because_of_us(approved_templates):
    run_state_machine_as_test(
        World,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
