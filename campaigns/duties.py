"""Duties: what is done regularly, one after the other, and the trouble of one stops no other.

Here, and nowhere above, is the boundary at which any error ends: it is logged, and somebody is
told until the duty has been done again.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from django.db import Error, OperationalError

from campaigns import alarms
from campaigns.models import Alarm

logger = logging.getLogger(__name__)

Duty = Callable[[], object]


def do(duty: Duty, *, now: datetime) -> bool:
    """Do it; False if it failed, of which nobody above has to take notice."""
    name = name_of(duty)
    try:
        duty()
        alarms.clear(Alarm.Kind.BROKEN, name, now=now)
    except OperationalError:  # the database's: it passes, and is told of otherwise if not
        logger.exception("a duty could not be done now", extra={"duty": name})
    except Exception:
        logger.exception("a duty failed", extra={"duty": name})
        with suppress(Error):  # then the log has to do
            alarms.raise_(Alarm.Kind.BROKEN, name, now=now)
    else:
        return True
    return False


def name_of(duty: Duty) -> str:
    """Return by which name IT finds it in the code, without the package."""
    while isinstance(duty, partial):
        duty = duty.func
    module = duty.__module__.partition(".")[2]
    return f"{module}.{getattr(duty, '__name__', type(duty).__name__)}"[:40]
