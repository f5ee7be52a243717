"""Sender processes that do as they are told: several of them are the workers of an installation.

`Hand` is our end; the other is bench/obey.py. Between them go lines of JSON. DATABASE_URL and
the rest of the environment say whose workers they are.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Self

from bench.cpu import of_tree
from bench.world import ROOT, Meta


@dataclass(frozen=True, slots=True)
class Hand:
    """A sender process."""

    process: "subprocess.Popen[str]"

    def tell(self, what: str, **how: object) -> Self:
        """Let it begin; `heard` waits for the end."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"what": what, **how}) + "\n")
        self.process.stdin.flush()
        return self

    def heard(self) -> dict[str, Any]:
        """What it has found out."""
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return of_tree(self.process.pid)


@contextmanager
def hands(number: int, meta: Meta, *, env: Mapping[str, str] | None = None) -> Iterator[list[Hand]]:
    """Run so many sender processes, ready to be told."""
    command = [sys.executable, "-m", "bench.obey", meta.url, str(meta.ca)]
    with ExitStack() as ends:
        team = []
        for _ in range(number):
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            ends.enter_context(process)  # closes what it hears, and so ends it; waits for it
            team.append(Hand(process).tell("wait"))
        for hand in team:
            hand.heard()
        yield team
