"""Changing keys while the system runs, in portions, and as often interrupted as you like.

What has been done is told by the rows themselves (`key_id`, `index_id`), so starting again goes
on where it stopped and doing it twice does nothing. Until the end both keys are on the ring:
whoever sends or looks somebody up meanwhile tries both.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, router, transaction
from django.db.models import Count, Exists, Max, Min, Model, OuterRef, QuerySet

from subscribers import identities, proofs
from subscribers.models import Identity, SealedProof, SubjectKey
from subscribers.vault import Vault, VaultError, WrappedKey, fingerprint

logger = logging.getLogger(__name__)

PORTION = 500  # rows a transaction: some hundredths of a second, so nobody waits
ABOUT_A_KEY = ("subscribers", "oldest", "newest")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has got."""

    step: str
    done: int
    damaged: int  # rows that do not open; they stay as they are
    left: int


def rotate(vault: Vault, *, now: datetime) -> Iterator[Progress]:
    """Bring everything to the current keys; yields after every portion."""
    yield from _in_portions("data keys", _stale_keys(vault), lambda row: _rewrap(row, vault=vault))
    yield from _in_portions("indexes", _stale_indexes(vault), lambda row: _reindex(row, vault))
    if vault.proof_key is not None:
        yield from _in_portions(
            "sealed proofs", _unproved(), lambda row: _prove(row, vault=vault, now=now)
        )


def how_many_are_stale(vault: Vault) -> int:
    """Return how many rows a rotation would have to bring to the current keys."""
    return _stale_keys(vault).count() + _stale_indexes(vault).count()


def missing_keys(vault: Vault) -> list[str]:
    """Return the ids of keys that rows depend on and that are not on the ring."""
    used = set(SubjectKey.objects.values_list("key_id", flat=True).distinct())
    return sorted(used - vault.ring.keys.keys())


def inventory(vault: Vault) -> dict[str, list[dict[str, object]]]:
    """Return which keys there are and what hangs on them: ids, dates and counts, never keys."""
    counted = SubjectKey.objects.values_list("key_id").annotate(
        subscribers=Count("pk"), oldest=Min("created_at"), newest=Max("created_at")
    )
    wrapped = {key_id: (n, oldest, newest) for key_id, n, oldest, newest in counted}
    indexed = dict(Identity.objects.values_list("index_id").annotate(n=Count("pk")))
    known = [*vault.ring.keys, *(wrapped.keys() - vault.ring.keys.keys())]
    ours = [fingerprint(key) for key in vault.index_keys]
    return {
        "vault": [
            {
                "id": key_id,
                "current": key_id == vault.ring.current,
                "on_ring": key_id in vault.ring.keys,
                **dict(zip(ABOUT_A_KEY, wrapped.get(key_id, (0, None, None)), strict=True)),
            }
            for key_id in known
        ],
        "index": [
            {
                "id": index_id or "before ids",
                "current": index_id == ours[0],
                "on_ring": index_id in ours,
                "identities": indexed.get(index_id, 0),
            }
            for index_id in [*ours, *sorted(indexed.keys() - set(ours))]
        ],
    }


def _in_portions(
    step: str, stale: "QuerySet[Row]", renew: Callable[[Row], object]
) -> Iterator[Progress]:
    done = damaged = 0
    last: object = None
    while True:
        rows = stale.filter(pk__gt=last) if last is not None else stale
        with transaction.atomic(using=stale.db):
            portion = list(rows.select_for_update(of=("self",)).order_by("pk")[:PORTION])
            for row in portion:
                try:
                    with transaction.atomic(using=stale.db):
                        renew(row)
                    done += 1
                except (VaultError, IntegrityError):
                    logger.error("a row cannot be brought to the current key", extra={"step": step})
                    damaged += 1
        if not portion:
            break
        last = portion[-1].pk
        yield Progress(step, done, damaged, left=stale.count() - damaged)
    yield Progress(step, done, damaged, left=0)


def _stale_keys(vault: Vault) -> "QuerySet[SubjectKey]":
    using = router.db_for_write(SubjectKey)
    return SubjectKey.objects.using(using).exclude(key_id=vault.ring.current)


def _rewrap(row: SubjectKey, *, vault: Vault) -> None:
    old = WrappedKey(key_id=row.key_id, sealed=bytes(row.wrapped))
    new = vault.rewrap(old, subject=row.pk)
    row.key_id, row.wrapped = new.key_id, new.sealed
    row.save(update_fields=["key_id", "wrapped"])


def _stale_indexes(vault: Vault) -> "QuerySet[Identity]":
    using = router.db_for_write(Identity)
    return Identity.objects.using(using).exclude(index_id=vault.index_id)


def _reindex(row: Identity, vault: Vault) -> None:
    value = _opened(row.subscriber_id, row.kind, vault=vault)
    row.blind_index, row.index_id = vault.blind_index(row.kind, value), vault.index_id
    row.save(update_fields=["blind_index", "index_id"])


def _unproved() -> "QuerySet[Identity]":
    using = router.db_for_write(Identity)
    sealed = SealedProof.objects.filter(ref=OuterRef("subscriber_id"), kind=OuterRef("kind"))
    return Identity.objects.using(using).exclude(Exists(sealed))


def _prove(row: Identity, *, vault: Vault, now: datetime) -> None:
    value = _opened(row.subscriber_id, row.kind, vault=vault)
    proofs.seal(row.subscriber_id, [(row.kind, value)], vault=vault, now=now)


def _opened(subscriber_id: UUID, kind: str, *, vault: Vault) -> str:
    address = identities.addresses([subscriber_id], vault=vault).get(subscriber_id)
    for known, value in address.parts() if address else ():
        if known == kind:
            return value
    raise VaultError("An identity does not open.")
