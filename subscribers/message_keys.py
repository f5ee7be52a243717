"""The keys of message hashes: a new one every half month, the old ones destroyed by the clock.

A WhatsApp message id contains the number, so all that is kept of it is a keyed hash. Whoever has
the key and a list of numbers could still try them. So no key lives for longer than 30 days: it
is derived from MESSAGE_ID_KEY and a random secret that lies in the database `keys`, and deleting
that row ends it, without an operator. The key of the next half month is there in advance: at
midnight, a worker whose clock is a second behind still recognises what another one has hashed.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from subscribers.models import MessageSecret

PERIOD = timedelta(days=15)
LIFE = 2 * PERIOD  # of a key, and with it of what can be recognised; WhatsApp repeats for 7 days
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # any moment before the first installation


class MessageKeys:
    """The keys that are alive, read from the database once every half month."""

    def __init__(self, master: bytes, *, clock: Callable[[], datetime]) -> None:
        self._master, self._clock = master, clock
        self._keys: tuple[bytes, ...] = ()
        self._until = EPOCH

    def __call__(self) -> tuple[bytes, ...]:
        """Return the keys, the one to hash with first."""
        now = self._clock()
        if now >= self._until:
            self._keys, self._until = keys(self._master, now=now), ends_at(now)
        return self._keys


def period(now: datetime) -> int:
    """Number the half month that a moment lies in."""
    return (now - EPOCH) // PERIOD


def ends_at(now: datetime) -> datetime:
    """Return when another key becomes the current one."""
    return EPOCH + (period(now) + 1) * PERIOD


def keys(master: bytes, *, now: datetime) -> tuple[bytes, ...]:
    """Return the keys that are alive: the one to hash with, then all others to look with."""
    present = period(now)
    wanted = (present, present - 1, present + 1)
    MessageSecret.objects.bulk_create(
        (MessageSecret(period=n, secret=secrets.token_bytes(32)) for n in (present, present + 1)),
        ignore_conflicts=True,  # somebody was faster; theirs counts
    )
    rows = MessageSecret.objects.filter(period__in=wanted)
    known = {row.period: bytes(row.secret) for row in rows}
    return tuple(_derive(master, n, known[n]) for n in wanted if n in known)


def worn_out(moment: datetime) -> "QuerySet[MessageSecret]":
    """Return the secrets whose half month began before this moment."""
    return MessageSecret.objects.filter(period__lt=-((EPOCH - moment) // PERIOD))


def _derive(master: bytes, number: int, secret: bytes) -> bytes:
    return hmac.new(master, b"message-key|v1|%d|" % number + secret, hashlib.sha256).digest()
