"""Log lines as JSON: a constant sentence and ids, never a person.

Whoever logs writes a constant sentence and puts ids into `extra`. Only the names below reach
the line; everything else in `extra` is dropped. Of an exception the line tells where it came
from and of which kinds it is; its words are dropped, because they like to quote what they
choked on. As a last line of defence numbers and message ids are masked everywhere.
"""

import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import structlog

# What a line may carry besides its sentence. Ids of our rows, Meta's codes, counts, durations.
ALLOWED = frozenset(
    {
        "event",
        "level",
        "logger",
        "timestamp",
        "exception",
        "broadcast_id",
        "batch_id",
        "webhook_id",
        "reply_id",
        "template_id",
        "task",
        "code",
        "count",
        "place",
        "reason",
        "seconds",
        "status_code",
    }
)
# A wamid is base64 and contains the phone number in clear.
_PERSONAL = re.compile(r"wamid\.\S+|\+?\d{9,}|\b[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{10,}")

Event = dict[str, Any]


def mask(text: str) -> str:
    """Replace phone numbers, user ids and message ids by three stars."""
    return _PERSONAL.sub("***", text)


def _drop_unlisted(_logger: object, _method: str, event: Event) -> Event:
    return {name: value for name, value in event.items() if name in ALLOWED}


def _mask_texts(_logger: object, _method: str, event: Event) -> Event:
    return {
        name: mask(value) if isinstance(value, str) and name != "timestamp" else value
        for name, value in event.items()
    }


def _tell_where(_logger: object, _method: str, event: Event) -> Event:
    """Replace an exception by its kinds and the lines of code it came through."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = "".join(_lines(error))
    return event


def _lines(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__module__}.{type(error).__qualname__}\n"
        yield from traceback.format_tb(error.__traceback__)
        error = error.__cause__ or error.__context__


def logging_config(*, level: str) -> dict[str, Any]:
    """Return the dictConfig for every process of the project: JSON lines on stderr."""
    before = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_where,
    ]
    after = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _drop_unlisted,
        _mask_texts,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": before,
                "processors": after,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "propagate": False},
            # Celery writes a line with the arguments for every task; the rows say it better.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
