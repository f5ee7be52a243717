"""Reads the webhook fields about templates, our number, our account and marketing wishes."""

from collections.abc import Callable, Iterator
from typing import Final

from whatsapp import reading
from whatsapp.events import people
from whatsapp.events.elements import Broken, Found, each
from whatsapp.events.kinds import (
    AccountAlert,
    AccountReview,
    AccountUpdate,
    BusinessCapability,
    Event,
    MarketingPreference,
    NumberName,
    NumberQuality,
    Origin,
    SecurityNotice,
    TemplateCategory,
    TemplateComponents,
    TemplateQuality,
    TemplateRef,
    TemplateStatus,
    Unknown,
)
from whatsapp.reading import JsonObject

# Under either of these names, depending on the field and the year.
_LIMIT_KEYS: Final = ("max_daily_conversations_per_business", "current_limit")
FIELD_NAME_MAX: Final = 100


def read(value: JsonObject, *, field: str, origin: Origin, where: str) -> Iterator[Found]:
    """Everything in one change of any field but "messages"."""
    if field == "user_preferences":

        def preference(element: JsonObject, _: str) -> Iterator[Found]:
            yield _preference(element, origin=origin)

        yield from each(value, "user_preferences", where=where, read=preference)
    elif field in _READERS:
        yield _READERS[field](value, origin)
    else:
        yield Unknown(origin=origin, field=field[:FIELD_NAME_MAX])


def _preference(preference: JsonObject, *, origin: Origin) -> MarketingPreference:
    at = reading.moment(preference, "timestamp")
    if at is None:
        raise Broken("bad_timestamp")
    return MarketingPreference(
        origin=origin,
        sender=people.person(preference),
        category=reading.text(preference, "category"),
        value=reading.text(preference, "value"),
        at=at,
    )


def _template(value: JsonObject) -> TemplateRef:
    return TemplateRef(
        id=reading.identifier(value, "message_template_id"),
        name=reading.text(value, "message_template_name"),
        language=reading.text(value, "message_template_language"),
    )


def _template_status(value: JsonObject, origin: Origin) -> Event:
    return TemplateStatus(
        origin=origin,
        template=_template(value),
        event=reading.text(value, "event"),
        reason=reading.text(value, "reason"),
        category=reading.text(value, "message_template_category"),
        title=reading.text(reading.child(value, "other_info"), "title"),
    )


def _template_quality(value: JsonObject, origin: Origin) -> Event:
    return TemplateQuality(
        origin=origin,
        template=_template(value),
        previous=reading.text(value, "previous_quality_score"),
        current=reading.text(value, "new_quality_score"),
    )


def _template_components(value: JsonObject, origin: Origin) -> Event:
    return TemplateComponents(origin=origin, template=_template(value))


def _template_category(value: JsonObject, origin: Origin) -> Event:
    return TemplateCategory(
        origin=origin,
        template=_template(value),
        previous=reading.text(value, "previous_category"),
        current=reading.text(value, "new_category"),
        coming=reading.text(value, "correct_category"),
    )


def _daily_limit(value: JsonObject) -> int | None:
    limits = (reading.daily_limit(value.get(key)) for key in _LIMIT_KEYS)
    return next((limit for limit in limits if limit is not None), None)


def _number_quality(value: JsonObject, origin: Origin) -> Event:
    return NumberQuality(
        origin=origin, event=reading.text(value, "event"), daily_limit=_daily_limit(value)
    )


def _capability(value: JsonObject, origin: Origin) -> Event:
    return BusinessCapability(origin=origin, daily_limit=_daily_limit(value))


def _account_update(value: JsonObject, origin: Origin) -> Event:
    restrictions = reading.children(value, "restriction_info")
    return AccountUpdate(
        origin=origin,
        event=reading.text(value, "event"),
        restrictions=tuple(reading.text(each, "restriction_type") for each in restrictions),
        ban_state=reading.text(reading.child(value, "ban_info"), "waba_ban_state"),
        violation=reading.text(reading.child(value, "violation_info"), "violation_type"),
    )


def _account_alert(value: JsonObject, origin: Origin) -> Event:
    alert = reading.child(value, "alert_info")
    return AccountAlert(
        origin=origin,
        entity_type=reading.text(value, "entity_type"),
        severity=reading.text(alert, "alert_severity"),
        status=reading.text(alert, "alert_status"),
        type=reading.text(alert, "alert_type"),
        description=reading.text(alert, "alert_description"),
    )


def _account_review(value: JsonObject, origin: Origin) -> Event:
    return AccountReview(origin=origin, decision=reading.text(value, "decision"))


def _security(value: JsonObject, origin: Origin) -> Event:
    return SecurityNotice(origin=origin, event=reading.text(value, "event"))


def _number_name(value: JsonObject, origin: Origin) -> Event:
    return NumberName(
        origin=origin,
        decision=reading.text(value, "decision"),
        name=reading.text(value, "requested_verified_name"),
        rejection_reason=reading.text(value, "rejection_reason"),
    )


_READERS: Final[dict[str, Callable[[JsonObject, Origin], Event]]] = {
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "message_template_components_update": _template_components,
    "template_category_update": _template_category,
    "phone_number_quality_update": _number_quality,
    "business_capability_update": _capability,
    "account_update": _account_update,
    "account_alerts": _account_alert,
    "account_review_update": _account_review,
    "security": _security,
    "phone_number_name_update": _number_name,
}
