"""What the answer to POST /messages proves, whoever carried it.

Only two answers prove anything: 200 with a message id (accepted) and 4xx with an error of
the Graph API (rejected). Everything else, above all any 5xx, leaves open whether the message
went out, and Meta has no idempotency key that would make a second try harmless.
Meta's sentences never become part of an outcome: they may contain a phone number.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from whatsapp import reading
from whatsapp.errors import Verdict, is_known, verdict

_SLUG: Final = re.compile(r"[a-z_]{1,64}")
_GENERIC_CODE: Final = 100  # "invalid parameter", which a subcode often makes precise


@dataclass(frozen=True, slots=True)
class Accepted:
    """Meta took the message; statuses will follow by webhook.

    `wa_id` is the number Meta understood, digits only, which may differ from the one we
    asked for; None when we addressed a user id. `message_status` is "accepted",
    "held_for_quality_assessment" or "paused", and None for anything but templates.
    """

    wamid: str = field(repr=False)
    wa_id: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)
    message_status: str | None = None


@dataclass(frozen=True, slots=True)
class SlowDown:
    """Not sent: send the same message later, and until then less, to whom `scope` says."""

    code: int
    scope: Literal["number", "recipient", "account"]


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Not sent: trouble at Meta, the same message may pass later."""

    code: int


@dataclass(frozen=True, slots=True)
class RecipientRefused:
    """Not sent, and never this message to this person; the others are not concerned."""

    code: int


@dataclass(frozen=True, slots=True)
class BroadcastStopped:
    """Not sent, and nobody else of this broadcast would get it."""

    code: int


@dataclass(frozen=True, slots=True)
class AccountStopped:
    """Not sent, and nothing will be until a human repairs token, number or account."""

    code: int


@dataclass(frozen=True, slots=True)
class OurMistake:
    """Not sent: our request was wrong, repeating it cannot help."""

    code: int


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Perhaps sent. Only a webhook can tell; sending again may message somebody twice."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not sent, no byte of the message left us. Only a transport can know this."""

    reason: str


Outcome: TypeAlias = (
    Accepted
    | SlowDown
    | TryAgain
    | RecipientRefused
    | BroadcastStopped
    | AccountStopped
    | OurMistake
    | InDoubt
    | NotSent
)


@dataclass(frozen=True, slots=True)
class GraphError:
    """An error of the Graph API: `{"error": {"code": ..., ...}}`.

    `details` are Meta's words; keep them away from logs.
    """

    code: int
    transient: bool
    details: str = field(repr=False)


def interpret(*, status: int, body: bytes) -> Outcome:
    """Say what an answer to POST /messages means for us. Never raises."""
    if 200 <= status < 300:
        return _accepted(body)
    if status >= 500:
        return InDoubt("server_error")
    error = graph_error(body) if status >= 400 else None
    # A page of some proxy: nobody can say on which side of Meta it was written.
    return InDoubt("no_graph_error") if error is None else _rejected(error, status=status)


def graph_error(body: bytes) -> GraphError | None:
    """Read an error of the Graph API, or None if this is not one.

    Of the generic code 100 the subcode takes the place if our table knows it.
    """
    try:
        error = reading.child(reading.load(body), "error")
    except reading.Unreadable:
        return None
    code = reading.code(error)
    if code is None:
        return None
    subcode = reading.code(error, "error_subcode")
    if code == _GENERIC_CODE and subcode is not None and is_known(subcode):
        code = subcode
    return GraphError(code, transient=error.get("is_transient") is True, details=_details(error))


def _details(error: reading.JsonObject) -> str:
    # error_data is an object or, at times, a text (seen in the wild).
    return (
        reading.text(error, "error_user_msg")
        or reading.text(reading.child(error, "error_data"), "details")
        or reading.text(error, "error_data")
        or reading.text(error, "message")
    )


def _accepted(body: bytes) -> Outcome:
    try:
        answer = reading.load(body)
    except reading.Unreadable as exc:
        return InDoubt(exc.reason)
    message = next(iter(reading.children(answer, "messages")), {})
    contact = next(iter(reading.children(answer, "contacts")), {})
    wamid, status = reading.text(message, "id"), reading.text(message, "message_status")
    if not wamid:
        return InDoubt("no_message_id")
    return Accepted(
        wamid=wamid,
        wa_id=reading.text(contact, "wa_id") or None,
        user_id=reading.text(contact, "user_id") or None,
        message_status=status if _SLUG.fullmatch(status) else None,
    )


def _rejected(error: GraphError, *, status: int) -> Outcome:
    decided = verdict(
        error.code, http_status=status, transient=error.transient, details=error.details
    )
    match decided:
        case Verdict.RETRY:
            return TryAgain(error.code)
        case Verdict.SLOW_NUMBER:
            return SlowDown(error.code, "number")
        case Verdict.SLOW_RECIPIENT:
            return SlowDown(error.code, "recipient")
        case Verdict.SLOW_ACCOUNT:
            return SlowDown(error.code, "account")
        case Verdict.REFUSE_RECIPIENT:
            return RecipientRefused(error.code)
        case Verdict.STOP_BROADCAST:
            return BroadcastStopped(error.code)
        case Verdict.STOP_ACCOUNT:
            return AccountStopped(error.code)
        case Verdict.OUR_MISTAKE | Verdict.NONE:
            # A code that has nothing to do with sending: we must have asked for nonsense.
            return OurMistake(error.code)
