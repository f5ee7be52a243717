"""From an address to a subscriber and back; the only module that opens sealed addresses.

A person may be known by a number, by a user id, or by both, and we may learn late that two of
them belong together. What counts then: a user id belongs to one person with one number and ends
with it (Meta, business-scoped user ids, 2026-09). So a number that arrives with another user id
than before has a new owner, and consent is never inherited with a number.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, connections, router, transaction
from django.db.models import Q

from subscribers import consent, proofs
from subscribers.models import (
    SUBSCRIBED,
    Identity,
    SubjectKey,
    Subscriber,
    SubscriberState,
)
from subscribers.vault import Vault, VaultError, WrappedKey, place, seal, unseal

logger = logging.getLogger(__name__)

Kind = Identity.Kind
RING_PROOFS = 5  # data keys that are tried before the key ring is called wrong


@dataclass(frozen=True, slots=True)
class Address:
    """How WhatsApp reaches a person: a number as +E.164, a business-scoped user id, or both."""

    phone: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)

    def parts(self) -> list[tuple[Kind, str]]:
        """Return what is known, the number first: Meta wants it while there is one."""
        known = ((Kind.PHONE, self.phone), (Kind.USER_ID, self.user_id))
        return [(kind, value) for kind, value in known if value]


def find(address: Address, *, vault: Vault) -> Subscriber | None:
    """Return the subscriber behind an address, or None for a stranger."""
    owners = _owners(address, vault=vault)
    return owners.get(Kind.PHONE) or owners.get(Kind.USER_ID)


def find_or_add(address: Address, *, at: datetime, vault: Vault, now: datetime) -> Subscriber:
    """Return the subscriber behind an address; a stranger becomes one who has asked.

    `at` is the time of their message by Meta's clock. A second address of a known person (a
    user id beside the number) is learnt on the way; two records that turn out to be one
    person become one, and a number with a new owner is taken from the old one.
    """
    if address.phone and address.user_id:
        _untangle(address, vault=vault, now=now)
    subscriber = find(address, vault=vault)
    if subscriber is None:
        try:
            with transaction.atomic():
                return _add(address, at=at, vault=vault, now=now)
        except IntegrityError:  # their first two messages arrived at the same moment
            subscriber = find(address, vault=vault)
            assert subscriber is not None
    _learn(subscriber, address, vault=vault, now=now)
    return subscriber


def addresses(subscriber_ids: Iterable[UUID], *, vault: Vault) -> dict[UUID, Address]:
    """Open the addresses of many subscribers at once: two queries, whatever their number.

    Somebody whose identity has been erased is missing from the answer; somebody whose record
    is damaged has an empty address. Raises VaultError if it is rather our key ring that is wrong,
    which concerns everybody.
    """
    keys = _data_keys(list(subscriber_ids), vault=vault)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT subscriber_id, kind, sealed FROM subscribers_identity
             WHERE subscriber_id = ANY(%s)
            """,
            [list(keys)],
        )
        rows = cursor.fetchall()
    opened: dict[UUID, dict[str, str]] = {}
    for owner, kind, sealed in rows:
        known = opened.setdefault(owner, {})
        data_key = keys[owner]
        value = data_key and _open(owner, kind, bytes(sealed), data_key=data_key)
        if value:
            known[kind] = value
    return {owner: Address(**values) for owner, values in opened.items()}


def _data_keys(ids: list[UUID], *, vault: Vault) -> dict[UUID, bytes | None]:
    """Unwrap the data keys of these subscribers; None for one that is damaged.

    Raises VaultError if others of the same vault key do not open, either.
    """
    # Plain rows: this runs for every single message, and a model's instance costs more than
    # opening what is in it.
    with connections[router.db_for_read(SubjectKey)].cursor() as cursor:
        cursor.execute(
            """
            SELECT subscriber_id, key_id, wrapped FROM subscribers_subjectkey
             WHERE subscriber_id = ANY(%s)
            """,
            [ids],
        )
        rows = cursor.fetchall()
    keys: dict[UUID, bytes | None] = {}
    for owner, key_id, sealed in rows:
        try:
            keys[owner] = vault.data_key(
                WrappedKey(key_id=key_id, sealed=bytes(sealed)), subject=owner
            )
        except VaultError:
            if not _some_open(key_id, vault=vault):
                raise
            logger.error("a data key is damaged", extra={"subscriber_id": str(owner)})
            keys[owner] = None
    return keys


def _some_open(key_id: str, *, vault: Vault) -> bool:
    """Tell whether the key ring opens any of the newest data keys of a vault key."""
    newest = SubjectKey.objects.filter(key_id=key_id).order_by("-created_at")[:RING_PROOFS]
    for key in newest:
        with suppress(VaultError):
            wrapped = WrappedKey(key_id=key_id, sealed=bytes(key.wrapped))
            vault.data_key(wrapped, subject=key.subscriber_id)
            return True
    return False


