"""The process tree of one machine: web, one worker for each queue, beat, and what they need.

For `manage.py up` and whoever wants the same tree around something else, as the demo does:

    tree = Tree(data_dir=..., port=8000, simulator_port=8001, embedded=engines.needed())
    with processes.servers(tree):  # PostgreSQL and Valkey run, the ports are ours
        databases.prepare(embedded="postgres" in tree.embedded)
        with processes.running(tree, announce=processes.in_words(print)) as desk:
            ...  # everything is ready, and started again if it falls
            desk.wait()  # until Ctrl-C

`up` calls run() instead of running(). Everything a process needs to know is in the environment
that this module gives it; nothing here reads settings. On servers of their own the processes
are started one by one, see docker-compose.yml.
"""

import fcntl
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from swe_broadcast import engines, local, orphans, probes
from swe_broadcast.child import Child
from swe_broadcast.servers import EnginesUnavailable
from swe_broadcast.supervisor import Announce, Event, News, supervise

HOST = probes.HOST  # whoever wants to be reached from elsewhere puts a proxy with TLS before it
# Each queue, and how many of its tasks run at the same time. Sending tasks wait for Meta most
# of the time, and each has many messages under way.
THREADS = {"inbound": 4, "send_urgent": 2, "send_bulk": 4, "ops": 2}
WEB_THREADS = 8  # per web process; a page takes the database a few milliseconds
WEB_PROCESSES = 2
DRAIN = 45.0  # seconds for a worker to finish: a task ends by itself after 30
START = 120.0  # seconds for a process to become ready; five Pythons start at the same time
PROJECT = Path(__file__).resolve().parent.parent


