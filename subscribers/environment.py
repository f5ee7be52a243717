"""Settings of the environment as they were seen: which value, since when.

Whoever changes one does so on the server, and no log of ours can name them. That it changed, and
when, is noted all the same: by the first tick that sees another value than the last one.
"""

from collections.abc import Mapping
from datetime import datetime

from subscribers.models import EnvironmentValue


def note(values: Mapping[str, str], *, now: datetime) -> None:
    """Note each setting that differs from what was last seen of it, or is seen for the first time.

    Costs one query where nothing has changed.
    """
    seen = {row.name: row.value for row in latest()}
    EnvironmentValue.objects.bulk_create(
        EnvironmentValue(name=name, value=value, since=now)
        for name, value in values.items()
        if seen.get(name) != value
    )


def latest() -> list[EnvironmentValue]:
    """Return for each setting what was last seen of it."""
    rows = EnvironmentValue.objects.order_by("name", "-since", "-pk").distinct("name")
    return list(rows)


def since(name: str) -> datetime | None:
    """Return when the present value of a setting was first seen; None if it never was."""
    return next((row.since for row in latest() if row.name == name), None)
