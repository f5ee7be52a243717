"""The life of a broadcast and of a delivery: their states, and the only allowed moves.

Pure tables, readable by an auditor; docs/state-machine.md is drawn from them. Each table maps
a state to the states it may be reached from, because that is exactly the WHERE clause of the
move. Nothing else in the project decides what may follow what.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BroadcastState(TextChoices):
    """Where a broadcast stands."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("awaiting approval")
    APPROVED = "approved", _("approved")
    SCHEDULED = "scheduled", _("scheduled")
    SENDING = "sending", _("being sent")
    PAUSING = "pausing", _("stopping")  # no new send; some are still on the wire
    PAUSED = "paused", _("paused")
    CANCELLED = "cancelled", _("cancelled")
    MISSED = "missed", _("missed")  # its time passed before it could start, or was approved
    DONE = "done", _("done")


class DeliveryState(TextChoices):
    """What became of one message to one subscriber."""

    QUEUED = "queued", _("waiting")
    ARMED = "armed", _("on its way")  # attempt committed, bytes may have left
    IN_DOUBT = "in_doubt", _("unclear")  # asked, and nobody heard the answer
    ACCEPTED = "accepted", _("accepted by WhatsApp")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    SKIPPED = "skipped", _("skipped")
    UNKNOWN = "unknown", _("never cleared up")


B, D = BroadcastState, DeliveryState

BROADCAST_SOURCES: Mapping[BroadcastState, frozenset[BroadcastState]] = {
    B.DRAFT: frozenset({B.IN_REVIEW, B.APPROVED, B.SCHEDULED, B.MISSED}),  # every edit
    B.IN_REVIEW: frozenset({B.DRAFT}),
    # From SCHEDULED: taken off the calendar, or undone; from MISSED: approved after its time.
    B.APPROVED: frozenset({B.IN_REVIEW, B.SCHEDULED, B.MISSED}),
    B.SCHEDULED: frozenset({B.APPROVED, B.MISSED}),
    B.SENDING: frozenset({B.SCHEDULED, B.PAUSING, B.PAUSED}),
    B.PAUSING: frozenset({B.SENDING}),
    B.PAUSED: frozenset({B.PAUSING}),
    B.CANCELLED: frozenset(
        {B.DRAFT, B.IN_REVIEW, B.APPROVED, B.SCHEDULED, B.SENDING, B.PAUSING, B.PAUSED, B.MISSED}
    ),
    B.MISSED: frozenset({B.IN_REVIEW, B.SCHEDULED}),
    B.DONE: frozenset({B.SENDING, B.PAUSED}),  # from PAUSED: the rest expired meanwhile
}

# Statuses arrive late, twice and out of order, so the later a state, the more sources it has;
# nothing moves backwards. An echo from WhatsApp outranks whatever we had concluded ourselves:
# it settles a doubt, and it stops a planned second attempt (QUEUED) before it is armed. So does
# an answer that a frozen worker heard late. Only campaigns/doubt.py leads from IN_DOUBT to QUEUED.
DELIVERY_SOURCES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    # Proof that nothing was sent, asked to slow down; or a doubt that may be sent once more.
    D.QUEUED: frozenset({D.ARMED, D.IN_DOUBT}),
    D.ARMED: frozenset({D.QUEUED}),
    D.IN_DOUBT: frozenset({D.ARMED}),
    D.ACCEPTED: frozenset({D.QUEUED, D.ARMED, D.IN_DOUBT, D.UNKNOWN, D.SKIPPED}),
    D.SENT: frozenset({D.QUEUED, D.ARMED, D.IN_DOUBT, D.ACCEPTED, D.UNKNOWN, D.SKIPPED}),
    D.FAILED: frozenset({D.ARMED, D.IN_DOUBT, D.ACCEPTED, D.SENT, D.UNKNOWN}),
    D.DELIVERED: frozenset(
        {D.QUEUED, D.ARMED, D.IN_DOUBT, D.ACCEPTED, D.SENT, D.UNKNOWN, D.SKIPPED, D.FAILED}
    ),
    D.SKIPPED: frozenset({D.QUEUED}),
    D.UNKNOWN: frozenset({D.IN_DOUBT}),
}

# A broadcast in one of these has written its deliveries and is not closed.
RUNNING = frozenset({B.SENDING, B.PAUSING, B.PAUSED})
# Its words can still be changed.
EDITABLE = frozenset({B.DRAFT, B.IN_REVIEW, B.APPROVED, B.SCHEDULED, B.MISSED})
CLOSED = frozenset({B.DONE, B.CANCELLED})
# Nothing more is armed from the moment in which it gets there.
HALTED = frozenset({B.PAUSING, B.CANCELLED})

# The message left the house as far as we know.
TAKEN = frozenset({D.ACCEPTED, D.SENT, D.DELIVERED})
# Work for the engine; the broadcast cannot be closed while there is any.
OPEN = frozenset({D.QUEUED, D.ARMED})
