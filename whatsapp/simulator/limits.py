"""Meta's limits: how much, how fast, to how many.

Source: "Messaging limits", "Throughput" and "Rate limits" in Meta's WhatsApp
Business Platform documentation.
"""

from dataclasses import dataclass

from whatsapp.simulator.clock import DAY, Moment
from whatsapp.simulator.errors import GraphError
from whatsapp.simulator.records import Person
from whatsapp.simulator.world import World

HOUR = 60 * 60  # seconds


@dataclass
class Bucket:
    """A store of permissions that refills steadily up to `size`."""

    level: float
    at: Moment

    def take(self, *, per_second: float, size: float, now: Moment) -> bool:
        """Use one permission if there is one."""
        self.level = min(size, self.level + (now - self.at) * per_second)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Limits:
    """Counts what the business does, and refuses what is too much with GraphError."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.clear()

    def clear(self) -> None:
        self._buckets: dict[str, Bucket] = {}
        self._reached: dict[str, Moment] = {}  # person id -> last message outside a window

    def check_throughput(self) -> None:
        """Messages per second of the number."""
        rate = self._world.settings.throughput_per_second
        if rate and not self._take("throughput", per_second=rate, size=max(rate, 1)):
            raise GraphError(130429, "Cloud API message throughput has been reached.")

    def check_pair(self, person: Person) -> None:
        """One message per some seconds to one person, after a burst."""
        settings = self._world.settings
        seconds, burst = settings.pair_seconds, settings.pair_burst
        if seconds and not self._take(person.id, per_second=1 / seconds, size=burst):
            raise GraphError(
                131056, "Too many messages sent from this phone number to the same phone number."
            )

    def check_portfolio(self, person: Person) -> None:
        """People reached outside their window in the last 24 hours."""
        limit, now = self._world.settings.portfolio_limit, self._world.now()
        if person.has_open_window(now=now):
            return
        recent = {who: at for who, at in self._reached.items() if now - at < DAY} if limit else {}
        if limit is not None and person.id not in recent and len(recent) >= limit:
            code = self._world.settings.portfolio_limit_code
            raise GraphError(code, f"The messaging limit of {limit} people in 24 hours is reached.")
        self._reached[person.id] = now

    def check_management(self) -> None:
        """Calls per hour that are not messages."""
        limit = self._world.settings.management_calls_per_hour
        if limit is not None and not self._take("management", per_second=limit / HOUR, size=limit):
            raise GraphError(80007, "There have been too many calls to this business account.")

    def _take(self, name: str, *, per_second: float, size: float) -> bool:
        now = self._world.now()
        bucket = self._buckets.setdefault(name, Bucket(level=size, at=now))
        return bucket.take(per_second=per_second, size=size, now=now)
