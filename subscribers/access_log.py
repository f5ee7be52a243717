"""The log of who looked at what: one function that writes it."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Min, Q

from subscribers.models import AccessEvent, ConsentEvent, Thread
from subscribers.promises import THREAD_CLOSES

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
    people. A look at the list of replies counts as one at each thread that stood in it then.
    """
    events = ConsentEvent.objects.filter(subscriber=subscriber_id).values_list("pk", flat=True)
    looks = Q(what=What.RECORD, ref__in=[str(pk) for pk in events])
    for thread in Thread.objects.filter(subscriber=subscriber_id).annotate(
        began=Min("messages__at")
    ):
        looks |= Q(what=What.THREAD, ref=str(thread.pk))
        if thread.began:
            closed = thread.heard_at + THREAD_CLOSES
            looks |= Q(what=What.THREADS, at__range=(thread.began, closed))
    return list(AccessEvent.objects.filter(looks).order_by("at", "pk"))
