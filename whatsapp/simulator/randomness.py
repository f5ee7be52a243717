"""Chance that can be repeated: the same seed gives the same weather.

A draw depends on the seed and on what it is for ("the second message to this
person"), never on what else happened before. So a run with many connections,
whose order nobody controls, still treats each person in the same way.
"""

import math
import random
from dataclasses import dataclass
from typing import Any

Z_99 = 2.3263  # standard deviations from the median to the 99th percentile of a normal curve


class Dice:
    """The source of all chance; `seed` decides everything."""

    def __init__(self, *, seed: int) -> None:
        self._seed = seed

    def stream(self, *purpose: object) -> random.Random:
        """Return the random numbers reserved for this purpose, from their beginning."""
        name = "/".join(str(part) for part in (self._seed, *purpose))
        return random.Random(name)  # noqa: S311 - repeatable on purpose, protects nothing


@dataclass(frozen=True)
class Delay:
    """A duration in seconds, drawn anew each time.

    Evenly between `low` and `high`, or, if `long_tailed`, around the median
    `low` with one draw in a hundred beyond `high`.
    """

    low: float = 0.0
    high: float = 0.0
    long_tailed: bool = False

    @classmethod
    def read(cls, value: object) -> "Delay":
        """Read `2`, `[1, 3]` or `{"median": 0.1, "p99": 0.8}`; raises ValueError."""
        match value:
            case {"median": median, "p99": p99, **rest} if not rest:
                delay = cls(_seconds(median), _seconds(p99), long_tailed=True)
            case [low, high]:
                delay = cls(_seconds(low), _seconds(high))
            case _:
                delay = cls(_seconds(value), _seconds(value))
        if delay.low > delay.high or (delay.long_tailed and delay.low == 0):
            raise ValueError("the smaller number comes first, and a median is above zero")
        return delay

    def draw(self, rng: random.Random) -> float:
        if self.long_tailed:
            return rng.lognormvariate(math.log(self.low), math.log(self.high / self.low) / Z_99)
        return rng.uniform(self.low, self.high)

    def as_json(self) -> Any:
        if self.long_tailed:
            return {"median": self.low, "p99": self.high}
        return [self.low, self.high]


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a duration is a number of seconds")
    if not 0 <= value < math.inf:
        raise ValueError("a duration is not negative, and it ends")
    return float(value)
