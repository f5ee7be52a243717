"""Who agreed, to what, since when, and how we can prove it."""

from subscribers.models.figures import MonthlyFigure
from subscribers.models.ledger import Anchor, Checkpoint, ConsentEvent, LedgerCheck, LedgerLeaf
from subscribers.models.notices import Notice
from subscribers.models.people import Identity, SubjectKey, Subscriber, SubscriberState, Tier

__all__ = [
    "Anchor",
    "Checkpoint",
    "ConsentEvent",
    "Identity",
    "LedgerCheck",
    "LedgerLeaf",
    "MonthlyFigure",
    "Notice",
    "SubjectKey",
    "Subscriber",
    "SubscriberState",
    "Tier",
]
