"""STOP at random moments of a running broadcast: `make bench ARGS=stop`.

Twenty senders work at 10,000 deliveries, at 400 a second, while people say STOP through the
webhook, one after the other, at moments that chance decides. Measured is how long it takes until
WhatsApp has our 200: from then on nothing may leave for that person. What had been armed for
them by then is noted; whatever comes afterwards is a betrayal.
"""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event
from uuid import UUID

PEOPLE, SENDERS = 10_000, 20
RATE = 400.0  # messages a second, all together: five times what a number has at first
LONGEST_PAUSE = 0.05  # seconds between two STOPs
APPLIED_WITHIN = 2.0  # seconds, for 99 of 100


@dataclass(frozen=True, slots=True)
class Result:
    """What became of everybody who said STOP."""

    seconds: Sequence[float]  # until each STOP was acknowledged, while the run went on
    betrayed: int  # sends armed after that
    spared: int  # people who got nothing at all, because they were in time

    @property
    def p99(self) -> float:
        """In seconds; the longest of fewer than a hundred."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[98]

    @property
    def keeps_promise(self) -> bool:
        """Nobody got anything after an acknowledged STOP, and it took less than two seconds."""
        return not self.betrayed and self.p99 < APPLIED_WITHIN


@dataclass(slots=True)
class Farewell:
    """People who say STOP, one after the other in an order that chance decides."""

    people: Mapping[UUID, str]  # number by subscriber
    say_stop: Callable[[str], None]  # returns once the STOP is acknowledged
    dice: random.Random
    longest_pause: float
    seconds: list[float] = field(default_factory=list)  # until each was acknowledged
    armed: dict[UUID, set[UUID]] = field(default_factory=dict)  # tokens of each by then
    is_over: Event = field(default_factory=Event)

    def run(self) -> None:
        """Let them speak until everybody has, or until it is over."""
        order = sorted(self.people)
        self.dice.shuffle(order)
        for person in order:
            if self.is_over.wait(self.dice.random() * self.longest_pause):
                return
            began = time.perf_counter()
            self.say_stop(self.people[person])
            self.seconds.append(time.perf_counter() - began)
            self.armed[person] = _armed_for(person)

    def result(self) -> Result:
        """Tell what has been armed for them since."""
        late = {person: _armed_for(person) - before for person, before in self.armed.items()}
        return Result(
            seconds=self.seconds,
            betrayed=sum(map(len, late.values())),
            spared=sum(not before for before in self.armed.values()),
        )


def race(
    people: Mapping[UUID, str],
    *,
    pump: Callable[[str], object],
    say_stop: Callable[[str], None],
    senders: int,
    dice: random.Random,
    longest_pause: float = LONGEST_PAUSE,
) -> Result:
    """Let people say STOP while `senders` pumps run; return what became of them.

    `people` are numbers by subscriber; `say_stop` returns once the STOP is acknowledged.
    """
    farewell = Farewell(people, say_stop, dice, longest_pause)
    with ThreadPoolExecutor(senders + 1) as threads:
        leaving = threads.submit(_closing(farewell.run))
        pumps = [threads.submit(_closing(partial(pump, f"sender {n}"))) for n in range(senders)]
        for one in pumps:
            one.result()
        farewell.is_over.set()
        leaving.result()
    return farewell.result()


def _armed_for(person: UUID) -> set[UUID]:
    from campaigns.models import Attempt, Delivery

    # By broadcast and subscriber, through the unique index: the run must not notice us.
    ids = list(Delivery.objects.filter(subscriber=person).values_list("pk", flat=True))
    return set(Attempt.objects.filter(delivery__in=ids).values_list("token", flat=True))


def _closing(job: Callable[[], object]) -> Callable[[], None]:
    """Do a job in a thread and leave no database connection behind."""

    def run() -> None:
        from django.db import connections

        try:
            job()
        finally:
            connections.close_all()

    return run


def measure(url: str, *, ca: Path) -> Result:
    """Race STOP against a running broadcast."""
    from dataclasses import replace
    from datetime import timedelta

    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from bench import people
    from campaigns import connections, reports, sending
    from campaigns.pace import Pace
    from subscribers.models import Subscriber
    from tests.campaigns.webhooks import body, message, post
    from tests.factories import NOW

    setup_test_environment()  # its client is what posts like Meta
    people.gather(PEOPLE, reachable=PEOPLE)
    broadcast, sender = people.started(), people.sender(url, ca=ca)
    sender = replace(sender, pace=Pace(connections.broker(), rate=RATE))
    ids = Subscriber.objects.order_by("pk").values_list("pk", flat=True)
    phones = {pk: f"+49151{number:08d}" for number, pk in enumerate(ids)}

    def pump(name: str) -> None:
        one = replace(sender, name=name)
        sending.pump(broadcast.pk, sender=one, until=NOW + timedelta(days=1))

    def say_stop(phone: str) -> None:
        answer = post(body(message(phone, text="STOP", at=timezone.now())))
        assert answer.status_code == 200

    with sender.client:
        dice = random.Random(1)  # noqa: S311 - chance, no secret
        result = race(phones, pump=pump, say_stop=say_stop, senders=SENDERS, dice=dice)
    # Each STOP counted, and the run went to its end.
    assert Subscriber.objects.filter(state="withdrawn").count() == len(result.seconds)
    balance = reports.balance(broadcast.pk)
    assert balance.adds_up
    assert not balance.open
    return result
