"""Mistakes in the settings that would show only when it is too late, found at the start."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings  # noqa: TID251 - the edge
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from campaigns import connections
from campaigns.hours import SendingHours
from subscribers.vault import VaultError


@register(Tags.security)
def keys_fit(**_: Any) -> Sequence[CheckMessage]:
    """Every key is there, and of the right length."""
    try:
        connections.vault()
    except VaultError as exc:
        hint = "See VAULT_KEYS, INDEX_KEY and MESSAGE_ID_KEY in .env.example."
        return [Error(str(exc), hint=hint, id="swe.E001")]
    return []


@register
def hours_are_readable(**_: Any) -> Sequence[CheckMessage]:
    """QUIET_HOURS is `off`, or days and hours."""
    try:
        SendingHours.parse(settings.QUIET_HOURS, zone=ZoneInfo(settings.TIME_ZONE))
    except ValueError:
        words = f"QUIET_HOURS is “{settings.QUIET_HOURS}”, which is not readable."
        return [Error(words, hint="Write `mon-fri 07:00-18:00`, or `off`.", id="swe.E002")]
    return []


@register
def rate_is_sensible(**_: Any) -> Sequence[CheckMessage]:
    """WHATSAPP_RATE is within what Meta offers: 80 a second, 1,000 for large senders."""
    if 1 <= settings.WHATSAPP_RATE <= 1000:
        return []
    words = f"WHATSAPP_RATE is {settings.WHATSAPP_RATE}."
    return [Error(words, hint="It counts messages a second, from 1 to 1000.", id="swe.E003")]


@register(Tags.security)
def no_failpoint_in_production(**_: Any) -> Sequence[CheckMessage]:
    """FAILPOINT makes processes die on purpose."""
    if not settings.FAILPOINT or not settings.PRODUCTION:
        return []
    hint = "Remove the variable: it is for fault tests."
    return [Error("FAILPOINT is set in production.", hint=hint, id="swe.E004")]


@register(Tags.security, deploy=True)
def metrics_are_guarded(**_: Any) -> Sequence[CheckMessage]:
    """Behind a proxy everybody looks like this machine, so production needs the token."""
    if settings.METRICS_TOKEN or not settings.PRODUCTION:
        return []
    return [Warning("METRICS_TOKEN is not set: /metrics may be open to all.", id="swe.W001")]
