"""An installation in small: the real engine, the real webhook view, the simulated WhatsApp,
and a clock that only the test moves.

Statuses are taken from the simulator's own record of webhooks and posted to our view, so that a
scenario decides about their order, their number and their fate.
"""

import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from campaigns import connections, doubt, echoes, inbox, reports, scheduling, sending, watch, waves
from campaigns.models import Attempt, Batch, Broadcast, Category, Delivery, InboxEntry
from campaigns.sending.arm import LEASE
from campaigns.states import BroadcastState
from tests.campaigns.doubts import web_listens
from tests.campaigns.webhooks import body, message, post
from tests.factories import NOW, BroadcastFactory, SubscriberFactory

SHIFT = timedelta(seconds=30)
DAY = timedelta(days=1, minutes=6)  # until Meta's limit counts anew, see campaigns/allowance.py
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
    begun: int = 0  # the newest entry of the ledger that is not about the present broadcast
    days: int = 0  # that have passed
    dated: int = 0  # the newest body in our inbox that has our time
    is_listening: bool = True  # our web server
    may_get_two: set = field(default_factory=set)  # numbers, where a category prefers that

    def __post_init__(self):
        self.dice = random.Random(self.seed)
        self.sender = replace(self.sender, clock=lambda: self.now)
        self.weather(
            seed=self.seed, sent_delay=0, delivered_delay=0, read_share=0, webhook_batch_seconds=0
        )

    def weather(self, **settings):
        self.simulator.change_settings(**settings)

    def settle_down(self, people):
        """Let so many people join; schedule a broadcast that is due now."""
        for n in range(people):
            phone = f"+49151{self.seed:03d}{n:05d}"
            self.phones[phone] = SubscriberFactory(phone=phone, tier="maxi").pk
        self.audience = set(self.phones.values())
        return self.plan()

    def plan(self, slug="presseschau"):
        """Schedule one more broadcast to all of them; what follows is about this one."""
        self.broadcast = BroadcastFactory(
            state=BroadcastState.SCHEDULED, message__slug=slug, due_at=self.now
        )
        return self

    def prefer_twice(self):
        """Let the categories rather send twice than not at all, and settle quickly."""
        Category.objects.update(doubt=Category.Doubt.AT_LEAST_ONCE, lane=Category.Lane.URGENT)
        return self

    def start(self, people=12, *, batches=1, apart=timedelta()):
        """Start it, too; so many batches let several workers have something to do.

        `apart` is the time between the first moments at which two batches may leave.
        """
        if people:
            self.settle_down(people)
        assert sending.start(self.broadcast.pk, now=self.now)
        if batches > 1:
            self._split(batches, apart)
        return self

    def pump(self, name="worker"):
        sender = replace(self.sender, name=name)
        return sending.pump(self.broadcast.pk, sender=sender, until=self.now + SHIFT)

    def sweep(self, *, after=LEASE + timedelta(seconds=1)):
        """Let time pass, and do what a tick does."""
        self.now += after
        self.date_inbox()
        if self.is_listening:
            web_listens(at=self.now)
        for step in (doubt.sweep, sending.sweep, watch.sweep):
            step(now=self.now)
        waves.release(hours=self.sender.hours, now=self.now)

    def tomorrow(self):
        """Go on a day later, and Meta with us."""
        self.sweep(after=DAY)
        self.days += 1
        self.weather(clock_offset_seconds=self.days * DAY.total_seconds())

    def hear(self, *, copies=1, shuffle=False, lose=0.0, batch=None):
        """Let WhatsApp's news come in: all of it that has not come yet, or worse."""
        raws = self.news(lose=lose) * copies
        if shuffle:
            self.dice.shuffle(raws)
        self.take_in(raws)

    def take_in(self, raws):
        """Post these bodies to our webhook, and apply them."""
        for raw in raws:
            assert post(raw).status_code == 200
        self.apply()

    def listen_again(self):
        """Our web server is back."""
        self.is_listening = True
        echoes.note_listening(now=self.now)

    def resume(self):
        """Somebody at the desk lets it go on."""
        scheduling.resume(self.broadcast, by=None, now=self.now)

    def news(self, *, lose=0.0):
        """The bodies that the simulator has sent since the last time, oldest first."""
        assert self.simulator.wait_until_idle(quiet_seconds=0)
        fresh = [entry for entry in self.simulator.posts() if entry["id"] > self.heard]
        self.heard = max([self.heard, *(entry["id"] for entry in fresh)])
        return [entry["body"].encode() for entry in fresh if self.dice.random() >= lose]

    def apply(self):
        """Apply what is stored and due."""
        self.date_inbox()
        return inbox.apply_pending(desk=connections.desk(), clock=lambda: self.now, limit=1000)

    def date_inbox(self):
        """Give what has come in since the last time our time; the view goes by the real clock."""
        ids = list(InboxEntry.objects.filter(pk__gt=self.dated).values_list("pk", flat=True))
        self.dated = max([self.dated, *ids])
        fresh = InboxEntry.objects.filter(pk__in=ids)
        fresh.update(received_at=self.now, not_before=self.now)

    def settle(self, *, rounds=ROUNDS):
        """Go on until nothing is left to do: what ticks and pumps would do in a few minutes."""
        for number in range(rounds):
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
        template = self.broadcast.message.template.name
        return self.simulator.ledger(template=template, after=self.begun)

    def turn_the_page(self):
        """Leave what WhatsApp has taken so far out of the ledger: the next one is like the last."""
        self.begun = max([self.begun, *(entry["seq"] for entry in self.simulator.ledger())])

    def states(self):
        return reports.balance(self.broadcast.pk).as_dict()

    def state(self):
        self.broadcast.refresh_from_db()
        return self.broadcast.state

    def broker_keys(self):
        with suppress(connections.redis.RedisError):
            return connections.broker().keys("*")
        return []

    def _split(self, batches, apart):
        rows = Delivery.objects.filter(broadcast=self.broadcast)
        ids = sorted(rows.values_list("pk", flat=True))
        Batch.objects.filter(broadcast=self.broadcast).delete()
        size = -(-len(ids) // batches)
        for number, first in enumerate(range(0, len(ids), size)):
            chunk = ids[first : first + size]
            Delivery.objects.filter(pk__in=chunk).update(batch_number=number)
            Batch.objects.create(
                broadcast=self.broadcast,
                number=number,
                first_id=chunk[0],
                last_id=chunk[-1],
                not_before=self.now + number * apart,
            )
