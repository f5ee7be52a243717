"""How late a broadcast may be: until when it begins by itself, and until when it is of use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.models import Broadcast


def times(broadcast: Broadcast, at: datetime) -> Mapping[str, Any]:
    """Return until when it may begin by itself, and when the rest of it is dropped."""
    category = broadcast.message.category
    ends = [at + category.useful_for]
    if broadcast.not_after:
        ends.append(broadcast.not_after)
    if broadcast.slot and at < broadcast.slot.useful_until:
        ends.append(broadcast.slot.useful_until)
    return {"start_by": min(at + category.late_for, *ends), "expires_at": min(ends)}
