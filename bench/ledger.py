"""The consent ledger at a million events: what one more costs, and how long verifying takes."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from bench import people
from bench.cpu import Cost, Meter, median
from campaigns import connections
from subscribers import checkpoints, consent, verification
from subscribers.consent import Act
from subscribers.ledger import entries
from subscribers.models import ConsentEvent, Notice, Subscriber
from tests.factories import SubscriberFactory

FEW, SOME, MANY = 1_000, 100_000, 1_000_000
APPENDED = 500  # events a run
CHUNK = 50_000  # events copied at once
EVENTS_EACH = 4  # of one person
COPY_EVENTS = """
    COPY subscribers_consentevent (id, subscriber_id, kind, act, tier, notice_id, notice_sha256,
         happened_at, recorded_at, message_hash, details, salt, commitment) FROM STDIN
"""
COPY_LEAVES = """
    COPY subscribers_ledgerleaf (seq, event_id, version, commitment, leaf_hash, link, appended_at)
    FROM STDIN
"""


@dataclass(slots=True)
class Ledger:
    """A ledger that is filled as fast as the database allows; `size` events so far."""

    postgres: int
    runs: int
    person: UUID
    size: int = 0
    link: bytes = entries.NO_LINK

    @classmethod
    def empty(cls, *, postgres: int, runs: int) -> "Ledger":
        """Begin anew, with one person who can act."""
        people.gather(0, reachable=0)
        person: Subscriber = SubscriberFactory(tier=None)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL swe_broadcast.ledger_maintenance = 'on'")
            cursor.execute("TRUNCATE subscribers_consentevent, subscribers_ledgerleaf")
        return cls(postgres=postgres, runs=runs, person=person.pk)

    def fill(self, size: int) -> None:
        """Add what is missing to `size`, past the triggers that would do it one by one."""
        for stop in (*range(self.size + CHUNK, size, CHUNK), size):
            self._fill(stop)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE subscribers_consentevent, subscribers_ledgerleaf")

    def _fill(self, size: int) -> None:
        events = list(self._events(size))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers
            for statement, rows in (
                (COPY_EVENTS, (event for event, _leaf in events)),
                (COPY_LEAVES, (leaf for _event, leaf in events)),
            ):
                with cursor.copy(statement) as copy:
                    for row in rows:
                        copy.write_row(row)
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('subscribers_consentevent', 'id'), %s)",
                [size],
            )

    def append(self) -> Cost:
        """Let somebody act many times, each act a transaction of its own; the median run."""
        self._append()  # what was just filled lies in no cache yet
        return median([self._append() for _ in range(self.runs)])

    def verify(self) -> Cost:
        """Verify all of it once."""
        keys, now = connections.ledger_keys(), timezone.now()
        checkpoints.take(signer=connections.ledger_signer(), now=now)
        return Meter(postgres=self.postgres).measure(
            self.size, lambda: verification.verify(keys=keys, now=now)
        )

    def _append(self) -> Cost:
        notice, began = Notice.objects.current("de"), timezone.now()

        def act() -> None:
            for number in range(APPENDED):
                at = began + timedelta(seconds=number)
                said = Act(by=ConsentEvent.Act.WORD, at=at, message_hash=secrets.token_bytes(32))
                consent.ask(self.person, notice=notice, act=said, now=at)

        return Meter(postgres=self.postgres).measure(APPENDED, act)

    def _events(self, size: int) -> Iterator[tuple[tuple[object, ...], tuple[object, ...]]]:
        with connection.cursor() as cursor:  # where the acts that were measured left off
            cursor.execute(
                "SELECT seq + 1, link FROM subscribers_ledgerleaf ORDER BY 1 DESC LIMIT 1"
            )
            first, self.link = cursor.fetchone() or (0, entries.NO_LINK)
        notice, at, subject = Notice.objects.current("de"), timezone.now(), uuid4()
        for seq in range(first, size):
            if seq % EVENTS_EACH == 0:
                subject = uuid4()
            message, salt = secrets.token_bytes(32), secrets.token_bytes(entries.SALT_BYTES)
            body = entries.body(
                kind="notice_sent",
                act="word",
                subject=subject,
                tier="",
                notice=str(notice).replace(" ", "/"),
                notice_sha256=notice.sha256,
                happened_at=at,
                recorded_at=at,
                message_hash=message,
                receipt_code=None,
                details={},
            )
            seal = entries.commitment(body, salt=salt)
            leaf = entries.leaf_hash(seq, seal)
            self.link = entries.link(bytes(self.link), leaf)
            event = (seq + 1, subject, "notice_sent", "word", "", notice.pk, notice.sha256)
            yield (
                (*event, at, at, message, "{}", salt, seal),
                (seq, seq + 1, entries.VERSION, seal, leaf, self.link, at),
            )
        self.size = size
