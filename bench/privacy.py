"""Somebody who knows everything but one thing, and the figures that must not tell it.

The attacker knows how many of 1,600 employees subscribe, to which tier, and what each of them
did between two published months; all but one colleague, of whom he wants to know whether they
withdrew. He knows our rule as well: noise, rounding, hiding. Nobody could guess better than
by the likelihood of what was published, so that is what he does; a rule that holds against him
holds against any other.

What the rule of `subscribers.figures` must reach: right in at most 55 of 100 cases when nobody
else changed (50 is tossing a coin), and never sure.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from subscribers import figures

STAFF = 1_600
SUBSCRIBERS = 880
SHARE_OF_MINI = 0.6
RUNS = 5_000
SURE = 0.99  # who is this certain would act on it
WIDEST = 60  # noise beyond has a probability under 10^-13

Rule = Callable[[int, int], int | None]  # true count, noise -> what is published


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the attacker fared. `expected` is what `right` tends to with ever more runs."""

    right: float
    expected: float
    sure: float


def attack(
    rule: Rule = figures.published,
    *,
    runs: int = RUNS,
    others: int = 0,
    seed: int = 1,
    subscribers: int = SUBSCRIBERS,
) -> Outcome:
    """Publish two months `runs` times, and let the attacker guess.

    `others` may have changed, one by one and at random: he knows of the possibility only.
    """
    chance = Random(seed)  # noqa: S311 - repeatable, and guards nothing
    right, expected, sure = 0, 0.0, 0
    for _ in range(runs):
        before = _size_of_tier(chance, subscribers)
        has_left = chance.random() < 0.5
        drift = _drift(chance, others)
        seen = rule(before + drift - has_left, _noise(chance))
        belief = _belief(rule, before=before, seen=seen, others=others)
        guess = belief > 0.5 or (belief == 0.5 and chance.random() < 0.5)
        right += guess == has_left
        certainty = max(belief, 1 - belief)
        expected += certainty
        sure += certainty >= SURE
    return Outcome(right / runs, expected / runs, sure / runs)


def exact(count: int, _noise: int) -> int:
    """Publish the truth: what to compare with."""
    return count


def only_rounded(count: int, _noise: int) -> int | None:
    """Round to 10 without noise, as many do."""
    return figures.publishable(count)


def mean_of_downloads(count: int, downloads: int, *, seed: int = 1) -> float:
    """What drawing noise anew for each download would tell: nearly the count itself."""
    chance = Random(seed)  # noqa: S311 - repeatable, and guards nothing
    return sum(count + _noise(chance) for _ in range(downloads)) / downloads


@cache
def odds(noise: int) -> float:
    """The probability of this much noise: (1 - a) / (1 + a) * a^|noise|, with a = e^-EPSILON."""
    a = math.exp(-figures.EPSILON)
    return (1 - a) / (1 + a) * a ** abs(noise)


def _belief(rule: Rule, *, before: int, seen: int | None, others: int) -> float:
    """How probable a withdrawal is after what was seen; it was even odds before.

    The month before says nothing more: its noise is independent, and its count is known.
    """
    stayed = sum(odds * _likelihood(rule, before + drift, seen) for drift, odds in _drifts(others))
    left = sum(
        odds * _likelihood(rule, before + drift - 1, seen) for drift, odds in _drifts(others)
    )
    return left / (left + stayed)


@cache
def _likelihood(rule: Rule, count: int, seen: int | None) -> float:
    return sum(odds(noise) for noise in range(-WIDEST, WIDEST + 1) if rule(count, noise) == seen)


def _size_of_tier(chance: Random, subscribers: int) -> int:
    """How many have the colleague's tier; the other tier is independent and says nothing."""
    in_mini = round(subscribers * SHARE_OF_MINI + chance.gauss(0, subscribers**0.5))
    return in_mini if chance.random() < SHARE_OF_MINI else subscribers - in_mini


def _drift(chance: Random, others: int) -> int:
    return sum(chance.choice((-1, 1)) for _ in range(others))


def _drifts(others: int) -> Iterator[tuple[int, float]]:
    """Every sum of `others` steps of one up or down, with its probability."""
    for ups in range(others + 1):
        yield 2 * ups - others, math.comb(others, ups) / 2**others


def _noise(chance: Random) -> int:
    """Draw as `figures.draw_noise` does, from a chance that can be repeated."""
    return figures.draw_noise(chance)
