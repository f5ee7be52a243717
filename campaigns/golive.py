"""The start: with a real number nothing is sent before the papers are confirmed.

In the demo, and wherever a simulator answers for WhatsApp, nobody asks for papers.
"""

from datetime import datetime

from campaigns import stopping
from campaigns.models import Channel
from campaigns.reasons import StopReason
from subscribers import clearance


def look(*, is_real: bool, smallest_audience: int, now: datetime) -> None:
    """Note what kind of installation this is, and hold or release it accordingly.

    Once released for its papers it stays so: a paper that is taken back later is for the
    data-protection officer to settle, and does not silence an urgent notice.
    """
    channel = Channel.objects.filter(pk=Channel.ONLY)
    as_noted = channel.filter(is_real=is_real, smallest_audience=smallest_audience)
    if not as_noted.exists():
        channel.update(is_real=is_real, smallest_audience=smallest_audience)
    if is_real and channel.filter(live_at__isnull=True).exists() and not clearance.missing():
        channel.update(live_at=now)
    if stopping.standing_hold() == StopReason.PAPERS:
        stopping.stop_channel(StopReason.PAPERS, now=now)
    elif channel.filter(stop_reason=StopReason.PAPERS).exists():
        stopping.release_channel(StopReason.PAPERS, now=now)
