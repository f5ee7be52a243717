"""How fast we may send: one rate for the number, shared by all workers on all machines.

The limiter is GCRA (a leaky bucket kept as one point in time) in a Lua script, so that taking
a permit is one atomic step on the broker's own clock. Its burst is a fortieth of a second's
permits: no second sees more than 102.5 % of the rate plus one.

If the broker is gone, each worker goes on alone with a small fixed share. That may be slower
than allowed, never faster.
"""

import time
from dataclasses import dataclass, field
from typing import cast

import redis

BURST_SHARE = 0.025  # of one second's permits that may be taken at once
ALONE_SHARE = 0.1  # of the rate for each worker while the broker is gone: at most ten senders
KEY = "pace"

# KEYS[1] the point in time (microseconds) from which the next permit is due.
# ARGV: wanted permits, microseconds per permit, burst in permits. Answers: granted permits,
# and microseconds until the next one. Keys expire by themselves when nobody sends.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local granted = math.min(tonumber(ARGV[1]), math.floor((now - due) / interval + burst))
if granted < 1 then
    return {0, math.ceil(due - now - (burst - 1) * interval)}
end
redis.call('SET', KEYS[1], string.format('%d', due + granted * interval), 'PX', 60000)
return {granted, 0}
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may be sent now, and if none, in how many seconds to ask again."""

    permits: int
    wait: float = 0.0


@dataclass(slots=True)
class Pace:
    """The rate of one number. Safe for many threads; `rate` is in messages per second."""

    broker: redis.Redis
    rate: float
    _alone_from: float = field(default=0.0, init=False)

    def take(self, wanted: int) -> Grant:
        """Take up to `wanted` permits; never waits. With nothing wanted, look again soon."""
        if wanted < 1:
            return Grant(0, 1.0)
        burst = max(1.0, self.rate * BURST_SHARE)
        try:
            granted, wait = cast(
                tuple[int, int],
                self.broker.eval(_TAKE, 1, KEY, wanted, round(1e6 / self.rate), burst),
            )
        except redis.RedisError:
            return self._take_alone()
        return Grant(granted, wait / 1e6)

    def _take_alone(self) -> Grant:
        """One permit at a time, at a share of the rate, on this process's own clock."""
        now = time.monotonic()
        if now < self._alone_from:
            return Grant(0, self._alone_from - now)
        self._alone_from = now + 1 / (self.rate * ALONE_SHARE)
        return Grant(1)
