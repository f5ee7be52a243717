"""What becomes of webhooks while the database cannot store them.

They wait in the spool (campaigns/spool.py), sealed, and are answered with 200. A STOP may be
among them. So while anything waits there nothing is armed, and nothing that is armed leaves
(campaigns/sending/witness.py); as soon as the database is back they come in, in order of arrival.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from campaigns import echoes, inbox
from campaigns.inbox import Desk, NotHonoured
from campaigns.spool import Kept, Spool, SpoolFull
from subscribers.vault import Vault, VaultError

logger = logging.getLogger(__name__)

LOCK = 0x53706F6F  # PostgreSQL's advisory locks are numbers; two at once would mix up the order


def keep(body: bytes, *, vault: Vault, spool: Spool, now: datetime) -> bool:
    """Keep a body until the database is back; False if it must be sent again instead."""
    try:
        spool.add(vault.seal_body(body), body_hash=vault.body_hash(body), now=now)
    except SpoolFull:
        logger.exception("webhook could not be kept on disk")
        return False
    return True


def drain(*, desk: Desk, spool: Spool, clock: Callable[[], datetime], until: datetime) -> int:
    """Take in what waits, oldest first, until `until`; return how many bodies that were.

    A crash anywhere repeats a step that then changes nothing: what a body says is committed
    before its file goes, and the same body or message counts once. Raises Error while the
    database is still away.
    """
    brought = 0
    with _alone() as is_alone:
        if not is_alone:
            return 0
        for one in spool.kept():
            now = clock()
            if now >= until:
                break
            echoes.note_spooled(now=now)
            brought += _take_in(one, desk=desk, now=now)
        spool.tidy(now=clock())
    return brought


def _take_in(one: Kept, *, desk: Desk, now: datetime) -> bool:
    sealed = one.read()
    if sealed is None:
        return False
    body = _open(sealed, one, vault=desk.vault)
    if body is None:
        logger.error("webhook on disk is damaged")
        one.set_aside()
        return False
    try:
        inbox.receive(body, desk=desk, now=now)
    except NotHonoured:  # stays, and holds all sending, until somebody has looked
        return False
    one.finish(now=now)
    return True


def _open(sealed: bytes, one: Kept, *, vault: Vault) -> bytes | None:
    try:
        body = vault.open_body(sealed)
    except VaultError:
        return None
    return body if vault.body_hash(body) == one.body_hash else None


@contextmanager
def _alone() -> Iterator[bool]:
    """Tell whether nobody else brings in the spool until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (is_ours,) = cursor.fetchone()
        try:
            yield is_ours
        finally:
            if is_ours and connection.is_usable():
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
