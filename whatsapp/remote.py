"""What Meta keeps for us, as small frozen values: templates and the phone number.

Words such as statuses are passed on as Meta writes them: new ones appear without notice, and
only the caller can say what is safe to assume about a word nobody has seen before.
"""

from dataclasses import dataclass
from typing import Final

from whatsapp import reading
from whatsapp.reading import JsonObject

# Fields to ask for (Meta, template and phone number references, 2026-09).
TEMPLATE_FIELDS: Final = (
    "id,name,language,status,category,parameter_format,components,quality_score,rejected_reason"
)
# Without display_phone_number: nothing here needs it.
NUMBER_FIELDS: Final = (
    "verified_name,status,quality_rating,name_status,throughput,"
    "whatsapp_business_manager_messaging_limit,health_status"
)
# Of the business account (Meta, WhatsApp Business Account reference, 2026-09).
ACCOUNT_FIELDS: Final = "is_enabled_for_insights,marketing_messages_lite_api_status"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteTemplate:
    """A template as Meta knows it. Only status "APPROVED" may be sent.

    `parameter_format` is "named" or "positional"; `header_format` is "" without a header, else
    TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION; `buttons` are the texts of all buttons.
    """

    id: str
    name: str
    language: str
    status: str
    category: str
    parameter_format: str
    body: str
    header_format: str = ""
    header_text: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    quality: str = ""
    rejected_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedTemplate:
    """The answer to a new template. Meta may have put it into another category."""

    id: str
    status: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """The health of our number, in Meta's words; "" where Meta says nothing.

    `can_send` is AVAILABLE, LIMITED or BLOCKED. `throughput` is STANDARD or HIGH.
    `daily_limit` counts the people we may write to first in 24 hours; None if not said.
    """

    verified_name: str
    status: str
    quality_rating: str
    name_status: str
    throughput: str
    can_send: str
    daily_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """What decides where messages lie and what is counted, in Meta's words; "" if not said.

    `storage` is IN_COUNTRY_STORAGE_ENABLED where messages rest in `region`, a country's letters,
    and NO_STORAGE_ENABLED where they do not rest at all. `has_insights`: Meta counts who read
    and tapped, and it cannot be undone; None if not said. `marketing` is where we stand with the
    other API, which counts as well.
    """

    storage: str
    region: str
    has_insights: bool | None
    marketing: str


def read_template(row: JsonObject) -> RemoteTemplate:
    """One element of GET /{business account}/message_templates."""
    parts = {reading.text(p, "type").upper(): p for p in reading.children(row, "components")}
    header = parts.get("HEADER", {})
    buttons = reading.children(parts.get("BUTTONS", {}), "buttons")
    return RemoteTemplate(
        id=reading.identifier(row, "id"),
        name=reading.text(row, "name"),
        language=reading.text(row, "language"),
        status=reading.text(row, "status"),
        category=reading.text(row, "category"),
        # Numbered is the default where the field is absent; it comes in capitals or not.
        parameter_format=reading.text(row, "parameter_format").lower() or "positional",
        body=reading.text(parts.get("BODY", {}), "text"),
        header_format=reading.text(header, "format"),
        header_text=reading.text(header, "text"),
        footer=reading.text(parts.get("FOOTER", {}), "text"),
        buttons=tuple(reading.text(button, "text") for button in buttons),
        quality=reading.text(reading.child(row, "quality_score"), "score"),
        rejected_reason=reading.text(row, "rejected_reason"),
    )


def read_created(answer: JsonObject) -> CreatedTemplate:
    """The answer of POST /{business account}/message_templates."""
    return CreatedTemplate(
        id=reading.identifier(answer, "id"),
        status=reading.text(answer, "status"),
        category=reading.text(answer, "category"),
    )


def read_phone_number(answer: JsonObject) -> PhoneNumber:
    """The answer of GET /{phone number}."""
    return PhoneNumber(
        verified_name=reading.text(answer, "verified_name"),
        status=reading.text(answer, "status"),
        quality_rating=reading.text(answer, "quality_rating"),
        name_status=reading.text(answer, "name_status"),
        throughput=reading.text(reading.child(answer, "throughput"), "level"),
        can_send=reading.text(reading.child(answer, "health_status"), "can_send_message"),
        daily_limit=reading.daily_limit(answer.get("whatsapp_business_manager_messaging_limit")),
    )


def read_settings(number: JsonObject, account: JsonObject) -> AccountSettings:
    """The answers of GET /{phone number}/settings and GET /{business account}."""
    storage = reading.child(number, "storage_configuration")
    return AccountSettings(
        storage=reading.text(storage, "status"),
        region=reading.text(storage, "data_localization_region"),
        has_insights=reading.flag(account, "is_enabled_for_insights"),
        marketing=reading.text(account, "marketing_messages_lite_api_status"),
    )
