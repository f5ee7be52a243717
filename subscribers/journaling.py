"""Which events of the consent register stand in the journal as well, and what is told of them.

A restored dump is compared with these lines (campaigns/reconciliation.py), so they hold what it
must not forget: who gets what, and who gets nothing for now.
"""

from functools import partial

from django.db import transaction

from subscribers import journal
from subscribers.models import ConsentEvent

Kind = ConsentEvent.Kind
JOURNALED = {Kind.GIVEN, Kind.TIER_CHANGED, Kind.WITHDRAWN, Kind.PAUSED, Kind.HELD, Kind.RESUMED}


def note_once_committed(event: ConsentEvent) -> None:
    """Write an event to the journal when its transaction is committed, if it belongs there."""
    if event.kind in JOURNALED:
        # The register is what counts: a disk that is full must not refuse a STOP.
        transaction.on_commit(partial(_note, event), robust=True)


def _note(event: ConsentEvent) -> None:
    assert event.subscriber_id  # whatever is JOURNALED is somebody's act
    facts = {
        "event": event.pk,
        "commitment": event.commitment.hex(),
        "kind": event.kind,
        "act": event.act,
        "tier": event.tier,
        "details": event.details,
        "happened_at": event.happened_at.isoformat(),
        "message": event.message_hash.hex() if event.message_hash else None,
    }
    journal.current().note_consent(event.subscriber_id, facts, now=event.recorded_at)
