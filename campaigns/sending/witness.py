"""The last step before the first byte: what is armed is noted outside the database as well.

Should the database be restored from an older dump, the journal still knows whom we have messaged
(campaigns/restore.py). And a STOP that came while the database was away waits on disk, where the
database that armed the message cannot see it (campaigns/outage.py).
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from campaigns import stopping
from campaigns.reasons import StopReason
from campaigns.sending.arm import Armed
from campaigns.spool import Spool
from subscribers import journal

logger = logging.getLogger(__name__)


def may_leave(broadcast_id: int, armed: Sequence[Armed], *, spool: Spool, now: datetime) -> bool:
    """Note a group whose attempts are committed, one line and one fsync; tell if it may be sent.

    If the disk takes no line, all sending stands still until somebody has looked at it. The spool
    is asked last, so that no STOP can have been acknowledged before the commit unseen.
    """
    pairs = [(one.delivery_id, one.token) for one in armed]
    try:
        journal.current().note_sends(broadcast_id, pairs, now=now)
    except OSError:
        logger.exception("journal cannot be written")
        stopping.stop_channel(StopReason.JOURNAL, now=now)
        return False
    return not spool.is_waiting()
