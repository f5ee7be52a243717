"""Who agreed, to what, since when, and how we can prove it."""

from subscribers.models.access import AccessEvent
from subscribers.models.clearances import Clearance
from subscribers.models.environment import EnvironmentValue
from subscribers.models.figures import MonthlyFigure, SignedFigures
from subscribers.models.incidents import Incident, IncidentStep
from subscribers.models.keeping import Deleted, DeletionReport, Erasure, MessageSecret, SealedProof
from subscribers.models.ledger import Anchor, Checkpoint, ConsentEvent, LedgerCheck, LedgerLeaf
from subscribers.models.notices import Notice
from subscribers.models.people import (
    SUBSCRIBED,
    Identity,
    Rest,
    SubjectKey,
    Subscriber,
    SubscriberState,
    Tier,
)
from subscribers.models.phones import DeskPhone, PhoneCode
from subscribers.models.processors import Processor
from subscribers.models.talking import AccessLink, JoinCode, Turn, Unreached
from subscribers.models.texts import TextVersion
from subscribers.models.threads import Letterbox, Thread, ThreadMessage, Told

__all__ = [
    "SUBSCRIBED",
    "AccessEvent",
    "AccessLink",
    "Anchor",
    "Checkpoint",
    "Clearance",
    "ConsentEvent",
    "Deleted",
    "DeletionReport",
    "DeskPhone",
    "EnvironmentValue",
    "Erasure",
    "Identity",
    "Incident",
    "IncidentStep",
    "JoinCode",
    "LedgerCheck",
    "LedgerLeaf",
    "Letterbox",
    "MessageSecret",
    "MonthlyFigure",
    "Notice",
    "PhoneCode",
    "Processor",
    "Rest",
    "SealedProof",
    "SignedFigures",
    "SubjectKey",
    "Subscriber",
    "SubscriberState",
    "TextVersion",
    "Thread",
    "ThreadMessage",
    "Tier",
    "Told",
    "Turn",
    "Unreached",
]
