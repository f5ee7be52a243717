"""No process outlives the one that started it: the two requests to the kernel that see to that.

A child can ask to be signalled when its parent ends, and a parent can ask that descendants
whose own parents ended become its children (both: prctl(2)). The kernel offers them on Linux
only; elsewhere these functions do nothing, and a process killed with -9 leaves its children.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_PR_SET_CHILD_SUBREAPER = 36

# Loaded now: between fork and exec, where die_with() runs, nothing new may be loaded.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent: int, *, by: signal.Signals) -> None:
    """Let the kernel send this process `by` when its parent ends.

    `parent` is the pid from before the fork: if it is no longer our parent it ended before we
    could ask, and this process ends at once. Strictly, the kernel watches the *thread* that
    forked, so only a main thread may start processes that call this.
    """
    _prctl(_PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans(*, adopt: bool) -> None:
    """Make (or no longer make) descendants whose parents end children of this process."""
    _prctl(_PR_SET_CHILD_SUBREAPER, int(adopt))


def adopted(*, own: Collection[int]) -> list[int]:
    """Return the processes that this one adopted and that still run; bury those that ended.

    Not counted are the pids in `own`, and whatever shares our session: that was started by
    code in this very process, for instance with subprocess.run().
    """
    session = os.getsid(0)
    running = []
    for pid, theirs in _children():
        if pid not in own and theirs != session:
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    running.append(pid)
    return running


def kill_adopted(*, own: Collection[int]) -> None:
    """Kill what adopted() returns; those that they started are adopted in their turn."""
    for pid in adopted(own=own):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _children() -> Iterator[tuple[int, int]]:
    """Yield pid and session of every child of this process, zombies included."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        # "pid (name) state ppid group session ...": the name may hold spaces and brackets.
        _, parent, _, session = stat.rpartition(b")")[2].split()[:4]
        if int(parent) == os.getpid():
            yield int(entry.name), int(session)


def _prctl(option: int, value: int) -> None:
    if _libc is not None and _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")
