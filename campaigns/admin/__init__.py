"""The editorial desk: it shows and collects, all decisions are made in the topic modules."""

from campaigns.admin import (
    broadcasts,
    channel,
    cockpit,
    editorial,
    golive,
    incidents,
    log,
    money,
    people,
    plan,
    series,
    threads,
)

__all__ = [
    "broadcasts",
    "channel",
    "cockpit",
    "editorial",
    "golive",
    "incidents",
    "log",
    "money",
    "people",
    "plan",
    "series",
    "threads",
]
