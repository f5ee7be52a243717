"""What all parts of the simulator share: account, settings, time, chance and memory."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from whatsapp.simulator.account import Account
from whatsapp.simulator.clock import Clock, Moment
from whatsapp.simulator.feed import Feed
from whatsapp.simulator.randomness import Dice
from whatsapp.simulator.settings import Settings
from whatsapp.simulator.store import Store
from whatsapp.simulator.work import Work


class World:
    """One simulated WhatsApp, with a single business on it."""

    def __init__(self, *, account: Account, settings: Settings, store: Store, clock: Clock) -> None:
        self.account = account
        self.store = store
        self.clock = clock
        self.feed = Feed()
        self.work = Work()
        self.counts: Counter[str] = Counter()  # what happened how often, for /control/stats
        self._initial = settings
        self._use(settings)

    def now(self) -> Moment:
        return self.clock.now()

    def turn(self, changes: Mapping[str, Any]) -> None:
        """Turn some knobs. Raises WrongValueError."""
        self._use(self.settings.changed(changes))

    def forget(self) -> None:
        """Go back to the beginning: no people, no messages, the settings of the start."""
        self.store.clear()
        self.counts.clear()
        self._use(self._initial)

    def _use(self, settings: Settings) -> None:
        self.settings = settings
        self.dice = Dice(seed=settings.seed)
        self.clock.offset_seconds = settings.clock_offset_seconds
