"""What is forgotten, and when.

Somebody who never agreed, said no, or left is forgotten within 24 hours, as the texts they were
sent say. The consent register keeps its events, which then lead to nobody.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from subscribers.models import Identity, SubjectKey, Subscriber, SubscriberState

FORGET_AFTER = timedelta(hours=23)  # promised: 24; the sweep runs every few minutes
ORPHAN_AFTER = timedelta(days=1)  # no transaction that adds a subscriber takes so long
AT_MOST = 1_000  # subscribers a sweep, so that it never holds anybody up


def sweep(*, now: datetime) -> int:
    """Erase the identities that are due, with their keys; return how many people that were."""
    due = _due(now=now).filter(identities__isnull=False)
    ids = list(due.values_list("pk", flat=True).distinct()[:AT_MOST])
    forgotten = [_forget(pk, now=now) for pk in ids]
    _drop_orphaned_keys(now=now)
    return sum(forgotten)


def _due(*, now: datetime) -> QuerySet[Subscriber]:
    """Return everybody who has been without a subscription for long enough."""
    inactive = Subscriber.objects.exclude(state=SubscriberState.ACTIVE)
    return inactive.filter(state_since__lt=now - FORGET_AFTER)


def _forget(subscriber_id: UUID, *, now: datetime) -> bool:
    """Erase one person's addresses and key, unless they have come back meanwhile."""
    with transaction.atomic():
        subscriber = _due(now=now).select_for_update().filter(pk=subscriber_id).first()
        if subscriber is None:  # or another sweep was faster
            return False
        if subscriber.state == SubscriberState.WITHDRAWN:
            Identity.objects.filter(subscriber=subscriber).delete()
        else:  # never agreed, so nothing was ever sent that could refer to them
            subscriber.delete()
    SubjectKey.objects.filter(pk=subscriber_id).delete()
    return True


def _drop_orphaned_keys(*, now: datetime) -> None:
    """Delete keys that seal nothing: their subscriber was never added, or is forgotten."""
    old = SubjectKey.objects.filter(created_at__lt=now - ORPHAN_AFTER)
    keys = set(old.values_list("pk", flat=True))
    used = Identity.objects.filter(subscriber__in=keys).values_list("subscriber_id", flat=True)
    SubjectKey.objects.filter(pk__in=keys - set(used)).delete()
