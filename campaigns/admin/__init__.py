"""The editorial desk: it shows and collects, all decisions are made in the topic modules."""

from campaigns.admin import (
    archive,
    broadcasts,
    channel,
    cockpit,
    editorial,
    feeds,
    golive,
    incidents,
    log,
    money,
    people,
    phone,
    plan,
    series,
    templates,
    threads,
)

__all__ = [
    "archive",
    "broadcasts",
    "channel",
    "cockpit",
    "editorial",
    "feeds",
    "golive",
    "incidents",
    "log",
    "money",
    "people",
    "phone",
    "plan",
    "series",
    "templates",
    "threads",
]
