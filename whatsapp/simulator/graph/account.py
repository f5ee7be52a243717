"""The business account and its number: what they say about themselves."""

from typing import Any

from whatsapp.simulator.errors import GraphError
from whatsapp.simulator.graph.calls import Answer, Call, reading_fields

TIERS = {250: "TIER_250", 2000: "TIER_2K", 10_000: "TIER_10K", 100_000: "TIER_100K"}
UPGRADED = 1000  # messages per second from which Meta calls a throughput high
PHONE_FIELDS = ["verified_name", "display_phone_number", "quality_rating", "id"]


async def show_phone(call: Call) -> Answer:
    return reading_fields(call, _phone(call), default=PHONE_FIELDS)


async def list_phones(call: Call) -> Answer:
    return {"data": [reading_fields(call, _phone(call), default=PHONE_FIELDS)]}


async def show_account(call: Call) -> Answer:
    account = call.platform.world.account
    known = {
        "id": account.business_account_id,
        "name": account.name,
        "currency": "EUR",
        "timezone_id": "42",
        "account_review_status": "APPROVED",
        "whatsapp_business_manager_messaging_limit": _tier(call),
        "health_status": _health(call),
        "is_enabled_for_insights": call.platform.world.settings.insights,
        "marketing_messages_lite_api_status": "NOT_ELIGIBLE",
    }
    return reading_fields(call, known, default=["id", "name", "currency", "timezone_id"])


async def show_settings(call: Call) -> Answer:
    """Where the messages of the number rest; without a region, in Meta's default storage."""
    region = call.platform.world.settings.storage_region
    if not region:
        return {"storage_configuration": {"status": "DEFAULT"}}
    status = "IN_COUNTRY_STORAGE_ENABLED"
    return {"storage_configuration": {"status": status, "data_localization_region": region}}


async def subscribe(call: Call) -> Answer:
    """Subscribe to webhooks, here or at another address, which must prove itself first."""
    url = call.body.get("override_callback_uri")
    if url is None:
        return {"success": True}
    token = str(call.body.get("verify_token", ""))
    if not await call.platform.outbox.subscription.change(url=str(url), token=token):
        raise GraphError(2200, "The callback did not answer with the challenge.")
    return {"success": True}


async def list_subscriptions(call: Call) -> Answer:
    account = call.platform.world.account
    app = {"id": account.app_id, "name": "Simulator", "link": "https://www.facebook.com/games/"}
    return {"data": [{"whatsapp_business_api_data": app}]}


def _phone(call: Call) -> dict[str, Any]:
    account, settings = call.platform.world.account, call.platform.world.settings
    rate = settings.throughput_per_second
    high = rate is None or rate >= UPGRADED
    return {
        "id": account.phone_number_id,
        "display_phone_number": f"+{account.phone}",
        "verified_name": account.name,
        "status": "CONNECTED",
        "quality_rating": settings.quality_rating,
        "quality_score": {"score": settings.quality_rating},
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "throughput": {"level": "HIGH" if high else "STANDARD"},
        "account_mode": "LIVE",
        "platform_type": "CLOUD_API",
        "is_pin_enabled": True,
        "is_official_business_account": True,
        "whatsapp_business_manager_messaging_limit": _tier(call),
        "webhook_configuration": {"application": settings.webhook_url or ""},
        "health_status": _health(call),
    }


def _tier(call: Call) -> str:
    limit = call.platform.world.settings.portfolio_limit
    return "TIER_UNLIMITED" if limit is None else TIERS.get(limit, f"TIER_{limit}")


def _health(call: Call) -> dict[str, Any]:
    account = call.platform.world.account
    entities = [("PHONE_NUMBER", account.phone_number_id), ("WABA", account.business_account_id)]
    return {
        "can_send_message": "AVAILABLE",
        "entities": [
            {"entity_type": kind, "id": entity_id, "can_send_message": "AVAILABLE"}
            for kind, entity_id in entities
        ],
    }
