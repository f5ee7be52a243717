"""Sees which processes work for a folder, and waits for what they do."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds; a busy machine takes its time, a quick one does not wait


def processes_of(folder: Path) -> dict[int, str]:
    """Return pid and command of every process that works in `folder` or was told about it."""
    return {pid: command for pid, command in _processes(str(folder)) if pid != os.getpid()}


def pids(folder: Path, command: str) -> set[int]:
    """Return those processes of `folder` whose command matches the pattern."""
    return {pid for pid, found in processes_of(folder).items() if re.search(command, found)}


def eventually(happened: Callable[[], object], *, patience: float = PATIENCE) -> None:
    """Wait until it has happened; fail if it does not within so many seconds."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def python(*arguments: object, **variables: str) -> "subprocess.Popen[str]":
    """Start Python in the project's folder; its output can be read."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A test run in the background ignores Ctrl-C, and its children would inherit that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def until(line: str, process: "subprocess.Popen[str]") -> list[str]:
    """Read what a process says, up to and with a line that begins like that."""
    assert process.stdout is not None
    said: list[str] = []
    while not said or not said[-1].startswith(line):
        said.append(process.stdout.readline())
        assert said[-1], f"it ended and never said {line!r}, but {said}"
    return said


def rest(process: "subprocess.Popen[str]") -> str:
    """Wait until a process has ended; return what it had still to say."""
    assert process.stdout is not None
    said = process.stdout.read()  # not communicate(): it would miss what until() has buffered
    process.wait()
    return said


def _processes(folder: str) -> Iterator[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            told = (process / "environ").read_bytes().decode(errors="replace")
            where = str((process / "cwd").readlink())
            if folder in command or folder in told or where.startswith(folder):
                yield int(process.name), command
