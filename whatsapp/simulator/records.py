"""What the simulator remembers: people, messages, templates, media.

Every field holds plain JSON, so that a record can go to the journal as it is.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from whatsapp.simulator.clock import DAY, Moment

WINDOW = DAY  # free-form messages are possible this long after the person's last message
Step = dict[str, Any]  # one step of a script, see whatsapp.simulator.scripts


@dataclass(eq=False)
class Person:
    """Somebody with a phone. `phone` is digits only, `user_id` what Meta calls a BSUID."""

    id: str
    name: str
    phone: str
    user_id: str
    username: str = ""
    hides_phone: bool = False
    reachable: bool = True
    read_receipts: bool = True
    by_hand: bool = False  # a human at the phone page reads and answers, not the dice
    marketing_stopped: bool = False
    former_phones: list[str] = field(default_factory=list)
    addressed_by_phone_at: Moment | None = None
    wrote_at: Moment | None = None
    script: list[Step] = field(default_factory=list)
    script_done: int = 0  # steps already taken

    def has_open_window(self, *, now: Moment) -> bool:
        """Whether the business may answer freely, without a template."""
        return self.wrote_at is not None and now - self.wrote_at < WINDOW


class Attachment(TypedDict, total=False):
    """A file in a message: one of ours (`id`) or somewhere on the web (`link`)."""

    kind: str
    id: str
    link: str
    mime_type: str
    filename: str
    size: int


class Button(TypedDict, total=False):
    """Something to tap. `kind` is reply, url, phone or copy; only replies come back to us."""

    kind: str
    id: str
    title: str
    description: str
    value: str


class Section(TypedDict):
    title: str
    rows: list[Button]


class Menu(TypedDict):
    """A list message's sheet: the button that opens it, and what it offers."""

    button: str
    sections: list[Section]


class Content(TypedDict, total=False):
    """What a message says, in the order in which a phone shows it."""

    media: Attachment
    header: str
    text: str
    footer: str
    buttons: list[Button]
    menu: Menu
    target: str  # of a reaction: the message it belongs to
    emoji: str


class Status(TypedDict, total=False):
    """One step in the life of an accepted message; `code` says why it failed."""

    status: str
    at: Moment
    code: int


@dataclass(eq=False)
class Message:
    """One message, from the business to a person or back. `id` is the wamid."""

    id: str
    seq: int
    person_id: str
    phone: str
    from_person: bool
    type: str
    at: Moment
    content: Content
    category: str = "service"  # of the price list
    billable: bool = False
    token: str | None = None  # biz_opaque_callback_data
    template: str | None = None
    language: str | None = None
    reply_to: str | None = None
    arrived_at: Moment | None = None
    seen_at: Moment | None = None
    statuses: list[Status] = field(default_factory=list)
    tapped: str | None = None  # id of the button that the person tapped
    reaction: str = ""  # of the other side
    ticks: str = "sent"  # what the person sees on a message of their own


TemplateStatus = Literal["PENDING", "APPROVED", "REJECTED", "PAUSED", "DISABLED", "DELETED"]


@dataclass(eq=False)
class Template:
    """One language of a message template, as the business defined it."""

    id: str
    name: str
    language: str
    category: str
    parameter_format: str
    components: list[dict[str, Any]]
    created_at: Moment
    status: TemplateStatus = "PENDING"
    rejected_reason: str = "NONE"
    quality: str = "UNKNOWN"
    pauses: int = 0
    previous_category: str | None = None
    ttl_seconds: int | None = None
    deleted_at: Moment | None = None


@dataclass(eq=False)
class MediaFile:
    """A file that somebody uploaded; its bytes lie in the media folder under its id."""

    id: str
    mime_type: str
    size: int
    sha256: str
    expires_at: Moment
    filename: str = ""
    deleted: bool = False


def plain_text(content: Content) -> str:
    """Everything a person would read in the bubble, without buttons."""
    parts = (content.get("header"), content.get("text"), content.get("footer"))
    return "\n".join(part for part in parts if part)


def buttons_of(content: Content) -> list[Button]:
    """Everything a person can tap so that the business hears of it."""
    sections = content["menu"]["sections"] if "menu" in content else []
    rows = [row for section in sections for row in section["rows"]]
    return [button for button in content.get("buttons", []) if button["kind"] == "reply"] + rows
