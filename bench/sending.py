"""CPU per message of the whole path, ours and others', with answers after 100 ms over TLS."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import connection

from bench import people, textbook
from bench.cpu import Cost, Meter
from bench.world import ROOT
from campaigns import reports, sending
from tests.factories import NOW

BARE_THREADS = 64
OURS, TUNED, TEXTBOOK = 4_000, 1_000, 160  # messages a run: some seconds each
READY = 30.0  # seconds until a worker must have started


def engine(url: str, *, ca: Path, postgres: int, messages: int = OURS) -> Cost:
    """Our engine: claim, arm, send, record, until nothing is left."""
    people.gather(messages, reachable=messages)
    broadcast, sender = people.started(), people.sender(url, ca=ca)
    with sender.client:
        cost = Meter(postgres=postgres).measure(
            messages,
            lambda: sending.pump(broadcast.pk, sender=sender, until=NOW + timedelta(days=1)),
        )
    assert reports.balance(broadcast.pk).accepted == messages
    return cost


def bare(url: str, *, ca: Path, postgres: int, messages: int = OURS) -> Cost:
    """A thread pool on one requests.Session that sends the same bytes and stores nothing."""
    session = textbook.tuned_session(BARE_THREADS)
    address, headers = url + "/v25.0/111/messages", {"Authorization": "Bearer token"}

    def send(number: int) -> str:
        body = textbook.body(f"+49151{number:08d}")
        answer = session.post(address, json=body, headers=headers, verify=str(ca), timeout=20)
        return str(answer.json()["messages"][0]["id"])

    def send_all() -> None:
        with ThreadPoolExecutor(BARE_THREADS) as threads:
            assert all(threads.map(send, range(messages)))

    with session:
        return Meter(postgres=postgres).measure(messages, send_all)


@contextmanager
def task_per_recipient(
    url: str, *, ca: Path, postgres: int, is_tuned: bool
) -> Iterator[Callable[[], Cost]]:
    """Yield a run of the textbook in a Celery worker that lives as long as this block."""
    messages = TUNED if is_tuned else TEXTBOOK
    os.environ |= {
        "BENCH_URL": url,
        "BENCH_TUNED": "1" if is_tuned else "0",
        "REQUESTS_CA_BUNDLE": str(ca),
    }
    threads = 64 if is_tuned else 16
    options = ["worker", "-P", "threads", "-c", str(threads), "-l", "ERROR", "--without-mingle"]
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "bench.textbook", *options, "--without-gossip"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        _write(1)
        _send_all(1)  # it is ready when it has sent one
        meter = Meter(postgres=postgres, worker=worker.pid)
        yield lambda: _one_run(meter, messages)
    finally:
        worker.terminate()
        worker.wait()


def _one_run(meter: Meter, messages: int) -> Cost:
    _write(messages)
    return meter.measure(messages, lambda: _send_all(messages))


def _write(messages: int) -> None:
    """Replace the textbook's rows by new ones, which nobody has sent."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_recipient")
    with connection.schema_editor() as editor:
        editor.create_model(textbook.Recipient)
    textbook.Recipient.objects.bulk_create(
        textbook.Recipient(phone=f"+49151{number:08d}") for number in range(messages)
    )


def _send_all(messages: int) -> None:
    """Queue a task for each row and wait until all are sent."""
    patience = time.monotonic() + READY + messages
    for pk in textbook.Recipient.objects.values_list("pk", flat=True):
        textbook.send.delay(pk)
    while textbook.Recipient.objects.filter(status="queued").exists():
        assert time.monotonic() < patience, "the worker does not send"
        time.sleep(0.1)
