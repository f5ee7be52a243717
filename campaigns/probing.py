"""After our token was refused: ask WhatsApp now and then, and go on when it takes it again.

One question a minute in all, however many workers ask; nobody's message is burnt for it.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from campaigns import stopping
from campaigns.models import Channel
from campaigns.reasons import StopReason
from whatsapp.client import CloudClient
from whatsapp.errors import WhatsAppError

EVERY = timedelta(seconds=60)


def probe(*, client: CloudClient, now: datetime) -> None:
    """Release sending if it stopped for the token and WhatsApp accepts the token again.

    Only for the token: what an account or a permission forbids, this question does not show.
    """
    stopped = Channel.objects.filter(pk=Channel.ONLY, stop_reason=StopReason.TOKEN)
    is_time = Q(probed_at__isnull=True) | Q(probed_at__lte=now - EVERY)
    if not stopped.filter(is_time, stopped_at__lte=now - EVERY).update(probed_at=now):
        return
    try:
        client.phone_number_health()
    except WhatsAppError:
        return
    stopping.release_channel(StopReason.TOKEN, now=now)
