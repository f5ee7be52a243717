"""Simulated people act on their own, each along a list of steps.

    {"say": "START"}   writes a message
    {"tap": "MINI"}    waits for a message with such a button (title or id, any
                       case) that was not tapped yet, and taps it
    {"wait": 2.5}      does nothing for so many seconds

Before writing and tapping a person takes a moment to think; the setting
`human_delay_scale` stretches that moment, and 0 abolishes it. Waiting is never
stretched.
"""

import asyncio
from contextlib import suppress

from whatsapp.simulator.chats import Chats
from whatsapp.simulator.deliveries import Deliveries
from whatsapp.simulator.feed import Watcher
from whatsapp.simulator.people import People
from whatsapp.simulator.phones import NothingToTapError, Phones
from whatsapp.simulator.randomness import Delay
from whatsapp.simulator.records import Person, Step
from whatsapp.simulator.world import World

THINKING = Delay(2.5, 12.0, long_tailed=True)  # seconds before a message or a tap


class Scripts:
    """Runs the script of every person who has one."""

    def __init__(
        self,
        world: World,
        *,
        people: People,
        chats: Chats,
        deliveries: Deliveries,
        phones: Phones,
    ) -> None:
        self._world = world
        self._deliveries = deliveries
        self._people = people
        self._chats = chats
        self._phones = phones
        self._running: dict[str, asyncio.Task[None]] = {}

    def run(self, person: Person) -> None:
        """Begin with the next step, unless the person is busy or has nothing to do."""
        if person.id in self._running or person.script_done >= len(person.script):
            return
        self._world.work.begin("scripts")
        task = asyncio.create_task(self._act(person))
        self._running[person.id] = task
        task.add_done_callback(lambda _: self._running.pop(person.id, None))

    def resume(self) -> None:
        """Go on where people were interrupted by the end of the last life."""
        for person in self._world.store.people:
            self.run(person)

    def extend(self, person: Person, steps: list[Step]) -> None:
        self._people.change(person, script=[*person.script, *steps])
        self.run(person)

    async def stop(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._running.clear()

    async def _act(self, person: Person) -> None:
        with self._world.feed.watch(person.id) as watcher:
            while person.script_done < len(person.script):
                await self._take(person.script[person.script_done], person, watcher)
                self._people.change(person, script_done=person.script_done + 1)
        self._world.work.end("scripts")

    async def _take(self, step: Step, person: Person, watcher: Watcher) -> None:
        match step:
            case {"say": words}:
                await self._think(person)
                self._phones.say(person, words)
            case {"tap": wanted}:
                await self._tap(person, wanted, watcher)
            case {"wait": seconds}:
                await asyncio.sleep(seconds)

    async def _tap(self, person: Person, wanted: str, watcher: Watcher) -> None:
        while True:
            while not self._chats.find_button(person, wanted, fresh=True):
                await watcher.wait()
                watcher.take()
            await self._think(person)
            self._deliveries.read(person)  # nobody taps without looking
            # A human at the phone page may have tapped in the meantime.
            with suppress(NothingToTapError):
                self._phones.tap(person, wanted, fresh=True)
                return

    async def _think(self, person: Person) -> None:
        rng = self._world.dice.stream("thinking", person.phone, person.script_done)
        await asyncio.sleep(THINKING.draw(rng) * self._world.settings.human_delay_scale)
