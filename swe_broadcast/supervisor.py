"""Starts programs, keeps them running and ends them all: `supervise(children, ...)`.

A child that ends is started again: at once if it had run a while, else after a pause that
doubles each time. Asked to stop (SIGTERM, SIGINT), children end in the reverse order of their
needs, each with its own time to finish; a second Ctrl-C kills what is left.

Nothing survives, whoever is killed with -9, because supervise() works in two processes:

    caller, from now on the guard: passes signals on, waits
      +- supervisor: starts, watches and stops
           +- children, each in a session of its own, and what they start in turn

* The supervisor dies: the kernel sends every child its stop signal; the guard adopts them and
  their descendants and kills whoever is left after a few seconds, deaf to signals or not.
* The guard dies: the kernel tells the supervisor, which stops everything in a hurry.
* A child dies: the supervisor adopts what the child had started, and kills it.

Only if guard and supervisor are killed in the same instant, a program that ignores its stop
signal stays. Needs Linux (orphans.py); elsewhere everything works but the cases of kill -9.
"""

import logging
import math
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

from swe_broadcast import orphans
from swe_broadcast.child import Charge, Child, tail

__all__ = ["Announce", "Child", "Event", "News", "supervise", "tail"]

ATTEMPTS = 5  # starts of a child that never became ready before we give up
HURRY = 3.0  # seconds that children get when one of our two processes was killed
LAST_RESORT = 5.0  # seconds in which the guard kills again and again, should one be unkillable
PROBE_EVERY = 0.1  # seconds between two questions whether a child is ready
ASK_EVERY = 0.5  # seconds between two calls of `until`

logger = logging.getLogger(__name__)


class Event(StrEnum):
    """What supervise() announces."""

    READY = "ready"  # one child is, for the first time or again
    ALL_READY = "all ready"  # every child is; announced once
    ENDED = "ended"  # a child did without being asked to; it will be started again
    GIVEN_UP = "given up"  # a child never became ready; now everything is stopped


@dataclass(frozen=True, kw_only=True)
class News:
    """Something that happened to a child; `child` is empty when it concerns all."""

    event: Event
    child: str = ""
    reason: str = ""  # of ENDED and GIVEN_UP, for a human; the latter quotes the child's log


Announce = Callable[[News], None]


