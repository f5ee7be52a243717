"""How fast we may send: one rate for the number, shared by all workers on all machines.

The limiter is GCRA (a leaky bucket kept as one point in time) in a Lua script, so that taking
permits is one atomic step on the broker's own clock. Its burst is a tenth of a second's
permits, plus one, so that a worker that looks seldom still gets its share. Permits come in small
batches, and whoever has to wait is told how long: a fast worker does not ask per message.

Between its permit and its first byte a message is armed, and waits for a busy machine: what was
spread evenly would leave in bunches. So at the very end each message takes a turn, at the
broker, too: it begins one interval after the one before, and milliseconds later it is over.
Whoever could not leave in its turn takes another. Nobody ever catches up, and no second sees
more than 102 % of the rate where messages leave, however many the workers are.

Whoever is urgent (replies, urgent news) and has to wait is noted at the broker; until its turn
nobody else gets anything. When Meta says that we are too fast, the rate is halved for all
workers at once and comes back slowly.

If the broker is gone, each process goes on alone with a small share. When it is back, nobody
sends for a moment, so that shares and common rate are never in force side by side.
"""

import logging
import math
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import cast

import redis

from whatsapp.pipeline import Turns

logger = logging.getLogger(__name__)

BURST_SHARE = 0.1  # of one second's permits that may be taken at once, beyond the first
AIM = 0.99  # of the rate: what is left lets messages be late for longer where that costs nothing
EXCESS = 0.02  # of the rate, that a second may see more than it
SPARE = 0.02  # seconds that a message may always be late, on our side and on its way to Meta
LATE = 0.01  # seconds of them on our side: then a turn is over
AHEAD = 0.02  # seconds: turns are given out so far ahead
QUEUE = 0.2  # seconds' worth of armed messages that may wait for a turn
ALONE_SHARE = 0.1  # of the rate for each process while the broker is gone: at most ten senders
AWAY = 1.0  # seconds until a broker that did not answer is asked again; then all keep still
KEY = "pace"
TURNS_KEY = "pace:turns"  # when the next turn begins, in microseconds

LEAST_SHARE = 1 / 32  # of the rate that is left after any number of halvings
HOLD = 2.0  # seconds in which further complaints are about messages sent before the halving
RECOVERY = 0.005  # of the full rate that comes back per second: 5 % in 10 s

# What both scripts begin with: the state, and the share of the rate in force at this moment.
# KEYS[1] is a hash: `due`, the point in time (microseconds) at which the next permit is due;
# `urgent`, until when whoever is not urgent has to wait; `share` and `since`, what was left by
# the last halving, and when that was.
_STATE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local kept = redis.call('HMGET', KEYS[1], 'due', 'urgent', 'share', 'since')
local due, urgent, since = tonumber(kept[1]), tonumber(kept[2]) or 0, tonumber(kept[4])
local share = 1
if since then
    share = math.min(1, tonumber(kept[3]) + (now - since) / 1e6 * tonumber(ARGV[1]))
end
local function keep(...)
    redis.call('HSET', KEYS[1], ...)
    redis.call('PEXPIRE', KEYS[1], 300000)
end
"""
# ARGV: recovery per second, wanted permits, full rate per second, burst share, 1 if urgent,
# microseconds that everybody shall keep still because somebody comes back.
# Answers: granted permits, microseconds until the next question makes sense.
_TAKE = (
    _STATE
    + """
local wanted, is_urgent = tonumber(ARGV[2]), ARGV[5] == '1'
local rate = tonumber(ARGV[3]) * share
-- Whole permits: a fraction would add up over a second, to one message too many.
local interval, burst = 1e6 / rate, 1 + math.floor(rate * tonumber(ARGV[4]))
local batch = math.min(wanted, math.max(1, math.floor(burst / 2)))
if not due then  -- the first question, or a broker without memory: no burst
    due = now + (burst - 1) * interval
end
if tonumber(ARGV[6]) > 0 then
    due = math.max(due, now + tonumber(ARGV[6]) + (burst - 1) * interval)
end
due = math.max(due, now)  -- permits that nobody took are gone
local room = math.floor((now - due) / interval + burst + 0.001)  -- clocks are rounded
local others_first = not is_urgent and urgent > now
local granted = 0
if room >= batch and not others_first then
    granted = math.min(wanted, room)
    due = due + granted * interval
end
keep('due', string.format('%.0f', due))
-- The earliest moment at which the next batch can be there.
local ready = math.max(now, due + (batch - burst) * interval)
if is_urgent and granted < wanted then
    keep('urgent', string.format('%.0f', ready + 20000))  -- 20 ms to come and take it
end
if others_first then
    ready = math.max(ready, urgent)
end
return {granted, math.ceil(ready - now)}
"""
)
# ARGV: recovery per second, least share, microseconds to hold. Answers: 1 if halved.
_HALVE = (
    _STATE
    + """
if since and now - since < tonumber(ARGV[3]) then
    return 0
