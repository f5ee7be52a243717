"""Settings become objects: what a process works with, each made when it is first needed.

Only the edge (admin, views, tasks, commands) asks here; everything below gets what it needs as
an argument. Like django.db.connections, these live as long as the process.
"""

import os
import socket
from datetime import timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import redis
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.conf import settings
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from campaigns import telling
from campaigns.alarms import Ways
from campaigns.asking import Asking
from campaigns.hours import SendingHours
from campaigns.inbox import Desk
from campaigns.pace import Pace
from campaigns.sender import Sender
from campaigns.spool import Spool
from subscribers import sealed_box
from subscribers.checkpoints import Folder, Mailbox, Place
from subscribers.conversation import Conversation
from subscribers.forgotten import ErasureList
from subscribers.ledger.notes import Signer
from subscribers.message_keys import MessageKeys
from subscribers.speech import Speaker
from subscribers.vault import KeyRing, Vault, read_key, read_keys
from verifier.verify_ledger import Key
from whatsapp.client import CloudClient

BROKER_TIMEOUT = 1.0  # seconds; without its broker a sender goes on alone, so it asks briefly
CONNECTIONS_TO_META = 128  # kept open by requests: as many as a pump has in flight (pump.py)


@cache
def vault() -> Vault:
    """Return the keys of this installation. Raises VaultError if they are malformed."""
    return Vault(
        ring=KeyRing.parse(settings.VAULT_KEYS),
        index_keys=read_keys(settings.INDEX_KEY),
        message_keys=MessageKeys(read_key(settings.MESSAGE_ID_KEY), clock=timezone.now),
        proof_key=_proof_key(),
    )


def _proof_key() -> X25519PublicKey | None:
    if settings.PROOF_MODE == "none":
        return None
    return sealed_box.read_public_key(settings.PROOF_PUBLIC_KEY)


@cache
def erasures() -> ErasureList:
    """Return the list of whom no backup may bring back."""
    return ErasureList(settings.JOURNAL_DIR)


@cache
def ledger_signer() -> Signer:
    """Return what signs checkpoints. Raises SigningKeyError, or OSError if we may not read it."""
    encoded = settings.LEDGER_SIGNING_KEY
    if settings.LEDGER_SIGNING_KEY_FILE:
        encoded = Path(settings.LEDGER_SIGNING_KEY_FILE).read_text(encoding="utf-8")
    return Signer.read(encoded, name=settings.LEDGER_ORIGIN)


@cache
def ledger_keys() -> tuple[Key, ...]:
    """Return the public keys under which checkpoints count, the present one first."""
    texts = [ledger_signer().public_key, *settings.LEDGER_PUBLIC_KEYS]
    return tuple(Key.read(text) for text in texts)


@cache
def anchor_places() -> tuple[Place, ...]:
    """Return where checkpoints are sent."""
    places: list[Place] = [
        Mailbox(f"mail {number}", address)
        for number, address in enumerate(settings.LEDGER_ANCHOR_EMAILS, start=1)
    ]
    if settings.LEDGER_ANCHOR_DIR:
        places.append(Folder("folder", Path(settings.LEDGER_ANCHOR_DIR)))
    return tuple(places)


@cache
def cloud_client() -> CloudClient:
    """Return the client for our WhatsApp number."""
    return CloudClient(
        base_url=settings.WHATSAPP_API_URL,
        version=settings.WHATSAPP_API_VERSION,
        phone_number_id=settings.WHATSAPP_PHONE_NUMBER_ID,
        business_account_id=settings.WHATSAPP_BUSINESS_ACCOUNT_ID,
        access_token=settings.WHATSAPP_ACCESS_TOKEN,
        pool_size=CONNECTIONS_TO_META,
    )


@cache
def broker() -> redis.Redis:
    """Return a connection to the broker for our own questions (the pace, health)."""
    # Celery's name for a socket is not redis-py's.
    url = settings.REDIS_URL.replace("redis+socket://", "unix://", 1)
    return redis.Redis.from_url(
        url,
        socket_timeout=BROKER_TIMEOUT,
        socket_connect_timeout=BROKER_TIMEOUT,
        # Once more on a fresh connection, at once: redis-py itself would wait for seconds.
        retry=Retry(NoBackoff(), retries=1),
    )


@cache
def sending_hours() -> SendingHours:
    """Return when ordinary news may leave, and how long after a decision. Raises ValueError."""
    return SendingHours.parse(
        settings.QUIET_HOURS,
        zone=ZoneInfo(settings.TIME_ZONE),
        hold=timedelta(seconds=settings.HOLD_SECONDS),
    )


@cache
def desk() -> Desk:
    """Return what the inbox works with."""
    return Desk(
        phone_number_id=settings.WHATSAPP_PHONE_NUMBER_ID,
        vault=vault(),
        conversation=Conversation(
            Speaker(
                organisation=settings.ORGANISATION,
                zone=ZoneInfo(settings.TIME_ZONE),
                copy_url=f"{settings.PUBLIC_URL}/auskunft/",
                keeps_proof=settings.PROOF_MODE != "none",
            )
        ),
    )


@cache
def spool() -> Spool:
    """Return the folder that keeps webhooks while the database cannot."""
    return Spool(settings.SPOOL_DIR)


@cache
def sender() -> Sender:
    """Return what this process sends with."""
    return Sender(
        name=f"{socket.gethostname()[:12]} {os.getpid()}",
        client=cloud_client(),
        vault=vault(),
        pace=Pace(broker(), rate=settings.WHATSAPP_RATE),
        hours=sending_hours(),
        spool=spool(),
        clock=timezone.now,
    )


@cache
def ways_of_telling() -> Ways:
    """Return how the person on duty is told. Raises ValueError for a malformed secret."""
    words = telling.Words(language=settings.LANGUAGE_CODE, base_url=settings.PUBLIC_URL)
    mail = post = None
    if settings.ALERT_EMAILS:
        mail = telling.Mail(
            to=tuple(settings.ALERT_EMAILS), sender=settings.DEFAULT_FROM_EMAIL, words=words
        )
    if settings.ALERT_WEBHOOK:
        secret = telling.read_secret(settings.ALERT_WEBHOOK_SECRET)
        post = telling.Post(url=settings.ALERT_WEBHOOK, secret=secret, words=words)
    return Ways(mail=mail, post=post)


@cache
def asking() -> Asking:
    """Return how those who approve learn that something waits for them."""
    words = telling.Words(language=settings.LANGUAGE_CODE, base_url=settings.PUBLIC_URL)
    return Asking(sender=settings.DEFAULT_FROM_EMAIL, words=words)


def forget() -> None:
    """Make everything anew at the next call; for tests, which change settings."""
    for made in (
        vault,
        erasures,
        ledger_signer,
        ledger_keys,
        anchor_places,
        cloud_client,
        broker,
        sending_hours,
        desk,
        sender,
        ways_of_telling,
        asking,
        spool,
    ):
        made.cache_clear()