def supervise(
    children: Iterable[Child],
    *,
    log_dir: Path,
    announce: Announce,
    until: Callable[[], bool] | None = None,
) -> int:
    """Run the children until a signal, or `until`, ends it; return the exit code.

    0 means stopped as asked, 1 that a child could never be started or that the supervisor was
    killed. `announce` and `until` run in the supervisor's process, between its other duties:
    while they take their time nothing is restarted. The output of a child goes to
    `log_dir/NAME.log`. To be called from the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("supervise() must run in the main thread, see orphans.die_with().")
    supervisor = _Supervisor(children, log_dir=log_dir, announce=announce, until=until)
    guard = os.getpid()
    sys.stdout.flush()  # or both processes would print what is still in the buffer
    sys.stderr.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, _Signals.HEEDED)  # until both can handle them
    orphans.adopt_orphans(adopt=True)
    pid = os.fork()
    if pid == 0:
        _become_supervisor(supervisor, guard=guard)
    try:
        return _watch_over(pid)
    finally:
        orphans.adopt_orphans(adopt=False)


def _watch_over(supervisor: int) -> int:
    """Be the guard: pass signals on, and when the supervisor has ended leave nothing behind."""
    with _Signals() as signals:
        pid = 0
        while pid == 0:
            for number in signals.wait(None):
                if number != signal.SIGCHLD:
                    os.kill(supervisor, number)
            pid, status = os.waitpid(supervisor, os.WNOHANG)
        # Was it killed? Then the kernel has told the children to stop.
        patience = time.monotonic() + HURRY
        while orphans.adopted(own=()) and time.monotonic() < patience:
            signals.wait(PROBE_EVERY)
        while orphans.adopted(own=()) and time.monotonic() < patience + LAST_RESORT:
            orphans.kill_adopted(own=())
            signals.wait(PROBE_EVERY)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        logger.error("the supervisor was killed", extra={"signal": -code})
    return code if code >= 0 else 1


def _become_supervisor(supervisor: "_Supervisor", *, guard: int) -> NoReturn:
    """Be the second process, which never returns into the code of our caller."""
    code = 1
    try:
        # Out of the terminal's reach: Ctrl-C goes to the guard alone, which passes it on once.
        os.setsid()
        orphans.die_with(guard, by=signal.SIGTERM)
        orphans.adopt_orphans(adopt=True)
        code = supervisor.run(guard=guard)
    except BaseException:
        logger.exception("the supervisor failed")
        raise  # os._exit() comes first
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class _Supervisor:
    """What the second process does."""

    def __init__(
        self,
        children: Iterable[Child],
        *,
        log_dir: Path,
        announce: Announce,
        until: Callable[[], bool] | None,
    ) -> None:
        self._charges = {child.name: Charge(child, log_dir=log_dir) for child in children}
        for charge in self._charges.values():
            if unknown := set(charge.child.needs) - set(self._charges):
                raise ValueError(f"{charge.child.name} needs unknown children: {unknown}")
        log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._announce = announce
        self._until = until
        self._all_ready = False
        self._stopping = False
        self._interrupted = False
        self._code = 0

    def run(self, *, guard: int) -> int:
        """Keep the children running until asked to stop and all have ended."""
        with _Signals() as signals:
            while not self._stopping or any(c.is_running for c in self._charges.values()):
                self._care(time.monotonic())
                for number in signals.wait(self._pause(time.monotonic())):
                    self._heed(number, guard=guard)
                if self._until is not None and not self._stopping:
                    self._stopping = self._until()
        return self._code

    def _care(self, now: float) -> None:
        """Bring every child one step closer to where it should be."""
        for charge in self._charges.values():
            if charge.has_ended:
                self._regret(charge, charge.bury(now))
            if self._stopping:
                if not self._has_dependants(charge):
                    charge.stop(now)
            elif charge.is_running:
                self._await_ready(charge, now)
            elif now >= charge.start_at and self._has_what_it_needs(charge):
                self._regret(charge, charge.start(now))
        if not self._all_ready and all(c.is_ready for c in self._charges.values()):
            self._all_ready = True
            self._announce(News(event=Event.ALL_READY))

    def _await_ready(self, charge: Charge, now: float) -> None:
        if charge.is_ready:
            return
        if charge.becomes_ready(now):
            self._announce(News(event=Event.READY, child=charge.child.name))
        elif not charge.was_ready and now > charge.first_start + charge.child.start_timeout:
            self._give_up(charge, f"not ready after {charge.child.start_timeout:.0f} seconds")

    def _regret(self, charge: Charge, reason: str) -> None:
        """Say that a child ended, if there is a reason; too often at the start: give up."""
        if not reason or self._stopping:
            return
        self._announce(News(event=Event.ENDED, child=charge.child.name, reason=reason))
        if not charge.was_ready and charge.attempts >= ATTEMPTS:
            self._give_up(charge, f"{reason}, {ATTEMPTS} times")

    def _give_up(self, charge: Charge, reason: str) -> None:
        reason = f"{reason}. The end of {charge.log}:\n{tail(charge.log)}"
        self._announce(News(event=Event.GIVEN_UP, child=charge.child.name, reason=reason))
        self._stopping, self._code = True, 1

    def _heed(self, number: signal.Signals, *, guard: int) -> None:
        if number == signal.SIGCHLD:
            # Only the children of our children: the latter are buried one by one in _care().
            orphans.kill_adopted(own={c.pid for c in self._charges.values() if c.pid})
            return
        self._stopping = True
        if os.getppid() != guard:  # it was killed, and the kernel told us
            for charge in self._charges.values():
                charge.stop(time.monotonic(), timeout=HURRY)
        elif number == signal.SIGINT and self._interrupted:
            for charge in self._charges.values():
                charge.kill()
        self._interrupted |= number == signal.SIGINT

    def _pause(self, now: float) -> float | None:
        """Return the seconds until something is due although no signal comes; None is never."""
        due = min(moment for c in self._charges.values() for moment in self._due(c, now))
        return None if due == math.inf else max(0.0, due - now)

    def _due(self, charge: Charge, now: float) -> Iterator[float]:
        yield math.inf if self._until is None else now + ASK_EVERY
        if self._stopping or (charge.is_running and not charge.is_ready):
            yield now + PROBE_EVERY
        elif not charge.is_running and self._has_what_it_needs(charge):
            yield charge.start_at

    def _has_what_it_needs(self, charge: Charge) -> bool:
        return all(self._charges[name].is_ready for name in charge.child.needs)

    def _has_dependants(self, charge: Charge) -> bool:
        return any(
            other.is_running and charge.child.name in other.child.needs
            for other in self._charges.values()
        )


class _Signals:
    """Makes signals values that one can wait for; on leaving, they act as before."""

    HEEDED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def __enter__(self) -> Self:
        self._inbox, self._wakeup = os.pipe()
        os.set_blocking(self._inbox, False)
        os.set_blocking(self._wakeup, False)
        signal.set_wakeup_fd(self._wakeup, warn_on_full_buffer=False)
        self._before = {
            number: signal.signal(number, self._note)
            for number in self.HEEDED
            # `nohup` means it.
            if (number, signal.getsignal(number)) != (signal.SIGHUP, signal.SIG_IGN)
        }
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self.HEEDED)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self._inbox)
        os.close(self._wakeup)

    def wait(self, seconds: float | None) -> list[signal.Signals]:
        """Return the signals that came, after at most so many seconds; None waits for one."""
        select.select([self._inbox], [], [], seconds)
        with suppress(BlockingIOError):
            return [signal.Signals(byte) for byte in os.read(self._inbox, 4096)]
        return []

    @staticmethod
    def _note(number: int, frame: FrameType | None) -> None:
        """Do nothing here: the number is already in the pipe, see signal.set_wakeup_fd()."""
