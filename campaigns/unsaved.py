"""What is typed is kept before anybody saves it, and nothing else happens because of it.

One row for each member and form. It goes when they save or discard it, and after two weeks.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from campaigns.models import Broadcast, Category, Unsaved

WRITING_NOW = timedelta(seconds=30)  # a form that is being typed into speaks every three seconds


def keep(
    *,
    by: User,
    category: Category,
    broadcast: Broadcast | None,
    fields: Mapping[str, str],
    now: datetime,
) -> None:
    """Keep what somebody has typed so far, in the place of what was kept before."""
    Unsaved.objects.update_or_create(
        editor=by,
        category=category,
        broadcast=broadcast,
        defaults={"fields": dict(fields), "typed_at": now},
    )


def of(by: User, *, category: Category, broadcast: Broadcast | None) -> Unsaved | None:
    """Return what somebody has typed into a form and never saved."""
    return Unsaved.objects.at_place(category, broadcast).filter(editor=by).first()


def forget(by: User, *, category: Category, broadcast: Broadcast | None) -> None:
    """Forget it: it is saved now, or not wanted."""
    Unsaved.objects.at_place(category, broadcast).filter(editor=by).delete()


def others(broadcast: Broadcast, *, than: User, now: datetime) -> list[User]:
    """Return who else is typing into a broadcast at this moment."""
    rows = Unsaved.objects.at_place(broadcast.message.category, broadcast).exclude(editor=than)
    writing = rows.since(now - WRITING_NOW).select_related("editor").order_by("pk")
    return [row.editor for row in writing]