class CannotRun(Exception):
    """The process tree cannot be started; the text tells the operator what to do."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Which processes are to run, and where."""

    data_dir: Path
    port: int
    simulator_port: int | None = None  # None: without the simulator
    embedded: tuple[str, ...]  # the servers that come along, see engines.needed()

    @property
    def env(self) -> dict[str, str]:
        """What every process must know, on top of our environment."""
        known = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)}
        if self.simulator_port is not None:
            known["SIMULATOR_PORT"] = str(self.simulator_port)
        return known

    def children(self) -> list[Child]:
        """Return everything to be supervised, in the order of the announcements."""
        keepers = engines.keepers(self.data_dir, servers=self.embedded)
        foundation = [keeper.name for keeper in keepers]
        simulators = [] if self.simulator_port is None else [self._simulator(self.simulator_port)]
        # A worker that drains still sends, so the simulator goes after it.
        below = foundation + [simulator.name for simulator in simulators]
        workers = [self._worker(queue, needs=below) for queue in THREADS]
        return [*keepers, *simulators, self._web(foundation), *workers, self._beat(foundation)]

    def _web(self, needs: list[str]) -> Child:
        return Child(
            name="web",
            command=[
                *(sys.executable, "-m", "gunicorn", "swe_broadcast.wsgi"),
                *("--bind", f"{HOST}:{self.port}", "--no-control-socket"),
                *("--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS)),
                *("--graceful-timeout", "20", "--log-level", "warning"),
            ],
            env=self.env,
            cwd=PROJECT,
            ready=lambda: probes.answers(self.port, "/healthz/live"),
            needs=needs,
            stop_timeout=25.0,
            start_timeout=START,
        )

    def _worker(self, queue: str, *, needs: list[str]) -> Child:
        return self._celery(
            f"worker-{queue}",
            *("worker", "-Q", queue, "-n", f"{queue}@%h", "-P", "threads", "-c"),
            str(THREADS[queue]),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            needs=needs,
            stop_timeout=DRAIN,
        )

    def _beat(self, needs: list[str]) -> Child:
        schedule = str(self.data_dir / "run" / "beat-schedule")
        # Without a pid file: one left by a crash would keep beat from starting.
        return self._celery(
            "beat", "beat", "--schedule", schedule, "--pidfile=", needs=needs, stop_timeout=10.0
        )

    def _celery(self, name: str, *arguments: str, needs: list[str], stop_timeout: float) -> Child:
        ready = self.data_dir / "run" / f"{name}.ready"
        return Child(
            name=name,
            command=[sys.executable, "-m", "celery", "-A", "swe_broadcast", "-q", *arguments],
            env={**self.env, "READY_FILE": str(ready)},
            cwd=PROJECT,
            ready=lambda: probes.names_a_process(ready),
            needs=needs,
            stop_timeout=stop_timeout,
            start_timeout=START,
        )

    def _simulator(self, port: int) -> Child:
        return Child(
            name="simulator",
            command=[
                *(sys.executable, "-m", "whatsapp.simulator", "--host", HOST),
                *("--port", str(port), "--data", str(self.data_dir / "simulator.jsonl")),
                *("--webhook-url", f"http://{HOST}:{self.port}/webhooks/whatsapp/"),
            ],
            env=self.env,
            cwd=PROJECT,
            ready=lambda: probes.listens(port),
            start_timeout=START,
        )


@contextmanager
def servers(tree: Tree) -> Iterator[None]:
    """Have the servers that come along running, and nobody else working in DATA_DIR.

    Raises CannotRun. On leaving the servers end, unless others use them.
    """
    with ExitStack() as held:
        _claim(tree, held)
        for port, variable in ((tree.port, "PORT"), (tree.simulator_port, "SIMULATOR_PORT")):
            if port is not None and not probes.is_free(port):
                raise CannotRun(
                    f"Port {port} is taken by another program. Choose another one: "
                    f"{variable}={port + 100}"
                )
        if tree.embedded:
            held.callback(engines.wait_until_ended, tree.data_dir)
        try:
            held.enter_context(engines.use(tree.data_dir, servers=tree.embedded, grace=0))
        except EnginesUnavailable as exc:
            raise CannotRun(str(exc)) from exc
        yield


def run(tree: Tree, *, announce: Announce) -> int:
    """Run the tree, inside servers(), until a signal ends it; return the exit code."""
    for note in (tree.data_dir / "run").glob("*.ready"):
        note.unlink()  # of the last time; its pid may belong to anybody by now
    with _found_by_others(tree):
        logs = engines.locations(tree.data_dir).logs
        return supervise(tree.children(), log_dir=logs, announce=announce)


class Desk:
    """A tree that runs while somebody else does something, see running()."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._code: int | None = None

    def wait(self) -> int:
        """Return its exit code once it has ended. Raises KeyboardInterrupt on Ctrl-C."""
        if self._code is None:
            _, status = os.waitpid(self._pid, 0)
            self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def end(self) -> None:
        """Ask it to end and wait for that; a second Ctrl-C kills what still runs."""
        while self._code is None:
            with suppress(KeyboardInterrupt):
                os.kill(self._pid, signal.SIGINT)
                self.wait()


@contextmanager
def running(tree: Tree, *, announce: Announce) -> Iterator[Desk]:
    """Have the tree running, in a process of its own, around the `with` block.

    Everything is ready when the block begins and has ended when it is left. SIGTERM and a
    closed terminal leave the block, as Ctrl-C does. `announce` is called in that other process.
    The caller must be the main thread and have no connection open. Raises CannotRun.
    """
    with _signals_leave(), ExitStack() as held:
        answer, ours = os.pipe()
        parent = os.getpid()
        sys.stdout.flush()  # or both processes would print what is still in the buffer
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(answer)
            _be_the_desk(tree, _telling(ours, announce), parent=parent)
        os.close(ours)
        desk = Desk(pid)
        held.callback(desk.end)
        with os.fdopen(answer, encoding="utf-8", errors="replace") as lines:
            event = lines.readline().strip()
            if event != Event.ALL_READY:
                raise CannotRun(lines.read().strip() or "Ended before everything was ready.")
        yield desk


def in_words(show: Callable[[str], None]) -> Announce:
    """Return an `announce` that shows one calm line for whatever happens."""
    words = {
        Event.READY: "{0} is ready",
        Event.ENDED: "{0} ended ({1}) and is started again",
        Event.GIVEN_UP: "{0} does not start: {1}",
        Event.ALL_READY: "Everything runs.",
    }
    return lambda news: show(words[news.event].format(news.child, news.reason))


def _claim(tree: Tree, held: ExitStack) -> None:
    """Make sure that no other tree works in DATA_DIR. Raises CannotRun."""
    try:
        run_dir = tree.data_dir / "run"
        run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        held.enter_context(engines.locked(run_dir / "up", fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        raise CannotRun(
            f"It runs already, with its data in {tree.data_dir}. Stop it first, or set DATA_DIR."
        ) from None
    except OSError as exc:
        raise CannotRun(f"Cannot use {exc.filename}: {exc.strerror}.") from exc


@contextmanager
def _found_by_others(tree: Tree) -> Iterator[None]:
    """Note the ports for commands in other terminals, as long as they count."""
    note = tree.data_dir / "running.env"
    ports = {name: value for name, value in tree.env.items() if name != "DATA_DIR"}
    local.write_env(note, ports)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


@contextmanager
def _signals_leave() -> Iterator[None]:
    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _telling(pipe: int, announce: Announce) -> Announce:
    def tell(news: News) -> None:
        announce(news)
        if news.event in (Event.ALL_READY, Event.GIVEN_UP):  # one of them, and once
            os.write(pipe, f"{news.event}\n{news.reason}\n".encode())
            os.close(pipe)

    return tell


def _be_the_desk(tree: Tree, announce: Announce, *, parent: int) -> NoReturn:
    """Be the process that runs the tree; never return into the code of our caller."""
    code = 1
    try:
        os.setsid()  # Ctrl-C goes to the caller, who passes it on when it wants to
        orphans.die_with(parent, by=signal.SIGTERM)
        code = run(tree, announce=announce)
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
