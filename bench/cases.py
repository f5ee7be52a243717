"""What is compared with what: each line of the table in docs/performance.md."""

import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import inbox, ledger, people, sending, starting
from bench.cpu import Cost, median

Line = dict[str, object]


@dataclass(slots=True)
class Bench:
    """One run of the benchmarks. `lines` is what came out so far."""

    url: str
    ca: Path
    postgres: int
    runs: int
    lines: list[Line] = field(default_factory=list)

    def run(self, wanted: Collection[str]) -> list[Line]:
        """Run the wanted cases, printing as they end."""
        cases = {
            "send": self.send,
            "webhook": self.webhook,
            "start": self.start,
            "ledger": self.ledger,
        }
        for name, case in cases.items():
            if name in wanted:
                case()
        return self.lines

    def send(self) -> None:
        """The whole path, ours and others', the statuses applied, all in one run."""
        ours, bare = [], []
        for _ in range(self.runs):  # in turns: what else the machine does meets both
            ours.append(sending.engine(self.url, ca=self.ca, postgres=self.postgres))
            bare.append(sending.bare(self.url, ca=self.ca, postgres=self.postgres))
        engine = self._say("engine", median(ours))
        self._compare("engine / bare session, 0.6", engine, self._say("bare session", median(bare)))
        for name, is_tuned in (("tuned tasks, 1/11", True), ("textbook tasks, 1/60", False)):
            with sending.task_per_recipient(
                self.url, ca=self.ca, postgres=self.postgres, is_tuned=is_tuned
            ) as run:
                other = self._say(name, self._median(run))
            self._compare(f"engine / {name}", engine, other)
        statuses = self._median(lambda: inbox.applied(postgres=self.postgres))
        self._say("statuses applied", statuses)
        self._note("statuses/s / messages/s, above 3", statuses.rate / engine.rate)

    def webhook(self) -> None:
        """Webhooks stored, against the textbook that applies them in the request."""
        for size in inbox.POSTS:
            ours = self._median(partial(inbox.stored, size, postgres=self.postgres))
            other = self._median(partial(inbox.by_orm, size, postgres=self.postgres))
            self._say(f"stored, {size} per POST", ours)
            self._say(f"applied in the view, {size} per POST", other)
            self._note(f"POSTs/s / textbook's, {size} per POST", ours.rate / other.rate)

    def start(self) -> None:
        """A million: starting, and the cost of a message in the middle of it."""
        people.gather(starting.MANY, reachable=0)
        pairs = [starting.compared(postgres=self.postgres) for _ in range(self.runs)]
        walls = sorted(ours.wall / bare.wall for ours, bare in pairs)
        ours, bare = (median([pair[i] for pair in pairs]) for i in (0, 1))
        self._say("start of 1,000,000", ours)
        self._say("bare INSERT ... SELECT", bare)
        self._note("start / bare INSERT, time, at most 1.5", walls[len(walls) // 2])
        costs = {}
        for number in (starting.FEW, starting.MANY):
            cost, memory = starting.pumped(
                number, self.url, ca=self.ca, postgres=self.postgres, runs=self.runs
            )
            costs[number] = cost, memory
            self._say(f"engine at {number:,}", cost)
        (few, small), (many, large) = costs.values()
        self._note("cost at 1,000,000 / at 10,000, at most 1.2", many.us / few.us)
        self._note("memory at 1,000,000 / at 10,000, at most 1.1", large / small)

    def ledger(self) -> None:
        """One more event, and verification, of a small ledger and of one with a million events."""
        book = ledger.Ledger.empty(postgres=self.postgres, runs=self.runs)
        appended, verified = {}, {}
        for size in (ledger.FEW, ledger.SOME, ledger.MANY):
            book.fill(size)
            verified[size] = self._say(f"verifying {size:,} events", book.verify())
            appended[size] = self._say(f"one more after {size:,}", book.append())
        dearer = appended[ledger.MANY].us / appended[ledger.FEW].us
        self._note("one more at 1,000,000 / at 1,000, at most 1.3", dearer)
        longer = verified[ledger.MANY].wall / verified[ledger.SOME].wall
        self._note("verifying 1,000,000 / 100,000, time, near 10", longer)

    def _median(self, run: Callable[[], Cost]) -> Cost:
        return median([run() for _ in range(self.runs)])

    def _compare(self, what: str, ours: Cost, other: Cost) -> None:
        self._note(what, ours.us / other.us)

    def _say(self, what: str, cost: Cost) -> Cost:
        worker, postgres = (1e6 * part / cost.messages for part in (cost.worker, cost.postgres))
        line = {"what": what, "us": cost.us, "worker_us": worker, "postgres_us": postgres}
        self.lines.append(line | {"per_second": cost.rate})
        _write(f"{what:44}{cost.us:9.0f} us ({worker:.0f} + {postgres:.0f}){cost.rate:10.0f}/s")
        return cost

    def _note(self, what: str, ratio: float) -> None:
        self.lines.append({"what": what, "ratio": ratio})
        inverse = f"  = 1/{1 / ratio:.1f}" if ratio < 1 else ""
        _write(f"  {what:42}{ratio:9.3f}{inverse}")


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