def _open(subscriber_id: UUID, kind: str, sealed: bytes, *, data_key: bytes) -> str | None:
    """Open one sealed value; None if it is damaged, which must keep nobody else waiting."""
    try:
        return unseal(sealed, key=data_key, place=_place(subscriber_id, kind)).decode()
    except VaultError:
        logger.error("an identity is damaged", extra={"subscriber_id": str(subscriber_id)})
        return None


def _add(address: Address, *, at: datetime, vault: Vault, now: datetime) -> Subscriber:
    subscriber = Subscriber.objects.create(
        state=SubscriberState.REQUESTED, decided_at=at, state_since=now
    )
    # The key is committed in its own database first. Should this transaction fail, it is
    # the key of nobody, and erasure.sweep() removes it.
    data_key, wrapped = vault.new_data_key(subject=subscriber.pk)
    SubjectKey.objects.create(
        subscriber_id=subscriber.pk,
        key_id=wrapped.key_id,
        wrapped=wrapped.sealed,
        created_at=now,
    )
    Identity.objects.bulk_create(
        _sealed(subscriber, address.parts(), data_key=data_key, vault=vault)
    )
    proofs.seal(subscriber.pk, address.parts(), vault=vault, now=now)
    return subscriber


def _owners(address: Address, *, vault: Vault) -> dict[str, Subscriber]:
    """Return whom each part of an address leads to, by kind."""
    wanted = Q(pk__in=[])
    for kind, value in address.parts():
        wanted |= Q(kind=kind, blind_index__in=vault.blind_indexes(kind, value))
    return {
        row.kind: row.subscriber
        for row in Identity.objects.filter(wanted).select_related("subscriber")
    }


@transaction.atomic
def _untangle(address: Address, *, vault: Vault, now: datetime) -> None:
    """Make sure that the number and the user id of one person lead to one subscriber at most."""
    seen = _owners(address, vault=vault)
    # Locked in order, so that two callers never wait for each other; then looked at again.
    rows = Subscriber.objects.select_for_update().order_by("pk")
    locked = {row.pk: row for row in rows.filter(pk__in=[owner.pk for owner in seen.values()])}
    owners = {
        kind: locked[owner.pk]
        for kind, owner in _owners(address, vault=vault).items()
        if owner.pk in locked
    }
    by_phone, by_user_id = owners.get(Kind.PHONE), owners.get(Kind.USER_ID)
    if by_phone is None or by_phone == by_user_id:
        return
    if by_phone.identities.filter(kind=Kind.USER_ID).exists():  # another one than this
        _end(by_phone, now=now)
        by_phone.identities.filter(kind=Kind.PHONE).delete()
    elif by_user_id is not None and not by_user_id.identities.filter(kind=Kind.PHONE).exists():
        _merge([by_phone, by_user_id], address, vault=vault, now=now)


def _merge(records: list[Subscriber], address: Address, *, vault: Vault, now: datetime) -> None:
    """Keep the record with the newest decision, under the whole address; end the other one."""
    ended, kept = sorted(records, key=_weight)
    _end(ended, now=now)
    ended.identities.all().delete()  # its key seals nothing now and goes with erasure.sweep()
    _learn(kept, address, vault=vault, now=now)


def _weight(subscriber: Subscriber) -> tuple[bool, datetime, bool]:
    """Order records: a decision outweighs a mere question, then the newer, then a withdrawal."""
    return (
        subscriber.state != SubscriberState.REQUESTED,
        subscriber.decided_at,
        subscriber.state not in SUBSCRIBED,
    )


def _end(subscriber: Subscriber, *, now: datetime) -> None:
    act = consent.by_system(at=max(now, subscriber.decided_at))
    consent.withdraw(subscriber.pk, act=act, now=now)


def _learn(subscriber: Subscriber, address: Address, *, vault: Vault, now: datetime) -> None:
    known = set(subscriber.identities.values_list("kind", flat=True))
    new = [(kind, value) for kind, value in address.parts() if kind not in known]
    if not new:
        return
    key = SubjectKey.objects.get(pk=subscriber.pk)
    wrapped = WrappedKey(key_id=key.key_id, sealed=bytes(key.wrapped))
    data_key = vault.data_key(wrapped, subject=subscriber.pk)
    # The address may just have been learnt by another request, or be somebody else's:
    # then it stays where it is.
    Identity.objects.bulk_create(
        _sealed(subscriber, new, data_key=data_key, vault=vault), ignore_conflicts=True
    )
    kept = set(subscriber.identities.values_list("kind", flat=True))
    learnt = [(kind, value) for kind, value in new if kind in kept]
    proofs.seal(subscriber.pk, learnt, vault=vault, now=now)


def _sealed(
    subscriber: Subscriber, parts: list[tuple[Kind, str]], *, data_key: bytes, vault: Vault
) -> list[Identity]:
    return [
        Identity(
            subscriber=subscriber,
            kind=kind,
            sealed=seal(value.encode(), key=data_key, place=_place(subscriber.pk, kind)),
            blind_index=vault.blind_index(kind, value),
            index_id=vault.index_id,
        )
        for kind, value in parts
    ]


def _place(subscriber_id: UUID, kind: str) -> bytes:
    return place("identity", subscriber_id, kind)
