"""How somebody is erased, for ever: rows first, then their key, then a line on a list.

Only the first step needs the person's lock and its transaction. The others follow from what
that transaction left behind (an `Erasure` that is not listed), so that a crash between them
loses nothing: the next sweep goes on. When this happens stands in `retention`.
"""

import logging
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from subscribers import consent
from subscribers.forgotten import ErasureList
from subscribers.models import (
    SUBSCRIBED,
    DeskPhone,
    Erasure,
    SealedProof,
    SubjectKey,
    Subscriber,
)

logger = logging.getLogger(__name__)

AT_MOST = 1_000  # people a sweep, so that it never holds anybody up


def erase(subscriber_id: UUID, *, now: datetime) -> bool:
    """Erase one person who asks for it, at once; False if they are erased already.

    It takes along what still waits to be said to them, so our last word should have left.
    """
    with transaction.atomic():
        if not Subscriber.objects.filter(pk=subscriber_id).exists():
            return False
        _end([subscriber_id], now=now)
        return _forget(Subscriber.objects.all(), subscriber_id, now=now)


def forget(people: QuerySet[Subscriber], *, now: datetime) -> int:
    """Erase the rows of these people, as far as they are still among them when it is their turn.

    Returns how many that were. Each is a transaction of its own.
    """
    ids = list(people.values_list("pk", flat=True)[:AT_MOST])
    return sum(_forget(people, pk, now=now) for pk in ids)


def finish(erasures: ErasureList, *, now: datetime) -> int:
    """Destroy the keys of whoever is gone, and put them on the list; return how many."""
    gone = Erasure.objects.filter(is_listed=False)
    refs = list(gone.order_by("done_at").values_list("pk", flat=True)[:AT_MOST])
    SubjectKey.objects.filter(pk__in=refs).delete()
    erasures.add(refs, at=now)
    Erasure.objects.filter(pk__in=refs).update(is_listed=True)
    return len(refs)


def replay(erasures: ErasureList, *, now: datetime) -> int:
    """Erase again whoever a backup has brought back; return how many had to be.

    To be called after a restore, before anything is sent. Costs two queries where nothing was
    restored, so the sweep calls it as well.
    """
    listed = erasures.refs(now=now)
    known = set(Erasure.objects.filter(is_listed=True).values_list("pk", flat=True))
    missing = listed.keys() - known
    if not missing:
        return 0
    _end(missing, now=now)
    returned = _drop(missing, now=now)
    SubjectKey.objects.filter(pk__in=missing).delete()
    Erasure.objects.bulk_create(
        (Erasure(ref=ref, done_at=listed[ref], is_listed=True) for ref in missing),
        update_conflicts=True,
        unique_fields=["ref"],
        update_fields=["done_at", "is_listed"],
    )
    logger.warning("erased again after a restore", extra={"listed": len(missing)})
    return returned


def _forget(people: QuerySet[Subscriber], subscriber_id: UUID, *, now: datetime) -> bool:
    """Erase one person's rows, unless they have come back meanwhile."""
    with transaction.atomic():
        locked = people.select_for_update(of=("self",)).filter(pk=subscriber_id)
        if locked.first() is None:  # or another sweep was faster
            return False
        _drop([subscriber_id], now=now)
        Erasure.objects.get_or_create(ref=subscriber_id, defaults={"done_at": now})
    return True


def _end(refs: Collection[UUID], *, now: datetime) -> None:
    """End the consents of these people, so that no event of theirs tells of one that goes on."""
    for person in Subscriber.objects.filter(pk__in=refs, state__in=SUBSCRIBED):
        at = max(now, person.decided_at)  # Meta's clock may be ahead of ours
        consent.withdraw(person.pk, act=consent.by_system(at=at), now=now)


@transaction.atomic
def _drop(refs: Collection[UUID], *, now: datetime) -> int:
    """Delete people with everything that hangs on them; return how many there were.

    The sealed proof of somebody who agreed stays for its time, and so do the ledger's events.
    """
    agreed = consent.ever_given(refs)
    proofs = SealedProof.objects.filter(ref__in=refs)
    proofs.exclude(ref__in=agreed).delete()
    ended = consent.ended_at(agreed)
    for ref in agreed:
        until = _end_of_proof(timezone.localdate(ended.get(ref, now)))
        proofs.filter(ref=ref, keep_until__isnull=True).update(keep_until=until)
    DeskPhone.objects.filter(pk__in=refs).delete()  # those that a backup has brought back
    _total, by_model = Subscriber.objects.filter(pk__in=refs).delete()
    return by_model.get("subscribers.Subscriber", 0)


@transaction.atomic
def leave_nothing(refs: Collection[UUID], *, reason: str, now: datetime) -> int:
    """Erase the proof as well, sealed boxes and events; return how many rows that were."""
    boxes, _ = SealedProof.objects.filter(ref__in=refs).delete()
    return boxes + consent.erase_events(refs, reason=reason, now=now)


def _end_of_proof(ended_on: date) -> date:
    """Claims run out with the third year after the one in which they arose (§§ 195, 199 BGB).

    That is the year in which the consent ended here, and not the one in which its rows went, a
    day later: the receipt of the withdrawal has named the day (speech.py).
    """
    return date(ended_on.year + 3, 12, 31)
