"""What has to be done now and then, and by nobody in particular."""

from datetime import datetime
from typing import Protocol

from campaigns import inbox
from subscribers import erasure, figures


class Step(Protocol):
    """One duty; doing it twice does no harm."""

    def __call__(self, *, now: datetime) -> object: ...


STEPS: tuple[Step, ...] = (erasure.sweep, figures.freeze_if_due, inbox.purge)
