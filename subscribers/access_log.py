"""The log of who looked at what: one function that writes it."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q

from subscribers.models import AccessEvent, ConsentEvent, Thread

What = AccessEvent.What
CONSOLE = "console"  # in the place of a group
SHOWN = 10  # of one's own looks


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


def of(user: User) -> list[AccessEvent]:
    """Return what somebody took or looked at last, for their own eyes, the newest first."""
    return list(AccessEvent.objects.filter(user=user).order_by("-at", "-pk")[:SHOWN])


def about(subscriber_id: UUID) -> list[AccessEvent]:
    """Return the looks at somebody's record and replies, oldest first; for their own copy.

    It reads the log of twelve months, some thousand lines, so that no column has to link it to
    people.
    """
    events = ConsentEvent.objects.filter(subscriber=subscriber_id).values_list("pk", flat=True)
    threads = Thread.objects.filter(subscriber=subscriber_id).values_list("pk", flat=True)
    looks = Q(what=What.RECORD, ref__in=[str(pk) for pk in events])
    looks |= Q(what=What.THREAD, ref__in=[str(pk) for pk in threads])
    return list(AccessEvent.objects.filter(looks).order_by("at", "pk"))
