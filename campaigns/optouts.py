"""Meta tells us that somebody has stopped our messages in WhatsApp's own settings.

That is a withdrawal like any other: it ends the subscription, and nothing is sent again.
"""

from collections.abc import Collection
from datetime import datetime

from campaigns.models import Delivery
from subscribers import consent
from subscribers.consent import Act
from subscribers.models import ConsentEvent


def honour(delivery_ids: Collection[int], *, at: datetime, now: datetime) -> None:
    """Withdraw the consent of those whose deliveries were refused for this reason.

    `at` is when Meta said so. Call it after the deliveries have been locked: everybody takes
    the locks in this order.
    """
    # Of a broadcast that closed a week ago nobody knows any more whom it went to.
    rows = Delivery.objects.filter(pk__in=delivery_ids, subscriber__isnull=False)
    people = rows.order_by("subscriber_id").values_list("subscriber_id", flat=True)
    for subscriber_id in people:
        assert subscriber_id is not None
        act = Act(by=ConsentEvent.Act.META, at=at)
        consent.withdraw(subscriber_id, act=act, now=now)
