"""Who agreed, to what, since when, and how we can prove it."""

from subscribers.models.figures import MonthlyFigure
from subscribers.models.keeping import Deleted, DeletionReport, Erasure, MessageSecret, SealedProof
from subscribers.models.ledger import Anchor, Checkpoint, ConsentEvent, LedgerCheck, LedgerLeaf
from subscribers.models.notices import Notice
from subscribers.models.people import Identity, SubjectKey, Subscriber, SubscriberState, Tier

__all__ = [
    "Anchor",
    "Checkpoint",
    "ConsentEvent",
    "Deleted",
    "DeletionReport",
    "Erasure",
    "Identity",
    "LedgerCheck",
    "LedgerLeaf",
    "MessageSecret",
    "MonthlyFigure",
    "Notice",
    "SealedProof",
    "SubjectKey",
    "Subscriber",
    "SubscriberState",
    "Tier",
]
