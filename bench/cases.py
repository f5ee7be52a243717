"""What is compared with what: each line of the tables in docs/performance.md."""

import importlib
import statistics
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path

from bench import (
    far,
    inbox,
    lanes,
    ledger,
    pace,
    pages,
    people,
    privacy,
    rate,
    sending,
    starting,
    stop,
)
from bench.cpu import Cost, median
from bench.hand import hands
from bench.privacy import Outcome
from bench.report import Line, in_words, write
from bench.world import Meta, Place


@dataclass(slots=True)
class Bench:
    """One run of the benchmarks. `lines` is what came out so far."""

    meta: Meta
    place: Place
    runs: int
    lines: list[Line] = field(default_factory=list)
    section: str = ""

    def run(self, wanted: Collection[str]) -> list[Line]:
        """Run the wanted cases, printing as they end."""
        for name in wanted:
            self.section = name
            getattr(self, name)()
        return self.lines

    @property
    def url(self) -> str:
        """Where the stand-in for Meta is."""
        return self.meta.url

    @property
    def ca(self) -> Path:
        """The certificate to trust."""
        return self.meta.ca

    @property
    def postgres(self) -> int:
        """The postmaster's process."""
        return self.place.postgres

    def send(self) -> None:
        """The whole path, ours and others', the statuses applied, all in one run."""
        engine = partial(sending.engine, self.url, ca=self.ca, postgres=self.postgres)
        ours, bare = self._pairs(
            engine, partial(sending.bare, self.url, ca=self.ca, postgres=self.postgres)
        )
        self._say("engine", median(ours))
        self._say("bare session", median(bare))
        self._note("engine / bare session", _median_costs(ours, bare), "at most 0.6")
        for name, is_tuned, wanted in (("tuned", True, "1/11"), ("textbook", False, "1/60")):
            with sending.task_per_recipient(
                self.url, ca=self.ca, postgres=self.postgres, is_tuned=is_tuned
            ) as run:
                ours, others = self._pairs(engine, run)
            self._say(f"{name} tasks", median(others))
            self._note(f"engine / {name} tasks", _median_costs(ours, others), f"at most {wanted}")
        self._statuses()

    def _statuses(self) -> None:
        engine = partial(sending.engine, self.url, ca=self.ca, postgres=self.postgres)
        ways = {
            "applied": inbox.applied,
            "taken in and applied": inbox.taken_in_and_applied,
        }
        for (done, measure), size in product(ways.items(), inbox.SIZES):
            applied, sent = self._pairs(partial(measure, size, postgres=self.postgres), engine)
            self._say(f"statuses {done}, {size} per POST", median(applied))
            ratio = _median_ratio(applied, sent)
            self._note(f"{done}/s / messages/s, {size} per POST", ratio, "above 3")

    def webhook(self) -> None:
        """Webhooks stored, against the textbook that applies them in the request."""
        for size, threads in product(inbox.SIZES, inbox.CROWDS):
            ours, other = self._pairs(
                partial(inbox.stored, size, threads=threads, postgres=self.postgres),
                partial(inbox.by_orm, size, threads=threads, postgres=self.postgres),
            )
            what = f"{size} per POST, {threads} threads"
            self._say(f"stored, {what}", median(ours))
            self._say(f"in the view, {what}", median(other))
            wanted = "at least 4" if size == 1 else ""
            self._note(f"POSTs/s / textbook's, {what}", _median_ratio(ours, other), wanted)
            self._note(f"CPU / textbook's, {what}", median(ours).us / median(other).us)
        blocked, idle = self._pairs(
            partial(inbox.stored_while_blocked, postgres=self.postgres),
            partial(inbox.stored, 1, threads=min(inbox.CROWDS), postgres=self.postgres),
        )
        self._say("stored while application is blocked", median(blocked))
        self._say("stored while nothing is applied", median(idle))
        self._note("POSTs/s blocked / idle", _median_ratio(blocked, idle), "near 1")
        self._note("CPU blocked / idle", median(blocked).us / median(idle).us, "near 1")

    def rate(self) -> None:
        """Two sender processes, as fast as they can."""
        with hands(2, self.meta) as team:
            runs = [rate.reached(team, self.meta, postgres=self.postgres) for _ in range(self.runs)]
        middle = statistics.median_high(run.cost.rate for run in runs)
        run = next(run for run in runs if run.cost.rate == middle)
        self._say("two sender processes", run.cost)
        self._tell("messages per second", f"{run.cost.rate:.0f}", "at least 1,000, or CPU-bound")
        for name in ("senders", "postgres", "meta", "machine"):
            what = rate.WHOSE[name]
            self._tell(f"cores in use: {what}", f"{getattr(run, name):.2f}")

    def pace(self) -> None:
        """The common pace of several processes, where the messages arrive."""
        with hands(pace.PROCESSES, self.meta) as team:
            for setting in pace.RATES:
                measure = partial(pace.accuracy, team, self.meta, rate=setting)
                runs = [measure() for _ in range(self.runs)]
                at = f"at {setting:,.0f}/s"
                mean = statistics.median(run.mean for run in runs)
                self._tell(f"{at}: mean, % of the setting", f"{mean:.1f}", "at least 98")
                most = max(run.most for run in runs)
                self._tell(f"{at}: most in any second, %", f"{most:.1f}", "at most 102")

    def lanes(self) -> None:
        """The first urgent message, on an idle system and while a large broadcast runs."""
        with hands(2, self.meta) as (bulk, urgent):
            broadcast = lanes.prepare()
            measure = partial(lanes.first_urgent, urgent, self.meta)
            measure()  # opens what stays open
            idle = [measure() for _ in range(self.runs)]
            with lanes.running(bulk, broadcast, seconds=lanes.lasting(self.runs)):
                busy = [measure() for _ in range(self.runs)]
        for name, times, wanted in (("idle", idle, ""), ("busy", busy, "under 2,000 ms")):
            self._tell(f"first urgent message, {name}", in_words(times), wanted)
        ratio = statistics.median(busy) / statistics.median(idle)
        self._note("busy / idle", ratio, "at most 2")

    def start(self) -> None:
        """Starting a broadcast to a million."""
        people.gather(starting.MANY, reachable=0)
        pairs = [starting.compared(postgres=self.postgres) for _ in range(self.runs)]
        ours, bare = (median([pair[i] for pair in pairs]) for i in (0, 1))
        self._say("start of 1,000,000", ours)
        self._say("bare INSERT ... SELECT", bare)
        walls = (ours.wall / bare.wall for ours, bare in pairs)
        self._note("start / bare INSERT, time", statistics.median(walls), "at most 1.5")

    def million(self) -> None:
        """A broadcast to a million, against one to ten thousand."""
        pairs = list(far.turns(self.meta, self.place, most=2 * self.runs))
        costs = [[turn.cost for turn in sizes] for sizes in zip(*pairs, strict=True)]
        self._say("engine at 10,000", median(costs[0]))
        self._say("engine at 1,000,000, by slices", median(costs[1]))
        dearer = statistics.median(many.cost.us / few.cost.us for few, many in pairs)
        self._note("cost, 1,000,000 / 10,000", dearer, "at most 1.2")
        (few, _), (_, many) = pairs[0], pairs[-1]
        self._note(
            "memory, after 1,000,000 / after 10,000", many.memory / few.memory, "at most 1.1"
        )

    def pages(self) -> None:
        """Every page of the desk after ten years, against after a month; the worst is last."""
        names = importlib.import_module("bench.visits").every()  # the desk's addresses
        with pages.desks(self.meta, self.place) as both:
            found = [
                pages.compared(name, both, runs=self.runs, postgres=self.postgres) for name in names
            ]
        for page in sorted(found, key=lambda page: page.ratio):
            few, many = (median(list(costs)).us / 1000 for costs in (page.few, page.many))
            ratio = f"{page.ratio:.2f}"
            cpu = f"{few:,.0f} ms, {many:,.0f} ms"
            self._keep(Line(self.section, page.name, cpu=cpu, measured=ratio, wanted="at most 3"))

    def ledger(self) -> None:
        """One more event, and verification, of a small ledger and of one with a million events."""
        book = ledger.Ledger.empty(postgres=self.postgres, runs=self.runs)
        appended, verified = {}, {}
        for size in (ledger.FEW, ledger.SOME, ledger.MANY):
            book.fill(size)
            verified[size] = self._say(f"verifying {size:,} events", book.verify())
            appended[size] = self._say(f"one more after {size:,}", book.append())
        dearer = appended[ledger.MANY].us / appended[ledger.FEW].us
        self._note("one more at 1,000,000 / at 1,000", dearer, "at most 1.3")
        longer = 10 * verified[ledger.MANY].us / verified[ledger.SOME].us
        self._note("verifying 1,000,000 / 100,000", longer, "near 10")

    def stop(self) -> None:
        """STOP at random moments of a run: nothing leaves after one was acknowledged."""
        race = stop.measure(self.url, ca=self.ca)
        stops = len(race.seconds)
        self._tell(f"sent after one of {stops} acknowledged STOPs", f"{race.betrayed}", "0")
        self._tell(
            "STOP acknowledged", f"{in_words(race.seconds)}; p99 {race.p99:.2f} s", "p99 2 s"
        )

    def privacy(self) -> None:
        """Did one colleague withdraw? Somebody who knows everything else reads the figures."""
        for others, wanted in ((0, "at most 55 %, never sure"), (5, ""), (30, "")):
            self._attacked(f"{others} others changed", privacy.attack(others=others), wanted)
        self._attacked("for comparison: exact", privacy.attack(privacy.exact))
        self._attacked("for comparison: rounded only", privacy.attack(privacy.only_rounded))

    def _attacked(self, what: str, outcome: Outcome, wanted: str = "") -> None:
        self._tell(
            f"right about one person, {what}",
            f"{outcome.right:.1%} (in the long run {outcome.expected:.1%}); "
            f"sure in {outcome.sure:.1%}",
            wanted,
        )

    def _pairs(
        self, run: Callable[[], Cost], other: Callable[[], Cost]
    ) -> tuple[list[Cost], list[Cost]]:
        """Run both in turns: what else the machine does meets both."""
        pairs = [(run(), other()) for _ in range(self.runs)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def _say(self, what: str, cost: Cost) -> Cost:
        worker, postgres = (1e6 * part / cost.messages for part in (cost.worker, cost.postgres))
        cpu = f"{cost.us:,.0f} µs ({worker:,.0f} + {postgres:,.0f})"
        self._keep(Line(self.section, what, cpu=cpu, rate=f"{cost.rate:,.0f}/s"))
        return cost

    def _note(self, what: str, ratio: float, wanted: str = "") -> None:
        measured = f"{ratio:.2f}" if ratio > 0.2 else f"1/{1 / ratio:.1f}"
        self._keep(Line(self.section, what, measured=measured, wanted=wanted))

    def _tell(self, what: str, measured: str, wanted: str = "") -> None:
        self._keep(Line(self.section, what, measured=measured, wanted=wanted))

    def _keep(self, line: Line) -> None:
        self.lines.append(line)
        write(line)


def _median_costs(costs: list[Cost], others: list[Cost]) -> float:
    """The median of how much CPU each run took against the other one beside it."""
    pairs = zip(costs, others, strict=True)
    return statistics.median(cost.us / other.us for cost, other in pairs)


def _median_ratio(costs: list[Cost], others: list[Cost]) -> float:
    """The median of how much faster each run was than the other one beside it."""
    pairs = zip(costs, others, strict=True)
    return statistics.median(cost.rate / other.rate for cost, other in pairs)
