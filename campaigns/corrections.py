"""Korrektur: a broadcast to exactly those who got another one that was wrong.

It says what it is in its first words, is of the category of the original, and is approved like
any other. As soon as it is submitted, what is left of the original is stopped for good.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import audiences
from campaigns.models import Broadcast, BroadcastEvent, Category, MessageTemplate, Tally
from campaigns.states import CLOSED, RUNNING, TAKEN, BroadcastState

MARKS = {"de": "Korrektur:", "en": "Correction:"}  # by language of the template


class Refused(Exception):
    """This broadcast cannot be corrected; says why in the user's language."""


def refusal(original: Broadcast, *, now: datetime) -> str:
    """Say why a broadcast cannot be corrected; "" if it can."""
    if not original.started_at or original.state not in RUNNING | CLOSED:
        return _("Nobody has got this message yet: please change the message itself.")
    if audiences.is_forgotten(original, now=now):
        return _(
            "A correction is no longer possible: seven days after a broadcast was closed it is "
            "forgotten who got it. Please write a new message."
        )
    if of(original):
        return _("There is a correction of this message already.")
    if original.closed_at and not _reached_anybody(original):
        return _("Nobody has got this message, so there is nobody to tell.")
    return ""


def take(original_id: int, *, category: Category, now: datetime) -> Broadcast:
    """Return the broadcast that is to be corrected, locked until the transaction ends.

    Raises Refused.
    """
    original = Broadcast.objects.select_for_update(no_key=True).filter(pk=original_id).first()
    if original is None or original.message.category_id != category.pk:
        raise Refused(_("The correction must be of the category of the original."))
    if why := refusal(original, now=now):
        raise Refused(why)
    return original


def of(original: Broadcast) -> Broadcast | None:
    """Return the correction of a broadcast, from its first draft on."""
    corrections = Broadcast.objects.with_message().filter(corrects=original)
    return corrections.exclude(state=BroadcastState.CANCELLED).first()


def among(originals: Iterable[int]) -> Iterator[int]:
    """Yield which of these broadcasts have a correction."""
    rows = Broadcast.objects.filter(corrects__in=originals)
    for pk in rows.exclude(state=BroadcastState.CANCELLED).values_list("corrects", flat=True):
        if pk is not None:
            yield pk


def marked(template: MessageTemplate, values: Mapping[str, str]) -> dict[str, str]:
    """Return values of which the first that can bear it begins with the word for what this is."""
    mark = MARKS.get(template.language, MARKS["en"])
    bearer = _bearer(template)
    return {
        name: f"{mark} {text}".strip() if name == bearer and not text.startswith(mark) else text
        for name, text in values.items()
    }


def stop_rest(original: Broadcast, *, by: str, now: datetime) -> None:
    """Let nobody else get the wrong words, for good, and say in the diary why."""
    rows = Broadcast.objects.filter(pk=original.pk, closed_at__isnull=True, state__in=RUNNING)
    rows.move(BroadcastState.CANCELLED)
    BroadcastEvent.objects.create(
        broadcast=original, at=now, what=BroadcastEvent.What.CORRECTED, actor=by
    )


def _bearer(template: MessageTemplate) -> str:
    """Return the first value that no word runs into: “vom Korrektur: 23. November” is no German."""
    names = template.value_names
    free = (name for name in names if not re.search(rf"\w ?{{{{{name}}}}}", template.body))
    return next(free, names[0] if names else "")


def _reached_anybody(original: Broadcast) -> bool:
    return Tally.objects.filter(broadcast=original, state__in=TAKEN, n__gt=0).exists()
