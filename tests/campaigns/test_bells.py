"""A bell for many: seldom, never forgotten, and nobody waits for it."""

import threading

from campaigns.bells import Bell
from tests.subscribers.racing import PATIENCE, until


class Tower:
    """Rings as long as it takes, and counts."""

    def __init__(self):
        self.rung = 0
        self.may_end = threading.Event()

    def ring(self):
        self.rung += 1
        assert self.may_end.wait(PATIENCE)


def test_who_asks_does_not_wait_for_the_ringing():
    tower = Tower()
    bell = Bell(tower.ring, rest=0)

    bell.ask()  # returns, although nothing ends the ringing yet

    until(lambda: tower.rung == 1)
    tower.may_end.set()


def test_a_hundred_who_ask_while_it_rings_are_followed_by_one_more_ring():
    tower = Tower()
    bell = Bell(tower.ring, rest=0)
    bell.ask()
    until(lambda: tower.rung == 1)

    for _ in range(100):
        bell.ask()
    tower.may_end.set()

    until(lambda: not bell._is_ringing)
    assert tower.rung == 2


def test_it_rings_again_after_it_has_come_to_rest():
    tower = Tower()
    tower.may_end.set()
    bell = Bell(tower.ring, rest=0)

    for times in (1, 2):
        bell.ask()
        until(lambda: not bell._is_ringing)
        assert tower.rung == times


def test_a_ringer_that_dies_leaves_the_bell_in_order(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _died: None)
    rung = []

    def ring():
        rung.append(1)
        raise SystemExit

    bell = Bell(ring, rest=0)

    for times in (1, 2):
        bell.ask()
        until(lambda: not bell._is_ringing)
        assert len(rung) == times
