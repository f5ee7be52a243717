"""What is stored about one person besides the subscription and its history: lists, for their copy.

Each app adds what its tables hold (`add`, from its AppConfig), so that the copy is complete
without knowing them; tests/subscribers/test_holdings.py finds a table that nobody has added.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subscribers.models import AccessLink, Identity, SealedProof, Told, Turn, Unreached

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A kind of rows about one person: how it is called in the copy, and how it is read."""

    name: str  # in the JSON file
    of: type[Model]
    title: Promise
    # Key in the JSON file, and heading on paper, if it is to stand there; moments end with `_at`.
    columns: Mapping[str, Promise | None]
    rows: Callable[[UUID], Rows]
    labels: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)  # words for values

    def read(self, subscriber_id: UUID) -> list[dict[str, Any]]:
        """Return the rows as they go into a JSON file, moments in ISO 8601."""
        return [{key: _plain(row[key]) for key in self.columns} for row in self.rows(subscriber_id)]


def add(holding: Holding) -> None:
    """Let the copy tell of these rows as well."""
    _all[holding.name] = holding


def every() -> list[Holding]:
    """Return all kinds, in the order in which the copy shows them."""
    return list(_all.values())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _proofs(subscriber_id: UUID) -> Rows:
    rows = SealedProof.objects.filter(ref=subscriber_id).order_by("kind")
    return rows.values("kind", "sealed_at")


def _unreached(subscriber_id: UUID) -> Rows:
    rows = Unreached.objects.filter(subscriber=subscriber_id)
    return rows.values("failures", first_at=F("since"))


def _hours(subscriber_id: UUID) -> Rows:
    rows = Turn.objects.filter(subscriber=subscriber_id).order_by("hour")
    return rows.values("messages", "wrong_codes", hour_at=F("hour"))


def _told(subscriber_id: UUID) -> Rows:
    rows = Told.objects.filter(subscriber=subscriber_id).order_by("at", "pk")
    return rows.values("what", told_at=F("at"))


def _links(subscriber_id: UUID) -> Rows:
    rows = AccessLink.objects.filter(subscriber=subscriber_id).order_by("expires_at", "pk")
    return rows.values("expires_at", "pdf_taken_at", "json_taken_at")


_OURS = (
    Holding(
        name="sealed_proof",
        of=SealedProof,
        title=_("Sealed for the proof of your consent, not to be opened in daily work"),
        columns={"kind": _("What"), "sealed_at": _("Since")},
        rows=_proofs,
        labels={"kind": dict(Identity.Kind.choices)},
    ),
    Holding(
        name="unreached",
        of=Unreached,
        title=_("Messages in a row that did not reach you"),
        columns={"failures": _("How many"), "first_at": _("Since")},
        rows=_unreached,
    ),
    Holding(
        name="messages_per_hour",
        of=Turn,
        title=_("How many messages you wrote within an hour"),
        columns={
            "hour_at": _("When"),
            "messages": _("How many"),
            "wrong_codes": _("Wrong join codes"),
        },
        rows=_hours,
    ),
    Holding(
        name="told",
        of=Told,
        title=_("What you were told about replies, so that it is not said every time"),
        columns={"told_at": _("When"), "what": _("What")},
        rows=_told,
        labels={
            "what": {
                "letter_taken": _("Reply taken in"),
                "letters_off": _("Replies are not read"),
                "letters_only_text": _("Picture, voice or file in place of words"),
                "letters_too_few": _("Too few subscribers for replies"),
            }
        },
    ),
    Holding(
        name="links",
        of=AccessLink,
        title=_("Links to this copy"),
        columns={
            "expires_at": _("Valid until"),
            "pdf_taken_at": _("PDF taken"),
            "json_taken_at": _("JSON taken"),
        },
        rows=_links,
    ),
)
_all: dict[str, Holding] = {holding.name: holding for holding in _OURS}
