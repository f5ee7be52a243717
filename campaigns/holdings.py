"""What the tables of broadcasts hold about one person, for the copy of their data."""

from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.models import Broadcast, Delivery, Reply
from campaigns.reasons import FailureReason, SkipReason
from campaigns.states import DeliveryState
from subscribers.holdings import Holding, Rows, add

STATES = dict(DeliveryState.choices)
REASONS = {"": "–", **dict(FailureReason.choices), **dict(SkipReason.choices)}


def register() -> None:
    """Let the copy tell of them."""
    for holding in HOLDINGS:
        add(holding)


def _deliveries(subscriber_id: UUID) -> Rows:
    """Return what became of each message, as long as that leads to anybody (retention.py).

    By broadcast and subscriber, as the unique index has them: there are millions of rows.
    """
    linked = Broadcast.objects.filter(leads_to_people=True).values_list("pk", flat=True)
    rows = Delivery.objects.filter(broadcast_id__in=list(linked), subscriber=subscriber_id)
    return rows.order_by("broadcast__due_at", "pk").values(
        "state",
        "reason",
        "attempts",
        category=F("broadcast__message__category__name_de"),
        due_at=F("broadcast__due_at"),
    )


def _messages(subscriber_id: UUID) -> Rows:
    """Return what we said in the chat; the words themselves are there, a link among them."""
    rows = Reply.objects.filter(subscriber=subscriber_id).order_by("created_at", "pk")
    return rows.values("purpose", "state", "attempts", "created_at")


HOLDINGS = (
    Holding(
        name="deliveries",
        of=Delivery,
        title=_("Messages to you, and whether they could be delivered"),
        columns={
            "due_at": _("When"),
            "category": _("Category"),
            "state": _("State"),
            "reason": _("Reason"),
            "attempts": None,
        },
        rows=_deliveries,
        labels={"state": STATES, "reason": REASONS},
    ),
    Holding(
        name="answers",
        of=Reply,
        title=_("What we wrote to you in the chat"),
        columns={
            "created_at": _("When"),
            "purpose": None,
            "state": _("State"),
            "attempts": None,
        },
        rows=_messages,
        labels={"state": STATES},
    ),
)
