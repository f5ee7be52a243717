"""An installation in small: the real engine, the real webhook view, the simulated WhatsApp,
and a clock that only the test moves.

Statuses are taken from the simulator's own record of webhooks and posted to our view, so that a
scenario decides about their order, their number and their fate.
"""

import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.utils import timezone

from campaigns import connections, inbox, reports, sending
from campaigns.models import Attempt, Batch, Broadcast, Delivery
from campaigns.sending.arm import LEASE
from campaigns.states import BroadcastState
from tests.campaigns.webhooks import body, message, post
from tests.factories import NOW, BroadcastFactory, SubscriberFactory

SHIFT = timedelta(seconds=30)
ROUNDS = 12  # of settling: more than any scenario needs


@dataclass
class Town:
    """People, one broadcast to all of them, and everything that can happen to it."""

    simulator: object
    sender: object
    log: object
    seed: int
    now: object = NOW
    broadcast: Broadcast | None = None
    phones: dict = field(default_factory=dict)  # number -> subscriber
    audience: set = field(default_factory=set)
    stops: dict = field(default_factory=dict)  # subscriber -> tokens when the STOP was acknowledged
    heard: int = 0  # the newest of the simulator's POSTs that came through

    def __post_init__(self):
        self.dice = random.Random(self.seed)
        self.sender = replace(self.sender, clock=lambda: self.now)
        self.weather(
            seed=self.seed, sent_delay=0, delivered_delay=0, read_share=0, webhook_batch_seconds=0
        )

    def weather(self, **settings):
        self.simulator.change_settings(**settings)

    def settle_down(self, people, *, slug="presseschau"):
        """Let so many people join; schedule a broadcast that is due now."""
        for n in range(people):
            phone = f"+49151{self.seed:03d}{n:05d}"
            self.phones[phone] = SubscriberFactory(phone=phone, tier="maxi").pk
        self.audience = set(self.phones.values())
        self.broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED, message__slug=slug)
        return self

    def start(self, people=12, *, batches=1):
        """Start it, too; so many batches let several workers have something to do."""
        self.settle_down(people)
        assert sending.start(self.broadcast.pk, now=self.now)
        if batches > 1:
            self._split(batches)
        return self

    def pump(self, name="worker"):
        sender = replace(self.sender, name=name)
        return sending.pump(self.broadcast.pk, sender=sender, until=self.now + SHIFT)

    def sweep(self, *, after=LEASE + timedelta(seconds=1)):
        self.now += after
        sending.sweep(now=self.now)

    def hear(self, *, copies=1, shuffle=False, lose=0.0, batch=None):
        """Let WhatsApp's news come in: all of it that has not come yet, or worse."""
        raws = self.news(lose=lose) * copies
        if shuffle:
            self.dice.shuffle(raws)
        for raw in raws:
            assert post(raw).status_code == 200
        return self.apply()

    def news(self, *, lose=0.0):
        """The bodies that the simulator has sent since the last time, oldest first."""
        assert self.simulator.wait_until_idle(quiet_seconds=0)
        fresh = [entry for entry in self.simulator.posts() if entry["id"] > self.heard]
        self.heard = max([self.heard, *(entry["id"] for entry in fresh)])
        return [entry["body"].encode() for entry in fresh if self.dice.random() >= lose]

    def apply(self):
        """Apply what is stored, as often as it takes; the inbox goes by the real clock."""
        later = timezone.now() + timedelta(hours=1)
        return inbox.apply_pending(desk=connections.desk(), clock=lambda: later, limit=1000)

    def settle(self):
        """Go on until nothing is left to do: what ticks and pumps would do in a few minutes."""
        for number in range(ROUNDS):
            self.pump(f"round {number}")
            self.hear()
            self.sweep()
            if not reports.balance(self.broadcast.pk).open:
                break
        self.sweep()

    def say_stop(self, phone, **said):
        """Somebody says STOP; remember what had been armed for them when we answered 200."""
        said = said or {"text": "STOP"}
        assert post(body(message(phone, at=self.now, **said))).status_code == 200
        self.stops_now(phone)

    def stops_now(self, phone):
        person = self.phones[phone]
        armed = Attempt.objects.filter(delivery__subscriber=person)
        self.stops[person] = set(armed.values_list("token", flat=True))

    def ledger(self):
        """Who really got something from this broadcast's template, by the simulator's word."""
        return self.simulator.ledger(template=self.broadcast.message.template.name)

    def states(self):
        return reports.balance(self.broadcast.pk).as_dict()

    def state(self):
        self.broadcast.refresh_from_db()
        return self.broadcast.state

    def broker_keys(self):
        with suppress(connections.redis.RedisError):
            return connections.broker().keys("*")
        return []

    def _split(self, batches):
        ids = sorted(Delivery.objects.values_list("pk", flat=True))
        Batch.objects.filter(broadcast=self.broadcast).delete()
        size = -(-len(ids) // batches)
        for number, first in enumerate(range(0, len(ids), size)):
            chunk = ids[first : first + size]
            Delivery.objects.filter(pk__in=chunk).update(batch_number=number)
            span = {"first_id": chunk[0], "last_id": chunk[-1], "not_before": self.now}
            Batch.objects.create(broadcast=self.broadcast, number=number, **span)
