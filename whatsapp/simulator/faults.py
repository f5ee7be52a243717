"""Bad weather to order: which request meets which misfortune.

A fault has a kind, and says whom it hits: an endpoint, recipients, a share, the
next so many, those after so many, a stretch of time. The first fault in the
list that wants a request gets it; delays add up with it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from whatsapp.simulator.clock import Moment
from whatsapp.simulator.knobs import (
    WrongValueError,
    addresses,
    count,
    flag,
    number,
    one_of,
    or_none,
    read_fields,
    readable,
    text,
)
from whatsapp.simulator.randomness import Delay
from whatsapp.simulator.world import World

# kind -> what it does
KINDS = {
    "delay": "answers `seconds` later",
    "refuse": "answers with Meta's error `code` and does nothing",
    "answer": "answers `http` with a `body` of json or html, after accepting or not",
    "garble": "answers 200 with a `body` that is malformed, truncated or empty",
    "reset": "resets the connection, after accepting or not",
    "hang": "keeps silent for `seconds`, after accepting or not, and closes the connection",
    "fail": "accepts, and reports `code` by webhook",
    "hold": "accepts, holds for quality assessment for `seconds`, reports `code` unless it is 0",
    "pause_template": "accepts, and pauses the template that was used",
}
# kind -> what its fields are unless the order says otherwise
DEFAULTS: dict[str, dict[str, Any]] = {
    "garble": {"accept": True, "body": "malformed"},
    "hold": {"code": 0},
}
BODIES = ("json", "html", "malformed", "truncated", "empty")
ENDPOINTS = ("messages", "media", "templates", "account", "any")


@dataclass
class Fault:
    """One misfortune. None means: no restriction."""

    id: str
    since: Moment
    kind: Annotated[str, one_of(*KINDS)]
    endpoint: Annotated[str, one_of(*ENDPOINTS)] = "messages"
    to: Annotated[tuple[str, ...], addresses] = ()  # empty: everybody
    share: Annotated[float, number(0, 1)] = 1.0  # of the requests that all else fits
    skip: Annotated[int, count(0)] = 0  # so many of them pass first
    next: Annotated[int | None, or_none(count(0))] = None  # hits so many, then never again
    from_seconds: Annotated[float, number(0)] = 0.0  # begins so long after the order ...
    for_seconds: Annotated[float | None, or_none(number(0))] = None  # ... and lasts so long
    accept: Annotated[bool, flag] = False  # whether the message is accepted all the same
    code: Annotated[int, count(0)] = 131000
    details: Annotated[str, text] = "Ordered by a fault of the simulator."
    subcode: Annotated[int | None, or_none(count(1))] = None
    http: Annotated[int | None, or_none(count(100))] = None
    body: Annotated[str, one_of(*BODIES)] = "json"
    seconds: Annotated[Delay, Delay.read] = field(default=Delay(60, 60))
    hits: int = 0

    def fits(self, *, endpoint: str, whom: set[str], now: Moment) -> bool:
        age = now - self.since - self.from_seconds
        return (
            self.endpoint in (endpoint, "any")
            and (not self.to or not whom.isdisjoint(self.to))
            and age >= 0
            and (self.for_seconds is None or age < self.for_seconds)
            and self.next != 0
        )

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {"seconds": self.seconds.as_json()}


_READERS = readable(Fault)


class Faults:
    """The list of what goes wrong, in the order in which it was ordered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._faults: dict[str, Fault] = {}
        self._last_id = 0
        self._draws: Counter[str] = Counter()

    def clear(self) -> None:
        self._faults.clear()
        self._draws.clear()

    def add(self, order: Mapping[str, Any]) -> Fault:
        """Take an order. Raises WrongValueError."""
        wanted = read_fields(_READERS, order)
        if "kind" not in wanted:
            raise WrongValueError(f"expected one of {', '.join(KINDS)}", field="kind")
        wanted = DEFAULTS.get(wanted["kind"], {}) | wanted
        self._last_id += 1
        fault = Fault(id=str(self._last_id), since=self._world.now(), **wanted)
        self._faults[fault.id] = fault
        return fault

    def remove(self, fault_id: str) -> bool:
        return self._faults.pop(fault_id, None) is not None

    def as_json(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._faults.values()]

    def meet(self, *, endpoint: str, whom: set[str]) -> list[Fault]:
        """Return the faults that this request meets: delays, and at most one of another kind."""
        met: list[Fault] = []
        for fault in self._faults.values():
            if fault.kind != "delay" and any(other.kind != "delay" for other in met):
                continue
            fits = fault.fits(endpoint=endpoint, whom=whom, now=self._world.now())
            if fits and self._strikes(fault, whom):
                met.append(fault)
        return met

    def _strikes(self, fault: Fault, whom: set[str]) -> bool:
        if fault.skip:
            fault.skip -= 1
            return False
        purpose = ("fault", fault.id, *sorted(whom))
        self._draws[str(purpose)] += 1
        if self._world.dice.stream(*purpose, self._draws[str(purpose)]).random() >= fault.share:
            return False
        if fault.next is not None:
            fault.next -= 1
        fault.hits += 1
        return True
