"""The log of who looked at what: one function that writes it."""

from datetime import datetime

from django.contrib.auth.models import User

from subscribers.models import AccessEvent

CONSOLE = "console"  # in the place of a group


def note(
    what: AccessEvent.What, *, user: User | None, now: datetime, ref: str = "", reason: str = ""
) -> None:
    """Note that somebody is about to see or take away something about people.

    `user` is None at the console. `ref` is opaque (the number of an event, an alias, the name of
    a file), and cut to what the log holds.
    """
    groups = user.groups.order_by("name").values_list("name", flat=True) if user else [CONSOLE]
    AccessEvent.objects.create(
        at=now,
        user=user,
        role=", ".join(groups)[:100],
        what=what,
        ref=ref[:40],
        reason=reason[:200],
    )
