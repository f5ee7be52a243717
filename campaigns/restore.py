"""Noticing that a backup has been put back, and sending nothing from then on.

A restored dump would send again what had been sent, and to people who have said STOP since. The
journal (subscribers/journal.py) is compared with the database before anything is armed. Every
line was written after its rows were committed, so a line that the database does not know means
that the database is older. campaigns/reconciliation.py tells it what it has forgotten.
"""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from campaigns import stopping
from campaigns.models import Attempt, Channel
from campaigns.reasons import StopReason
from subscribers.journal import CONSENT, SENDS, Journal
from subscribers.models import LedgerLeaf


def is_sound(journal: Journal, *, now: datetime) -> bool:
    """Tell whether the database knows all that the journal does; if not, hold all sending.

    Asked before every shift: a look at the end of the newest files, and three queries. Raises
    OSError.
    """
    channel = Channel.objects.get(pk=Channel.ONLY)
    if channel.stop_reason == StopReason.RESTORE_HOLD:
        return False
    generation = channel.generation or _begin(journal)
    if generation and journal.generation() == generation and knows_all(journal, generation):
        return True
    stopping.stop_channel(StopReason.RESTORE_HOLD, now=now)
    return False


def knows_all(journal: Journal, generation: UUID) -> bool:
    """Tell whether the database has the newest lines of its own history."""
    sends = list(journal.last_lines(SENDS, generation))
    acts = list(journal.last_lines(CONSENT, generation))
    if None in sends or None in acts:  # whatever it says, a human must look
        return False
    tokens = {UUID(line["tokens"][0]) for line in sends if line}
    if Attempt.objects.filter(token__in=tokens).count() < len(tokens):
        return False
    events = {(line["event"], line["commitment"]) for line in acts if line}
    # The leaf stays when its event is erased; and an id may be given out again, after a restore.
    leaves = LedgerLeaf.objects.filter(event__in=[pk for pk, _commitment in events])
    known = leaves.values_list("event_id", "commitment")
    return events <= {(pk, bytes(commitment).hex()) for pk, commitment in known}


@transaction.atomic
def _begin(journal: Journal) -> UUID | None:
    """Let a new database and a new folder belong together; None if only one of them is new."""
    channel = Channel.objects.select_for_update().get(pk=Channel.ONLY)
    if channel.generation:  # another process was faster
        return channel.generation
    if journal.generation() is None:
        journal.set_generation(uuid4())
    elif journal.has_lines():  # from a life before this database
        return None
    # A folder that is named and empty: its first database died before it could commit.
    channel.generation = journal.generation()
    channel.save(update_fields=["generation"])
    return channel.generation
