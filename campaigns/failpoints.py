"""Failpoints: places where a test can make this process die, stumble or freeze.

What an accident between two steps leaves behind cannot be tested by luck. So the engine names
the nine moments that matter; FAILPOINT, `name:action` or `name:action:seconds`, lets one of
them strike, once in each process:

* `kill`: the process ends at once and cleans nothing up, after so many seconds (default 0);
* `raise`: Struck is raised there, after so many seconds (default 0);
* `pause`: the thread stands still for so many seconds (default 40).

Refused in production (swe_broadcast/checks.py, and below). When nothing is set, a failpoint is
one comparison.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

AFTER_CLAIM: Final = "after_claim"  # a batch is ours, nobody of it is armed
BEFORE_ARM_COMMIT: Final = "before_arm_commit"  # attempts are written and not committed
AFTER_ARM_COMMIT: Final = "after_arm_commit"  # committed, and not a byte has left
ON_THE_WIRE: Final = "on_the_wire"  # handed over to be sent, no answer read
BEFORE_RECORD: Final = "before_record"  # answers read and not stored
AFTER_RECORD: Final = "after_record"  # answers stored, the next ones not begun
WEBHOOK_STORED: Final = "webhook_stored"  # a body with words is stored, not committed nor answered
WEBHOOK_HALF_APPLIED: Final = "webhook_half_applied"  # its statuses are applied, not committed
SWEEP_HALF_DONE: Final = "sweep_half_done"  # a lost worker's rows are moved, its batch is not

NAMES: Final = (
    AFTER_CLAIM,
    BEFORE_ARM_COMMIT,
    AFTER_ARM_COMMIT,
    ON_THE_WIRE,
    BEFORE_RECORD,
    AFTER_RECORD,
    WEBHOOK_STORED,
    WEBHOOK_HALF_APPLIED,
    SWEEP_HALF_DONE,
)
ACTIONS: Final = ("kill", "raise", "pause")
LONG = 40.0  # seconds of a pause: longer than a shift


class Struck(Exception):
    """What a failpoint raises. Nobody catches it, as nobody would catch the real accident."""


@dataclass(frozen=True, slots=True)
class Failpoint:
    """What happens where, after how many seconds."""

    name: str
    action: str
    seconds: float

    @classmethod
    def parse(cls, text: str) -> "Failpoint | None":
        """Read `name:action:seconds`; None for nothing. Raises ValueError."""
        if not text:
            return None
        name, action, *rest = text.split(":")
        if name not in NAMES or action not in ACTIONS or len(rest) > 1:
            raise ValueError(f"“{text}” is no failpoint.")
        default = LONG if action == "pause" else 0.0
        return cls(name, action, float(rest[0]) if rest else default)


_set: Failpoint | None = None


def reach(name: str) -> None:
    """Tell that this process has come to one of the places; almost always that is all."""
    if _set is not None and _set.name == name:
        _strike()


def switch_on(text: str) -> None:
    """Let this process meet what FAILPOINT says. Raises ValueError."""
    global _set
    _set = Failpoint.parse(text)


@contextmanager
def at(text: str) -> Iterator[None]:
    """Let the failpoint strike within this block, in whatever thread comes there first."""
    switch_on(text)
    try:
        yield
    finally:
        switch_on("")


def _strike() -> None:
    global _set
    here, _set = _set, None  # once: what comes afterwards shall repair it
    if here is None:  # another thread was faster
        return
    time.sleep(here.seconds)
    if here.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if here.action == "raise":
        raise Struck(here.name)
