"""The kinds of news that webhooks bring.

The printed form of these values shows no phone number, user id, message id or text, so that
it may appear in a log. Source of all fields: Meta, webhooks reference and business-scoped
user ids page, 2026-09.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which of our accounts the news is about.

    `phone_number_id` is None for news about a whole account. `reported_at` (UTC) is None for
    messages and statuses, which have their own time.
    """

    business_account_id: str | None
    phone_number_id: str | None = None
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who wrote. Each of the three may be missing, even all of them.

    `phone` is +E.164; since 2026 people with a username may hide it.
    """

    phone: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)
    parent_user_id: str | None = field(default=None, repr=False)


# --- what people send us ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Somebody wrote."""

    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on the quick-reply button of a template."""

    payload: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A tap on a reply button, or a row chosen from a list."""

    kind: Literal["button", "list"]
    id: str = field(repr=False)
    title: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """A file; its id lives 7 days. `kind`: image, video, document, audio, sticker."""

    kind: str
    media_id: str
    mime_type: str
    caption: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Location:
    """A place; a coordinate that is missing or no number is None."""

    latitude: float | None = field(repr=False)
    longitude: float | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contact cards. Only their number is kept: the people on them were never asked."""

    count: int


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji put on a message of ours; "" takes it away again."""

    wamid: str = field(repr=False)
    emoji: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageChange:
    """Somebody changed or deleted what they had sent; `wamid` names it, or is ""."""

    kind: Literal["edit", "revoke"]
    wamid: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """A new phone number or user id; `kind` is Meta's word, e.g. "user_changed_number".

    The sender is the old identity. A new number may belong to somebody else by now.
    """

    kind: str
    phone: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)
    previous_user_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Other:
    """A message of a kind that we do not know or need, with Meta's error codes if any."""

    kind: str
    codes: tuple[int, ...] = ()


Content: TypeAlias = (
    Text
    | Tap
    | Choice
    | Media
    | Location
    | Contacts
    | Reaction
    | MessageChange
    | IdentityChange
    | Other
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """Something a person did. `at` is Meta's time (UTC, whole seconds).

    `reply_to` is the message id that this one answers or taps on; it may be missing.
    """

    origin: Origin
    wamid: str = field(repr=False)
    sender: Sender
    at: datetime
    content: Content
    reply_to: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingPreference:
    """Somebody told WhatsApp itself to stop or resume marketing; `value` is Meta's word."""

    origin: Origin
    sender: Sender
    category: str
    value: str
    at: datetime


# --- what became of our messages -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What a message costs: `category` and `type` are Meta's words, e.g. utility, regular."""

    category: str
    type: str
    model: str
    billable: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusUpdate:
    """News of one message: sent, delivered, read, played, failed, or a word yet to come.

    They come late, twice and in any order. `token` is what we sent along, None if it did not
    come back. `codes` explain a failure.
    """

    origin: Origin
    wamid: str = field(repr=False)
    status: str
    at: datetime
    token: str | None = field(default=None, repr=False)
    recipient_phone: str | None = field(default=None, repr=False)
    recipient_user_id: str | None = field(default=None, repr=False)
    recipient_parent_user_id: str | None = field(default=None, repr=False)
    codes: tuple[int, ...] = ()
    pricing: Pricing | None = None


# --- templates -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRef:
    """Names one template in one language."""

    id: str
    name: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStatus:
    """`event` is the new status; `title` says more about a pause, e.g. "SECOND_PAUSE"."""

    origin: Origin
    template: TemplateRef
    event: str
    reason: str = ""
    category: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateQuality:
    """GREEN, YELLOW, RED or UNKNOWN, before and now."""

    origin: Origin
    template: TemplateRef
    previous: str
    current: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateComponents:
    """The words of a template have changed: fetch them again."""

    origin: Origin
    template: TemplateRef


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCategory:
    """Meta moves a template to another category, which changes its price.

    In an advance notice `current` is what still holds and `coming` what follows 24 hours
    later; afterwards `coming` is "".
    """

    origin: Origin
    template: TemplateRef
    previous: str
    current: str
    coming: str = ""


# --- our number and account ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQuality:
    """`event` e.g. "THROUGHPUT_UPGRADE"; `daily_limit` counts people, None if not said."""

    origin: Origin
    event: str
    daily_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCapability:
    """How many people we may reach in 24 hours; None if not said."""

    origin: Origin
    daily_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdate:
    """Restrictions, violations and bans, in Meta's words; "" where not said."""

    origin: Origin
    event: str
    restrictions: tuple[str, ...] = ()
    ban_state: str = ""
    violation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAlert:
    """A warning about the account, in Meta's words. The description may quote our number."""

    origin: Origin
    entity_type: str
    severity: str
    status: str
    type: str
    description: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReview:
    """The outcome of Meta's look at our account."""

    origin: Origin
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityNotice:
    """Somebody touched the PIN of our number. Who it was stays unread."""

    origin: Origin
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberName:
    """Meta's decision about the display name we asked for."""

    origin: Origin
    decision: str
    name: str
    rejection_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformError:
    """Trouble at Meta or with our account that belongs to no single message."""

    origin: Origin
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A webhook field that we do not use."""

    origin: Origin
    field: str


Event: TypeAlias = (
    InboundMessage
    | MarketingPreference
    | StatusUpdate
    | TemplateStatus
    | TemplateQuality
    | TemplateComponents
    | TemplateCategory
    | NumberQuality
    | BusinessCapability
    | AccountUpdate
    | AccountAlert
    | AccountReview
    | SecurityNotice
    | NumberName
    | PlatformError
    | Unknown
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An element that could not be read: its place in the body, and why, as a slug."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Everything one body says, in its order."""

    events: tuple[Event, ...]
    problems: tuple[Problem, ...] = ()
