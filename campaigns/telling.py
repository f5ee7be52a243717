"""Telling the person on duty: by mail, and by a webhook of their choice. Never by WhatsApp.

An alarm says what is wrong and where to look, in the language of the installation; no name, no
number, no word of a message, so it may pass through any mail server. The webhook follows the
Standard Webhooks specification 1.0 (github.com/standard-webhooks/standard-webhooks): its
receiver checks the signature and drops what it has had before by `webhook-id`.
"""

import base64
import hashlib
import hmac
import json
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import requests
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import alarms
from campaigns.alarms import NotTold
from campaigns.models import Alarm

TIMEOUT = (3.0, 10.0)  # seconds to connect, and to answer
SECRET_BYTES = 24  # at least, says the specification
SECRET_PREFIX = "whsec_"  # noqa: S105 - how the specification marks a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How this installation speaks of itself in an alarm."""

    language: str
    base_url: str  # of the desk, without a path

    def link(self, alarm: Alarm) -> str:
        """Where something can be done about it."""
        return f"{self.base_url}{alarms.page(alarm)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Tells by mail."""

    to: Sequence[str]
    sender: str
    words: Words

    def __call__(self, alarm: Alarm, /, *, now: datetime) -> None:  # noqa: ARG002 - see alarms.Tell
        """Send the mail. Raises NotTold."""
        with translation.override(self.words.language):
            sentence = str(alarm.get_kind_display())
            look = _("Please have a look: %(url)s") % {"url": self.words.link(alarm)}
            text = "\n\n".join([alarms.words(alarm), look])
        mail = EmailMessage(
            subject=f"SWE Broadcast: {sentence}",
            body=f"{text}\n",
            from_email=self.sender,
            to=list(self.to),
        )
        try:
            mail.send()
        except (OSError, smtplib.SMTPException) as trouble:
            raise NotTold from trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Tells by a signed POST."""

    url: str
    secret: bytes = field(repr=False)
    words: Words

    def __call__(self, alarm: Alarm, /, *, now: datetime) -> None:
        """Post it. Raises NotTold for anything but an answer of 2xx."""
        body = self._body(alarm)
        message_id, timestamp = f"alarm_{alarm.pk}", str(int(now.timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(body, message_id, timestamp, secret=self.secret),
        }
        try:
            # No redirect: it would lead the alarm to somebody whom nobody has chosen.
            answer = requests.post(
                self.url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as trouble:
            raise NotTold from trouble
        if not 200 <= answer.status_code < 300:
            raise NotTold(answer.status_code)

    def _body(self, alarm: Alarm) -> bytes:
        with translation.override(self.words.language):
            sentence = alarms.words(alarm)
        return json.dumps(
            {
                "type": f"alarm.{alarm.kind}",
                "timestamp": alarm.raised_at.isoformat(),
                "data": {"subject": alarm.subject, "text": sentence, "url": self.words.link(alarm)},
            }
        ).encode()


def read_secret(text: str) -> bytes:
    """Read a secret as the specification writes it, `whsec_` and base64. Raises ValueError."""
    return base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)


def sign(body: bytes, message_id: str, timestamp: str, *, secret: bytes) -> str:
    """Return the signature over id, time and body, version 1 of the specification."""
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
