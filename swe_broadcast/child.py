"""One program that the supervisor looks after: what it is (Child), and how it fares (Charge)."""

import math
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from swe_broadcast import orphans

FIRST_PAUSE = 0.2  # seconds before a child that fell at once is started again ...
LONGEST_PAUSE = 30.0  # ... and what this pause doubles up to
STEADY_AFTER = 5.0  # seconds ready; whoever falls later is started again without a pause
LOG_LIMIT = 5_000_000  # bytes; a longer log is put aside when its child starts
TAIL_LINES = 15
TAIL_BYTES = 3000


@dataclass(frozen=True, kw_only=True)
class Child:
    """A program to keep running.

    `ready` is asked until it says True; it must answer within a second and not raise. None
    means: ready as soon as it is started. `needs` names children that must be ready before
    this one starts, and that stop only after it.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)  # on top of our own environment
    cwd: Path | None = None
    ready: Callable[[], bool] | None = None
    needs: Sequence[str] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 10.0  # seconds from the stop signal to SIGKILL
    start_timeout: float = 60.0  # seconds until ready, the first time; then we give up


def tail(log: Path) -> str:
    """Return the last lines of a log file; empty if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-TAIL_LINES:])


class Charge:
    """A child in the supervisor's care. Times are those of time.monotonic(), in seconds."""

    def __init__(self, child: Child, *, log_dir: Path) -> None:
        self.child = child
        self.log = log_dir / f"{child.name}.log"
        self.attempts = 0
        self.first_start = 0.0
        self.start_at = 0.0
        self.kill_at: float | None = None  # None until it is asked to stop
        self.was_ready = False
        self._process: subprocess.Popen[bytes] | None = None
        self._ready_since: float | None = None
        self._pause = FIRST_PAUSE

    @property
    def pid(self) -> int | None:
        """The process, from its start until it is buried; None when there is none."""
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether it was started and is not yet buried."""
        return self._process is not None

    @property
    def is_ready(self) -> bool:
        """Whether others that need it may start."""
        return self._ready_since is not None

    @property
    def has_ended(self) -> bool:
        """Whether its process ended and waits to be buried."""
        return self._process is not None and self._process.poll() is not None

    def start(self, now: float) -> str:
        """Start it; return why that was not possible, or nothing."""
        self.first_start = self.first_start or now
        self.attempts += 1
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        try:
            with self.log.open("ab") as log:
                self._process = self._spawn(stdout=log.fileno())
        except OSError as exc:
            self._plan_start(now)
            return f"cannot be started: {exc.strerror}: {exc.filename}"
        return ""

    def becomes_ready(self, now: float) -> bool:
        """Ask its probe, if it has one; return whether it is ready now."""
        if self.child.ready is None or self.child.ready():
            self._ready_since, self.was_ready = now, True
        return self.is_ready

    def bury(self, now: float) -> str:
        """Take note that it has ended, plan its next start, and return how it ended."""
        assert self._process is not None
        code = self._process.returncode
        if self._ready_since is not None and now >= self._ready_since + STEADY_AFTER:
            self._pause, self.start_at = FIRST_PAUSE, now
        else:
            self._plan_start(now)
        self._process = self._ready_since = self.kill_at = None
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def stop(self, now: float, *, timeout: float = math.inf) -> None:
        """Ask it to end; after its own stop timeout, or a shorter one in seconds, kill it."""
        if self._process is None:
            return
        if self.kill_at is None:
            self._process.send_signal(self.child.stop_signal)
            self.kill_at = now + self.child.stop_timeout
        self.kill_at = min(self.kill_at, now + timeout)
        if now >= self.kill_at:
            self.kill()

    def kill(self) -> None:
        """Kill it and its process group; what it started elsewhere the supervisor adopts."""
        if self._process is not None:
            self.kill_at = math.inf  # done; the kernel tells when it has ended
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _spawn(self, *, stdout: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own commands
            self.child.command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.child.env},
            cwd=self.child.cwd,
            preexec_fn=partial(_enter, os.getpid(), self.child.stop_signal),
        )

    def _plan_start(self, now: float) -> None:
        self.start_at = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


def _enter(supervisor: int, stop_signal: signal.Signals) -> None:
    """Run in a new child, before its program."""
    os.setsid()
    orphans.die_with(supervisor, by=stop_signal)
