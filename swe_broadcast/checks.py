"""Mistakes in the settings that would show only when it is too late, found at the start."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings  # noqa: TID251 - the edge
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from campaigns import connections, telling
from campaigns.hours import SendingHours
from subscribers.ledger.notes import SigningKeyError
from subscribers.vault import VaultError
from verifier.verify_ledger import Unjudgeable


@register(Tags.security)
def keys_fit(**_: Any) -> Sequence[CheckMessage]:
    """Every key is there, and of the right length."""
    try:
        connections.vault()
    except VaultError as exc:
        hint = "See VAULT_KEYS, INDEX_KEY and MESSAGE_ID_KEY in .env.example."
        return [Error(str(exc), hint=hint, id="swe.E001")]
    return []


@register(Tags.security)
def ledger_key_fits(**_: Any) -> Sequence[CheckMessage]:
    """The key that signs checkpoints is readable; one in a file is for its worker to read."""
    if settings.LEDGER_SIGNING_KEY_FILE:
        return []
    try:
        connections.ledger_keys()
    except SigningKeyError as exc:
        return [Error(str(exc), hint="See LEDGER_SIGNING_KEY in .env.example.", id="swe.E005")]
    except Unjudgeable:
        words = "LEDGER_PUBLIC_KEYS has a key that is not readable."
        return [Error(words, hint="`manage.py consent key` prints one.", id="swe.E006")]
    return []


@register(Tags.security, deploy=True)
def ledger_is_anchored(**_: Any) -> Sequence[CheckMessage]:
    """Who keeps the checkpoints must be two people out of reach of whoever runs the server."""
    if len(settings.LEDGER_ANCHOR_EMAILS) >= 2 or not settings.PRODUCTION:
        return []
    hint = "Name the data-protection officer's and the works council's mailboxes."
    return [Warning("LEDGER_ANCHOR_EMAILS has fewer than two.", hint=hint, id="swe.W002")]


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
def hold_is_sensible(**_: Any) -> Sequence[CheckMessage]:
    """HOLD_SECONDS is a time in which somebody can still press a button, or none."""
    if 0 <= settings.HOLD_SECONDS <= 3600:
        return []
    words = f"HOLD_SECONDS is {settings.HOLD_SECONDS}."
    return [Error(words, hint="It counts seconds, from 0 to 3600.", id="swe.E008")]


@register
def rate_is_sensible(**_: Any) -> Sequence[CheckMessage]:
    """WHATSAPP_RATE is within what Meta offers: 80 a second, 1,000 for large senders."""
    if 1 <= settings.WHATSAPP_RATE <= 1000:
        return []
    words = f"WHATSAPP_RATE is {settings.WHATSAPP_RATE}."
    return [Error(words, hint="It counts messages a second, from 1 to 1000.", id="swe.E003")]


@register
def alarms_can_be_signed(**_: Any) -> Sequence[CheckMessage]:
    """ALERT_WEBHOOK has a secret that signs what is posted to it."""
    if not settings.ALERT_WEBHOOK:
        return []
    try:
        is_fit = len(telling.read_secret(settings.ALERT_WEBHOOK_SECRET)) >= telling.SECRET_BYTES
    except ValueError:
        is_fit = False
    if is_fit:
        return []
    hint = "Copy what its receiver shows: whsec_ and base64, 24 bytes or more."
    return [Error("ALERT_WEBHOOK_SECRET is not a secret.", hint=hint, id="swe.E007")]


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
