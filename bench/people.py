"""People and a broadcast to them, written as fast as the database allows."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from campaigns import connections as ours
from campaigns import sending
from campaigns.models import Broadcast, MessageTemplate
from campaigns.pace import Pace
from campaigns.sender import Sender
from campaigns.states import BroadcastState
from subscribers.models import Identity, SubjectKey, Subscriber, Tier
from subscribers.vault import place, seal
from tests.factories import NOW, BroadcastFactory
from whatsapp.client import CloudClient

Kind = Identity.Kind

TABLES = (
    "campaigns_attempt, campaigns_delivery, campaigns_batch, campaigns_tally, "
    "campaigns_broadcastevent, campaigns_broadcast, campaigns_inboxentry, "
    "subscribers_identity, subscribers_consentevent, subscribers_ledgerleaf, campaigns_reply, "
    "subscribers_subscriber"
)
UNLIMITED = 1_000_000.0  # messages per second: only the machine is the limit
CHUNK = 5_000


def gather(number: int, *, reachable: int) -> None:
    """Replace everybody by `number` subscribers; the first in order of id have an address."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL swe_broadcast.ledger_maintenance = 'on'")
        cursor.execute(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")
        cursor.execute(
            """
            INSERT INTO subscribers_subscriber
                   (id, state, tier_id, language, notice_id, decided_at, state_since)
            SELECT gen_random_uuid(), 'active', 'mini', 'de',
                   (SELECT min(id) FROM subscribers_notice), now(), now()
              FROM generate_series(1, %s)
            """,
            [number],
        )
    SubjectKey.objects.all().delete()
    ids = list(Subscriber.objects.order_by("pk").values_list("pk", flat=True)[:reachable])
    for start in range(0, len(ids), CHUNK):
        _give_addresses(ids[start : start + CHUNK], first=start)
    for alias, tables in (("default", TABLES), ("keys", "subscribers_subjectkey")):
        with connections[alias].cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {tables}")


def _give_addresses(ids: list[UUID], *, first: int) -> None:
    vault, now = ours.vault(), timezone.now()
    keys, identities = [], []
    for number, pk in enumerate(ids, start=first):
        key, wrapped = vault.new_data_key(subject=pk)
        phone = f"+49151{number:08d}"
        keys.append(
            SubjectKey(
                subscriber_id=pk, key_id=wrapped.key_id, wrapped=wrapped.sealed, created_at=now
            )
        )
        identities.append(
            Identity(
                subscriber_id=pk,
                kind=Kind.PHONE,
                sealed=seal(phone.encode(), key=key, place=place("identity", pk, Kind.PHONE)),
                blind_index=vault.blind_index(Kind.PHONE, phone),
            )
        )
    SubjectKey.objects.bulk_create(keys)
    Identity.objects.bulk_create(identities)


def promote(number: int) -> None:
    """Let so many of all subscribers be of the highest tier; the first in order of id."""
    first = Subscriber.objects.order_by("pk").values("pk")[:number]
    Subscriber.objects.filter(pk__in=first).update(tier=Tier.objects.get(slug="maxi"))


def scheduled(slug: str = "presseschau") -> Broadcast:
    """A broadcast that is due, by default one of the press review."""
    MessageTemplate.objects.update(status=MessageTemplate.Status.APPROVED)
    broadcast: Broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED, slug=slug)
    return broadcast


def started() -> Broadcast:
    """A broadcast whose deliveries are written."""
    broadcast = scheduled()
    assert sending.start(broadcast.pk, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE campaigns_delivery, campaigns_batch, campaigns_tally")
    return broadcast


def sender(url: str, *, ca: Path, rate: float = UNLIMITED) -> Sender:
    """What a worker sends with, as fast as it can or may, to the answerer; its clock starts now."""
    began = time.monotonic()

    def clock() -> datetime:
        now: datetime = NOW + timedelta(seconds=time.monotonic() - began)
        return now

    pace = Pace(ours.broker(), rate=rate)
    return replace(ours.sender(), client=client(url, ca=ca), pace=pace, clock=clock)


def client(url: str, *, ca: Path) -> CloudClient:
    """A client that speaks with the answerer."""
    return CloudClient(
        base_url=url,
        version=settings.WHATSAPP_API_VERSION,
        phone_number_id=settings.WHATSAPP_PHONE_NUMBER_ID,
        business_account_id=settings.WHATSAPP_BUSINESS_ACCOUNT_ID,
        access_token=settings.WHATSAPP_ACCESS_TOKEN,
        pool_size=ours.CONNECTIONS_TO_META,
        ca_file=str(ca),
    )