end
share = math.max(tonumber(ARGV[2]), share / 2)
keep('share', tostring(share), 'since', string.format('%.0f', now))
return 1
"""
)
# ARGV in microseconds: the interval, how far ahead; wanted turns. Answers: granted turns,
# microseconds until the first begins, nanoseconds from each to the next, microseconds until the
# next question makes sense.
_TURNS = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval, ahead, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
-- A broker without memory: the turns of the next moment may be somebody's.
local due = tonumber(redis.call('GET', KEYS[1])) or now + ahead
local first = math.max(due, now)  -- turns that nobody took are gone
local granted = math.min(wanted, math.max(0, math.floor((now + ahead - first) / interval + 1.001)))
due = first + granted * interval
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', 300000)
local ready = math.max(0, due - ahead - now)
return {granted, math.ceil(first - now), math.ceil(interval * 1000), math.ceil(ready)}
"""


def interval(rate: float) -> float:
    """Return the seconds between two turns, so that no second sees more than 102 % of `rate`.

    A second sees the messages whose turns began in it or up to SPARE before. As many turns must
    fit into that as whole messages into 102 %: for 80/s that is 81, at 79.2/s.
    """
    allowed = max(1, math.floor((1 + EXCESS) * rate))
    return max(1 / (AIM * rate), (1 + SPARE) / allowed)


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may be sent now, and if none, in how many seconds to ask again."""

    permits: int
    wait: float = 0.0


@dataclass(slots=True)
class _Alone:
    """The share of a process without its broker: one permit at a time, on its own clock."""

    due: float = 0.0  # when the next permit is due
    ask_at: float = 0.0  # when to ask the broker again
    has_sent: bool = False  # since the broker was last heard


@dataclass(slots=True)
class Pace:
    """The rate of one number. Safe for many threads; `rate` is in messages per second."""

    broker: redis.Redis
    rate: float
    _turns: dict[bool, float] = field(default_factory=dict, init=False)  # by urgency
    _alone: _Alone = field(default_factory=_Alone, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def take(self, wanted: int, *, urgent: bool = False) -> Grant:
        """Take up to `wanted` permits; never waits. With nothing wanted, look again soon.

        Whoever asks before its turn is told to wait without asking the broker.
        """
        if wanted < 1:
            return Grant(0, 1.0)
        with self._lock:
            now = time.monotonic()
            left = self._turns.get(urgent, 0.0) - now
            if left > 0:
                return Grant(0, left)
            if now < self._alone.ask_at:
                return self._take_alone(now)
            try:
                return self._ask(wanted, urgent=urgent)
            except redis.RedisError:
                return self._begin_alone(time.monotonic())

    def slow_down(self) -> None:
        """Halve the rate of all workers, because Meta says that we are too fast (130429).

        Answers to what was sent before the halving count once: nothing happens for HOLD seconds.
        """
        try:
            self.broker.eval(_HALVE, 1, KEY, RECOVERY, LEAST_SHARE, round(HOLD * 1e6))
        except redis.RedisError:
            with self._lock:
                self._alone.due = time.monotonic() + HOLD

    @property
    def queue(self) -> int:
        """How many armed messages may wait for their turn: more would grow old."""
        return max(1, round(self.rate * QUEUE))

    def turns(self, wanted: int) -> Turns:
        """Take up to `wanted` turns to leave in, the first at once if it is free.

        For the moment before the first byte, by messages that have a permit. Without its broker
        a process has so few permits that they need no turns.
        """
        asked = time.monotonic()
        if asked < self._alone.ask_at:
            return Turns(((asked, asked + LATE),) * wanted)
        spans = (1e6 * interval(self.rate), 1e6 * AHEAD)
        try:
            answer = self.broker.eval(_TURNS, 1, TURNS_KEY, *spans, wanted)
        except redis.RedisError:  # take() will find out, too
            return Turns(((time.monotonic(), time.monotonic() + LATE),) * wanted)
        granted, first, apart, wait = cast(tuple[int, int, int, int], answer)
        # The broker looked at its clock at some moment since we asked. So as never to be early
        # and never late, a turn begins by the last such moment and ends by the first.
        answered = time.monotonic()
        begins = [first / 1e6 + number * apart / 1e9 for number in range(granted)]
        turns = tuple((answered + at, asked + at + LATE) for at in begins)
        return Turns(turns, wait=wait / 1e6)

    def _ask(self, wanted: int, *, urgent: bool) -> Grant:
        still = round(AWAY * 1e6) if self._alone.has_sent else 0
        arguments = (RECOVERY, wanted, 1 / interval(self.rate), BURST_SHARE, int(urgent), still)
        answer = self.broker.eval(_TAKE, 1, KEY, *arguments)
        granted, wait = cast(tuple[int, int], answer)
        self._alone = _Alone()
        if not granted:
            self._turns[urgent] = time.monotonic() + wait / 1e6
        return Grant(granted, 0.0 if granted else wait / 1e6)

    def _begin_alone(self, now: float) -> Grant:
        """Go on without the broker until it is asked again. What has just left counts."""
        self._turns.clear()
        self._alone.ask_at = now + AWAY
        if not self._alone.has_sent:
            logger.warning("the broker does not keep our pace; going on with a small share")
            self._alone.due = max(self._alone.due, now + self._alone_interval)
        return self._take_alone(now)

    def _take_alone(self, now: float) -> Grant:
        if now < self._alone.due:
            return Grant(0, self._alone.due - now)
        self._alone.due = now + self._alone_interval
        self._alone.has_sent = True
        return Grant(1)

    @property
    def _alone_interval(self) -> float:
        return 1 / (self.rate * ALONE_SHARE)
