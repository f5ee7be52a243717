"""Times in coarse words: an exact minute beside a roster would tell who wrote."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.threads import WINDOW

PARTS: tuple[tuple[int, Promise, Promise], ...] = (  # up to this hour: today, yesterday
    (6, gettext_lazy("last night"), gettext_lazy("the night before")),
    (12, gettext_lazy("this morning"), gettext_lazy("yesterday morning")),
    (18, gettext_lazy("this afternoon"), gettext_lazy("yesterday afternoon")),
    (24, gettext_lazy("this evening"), gettext_lazy("yesterday evening")),
)
LEFT: tuple[tuple[timedelta, Promise], ...] = (
    (timedelta(hours=12), gettext_lazy("You can answer for more than half a day.")),
    (timedelta(hours=6), gettext_lazy("You can answer for some more hours.")),
    (timedelta(hours=2), gettext_lazy("You can answer only for a few hours more.")),
    (timedelta(), gettext_lazy("You can answer only for a short time.")),
)


def moment(at: datetime, *, now: datetime) -> str:
    """Say when something happened: a part of today or yesterday, a weekday, or a date."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    days = (today - local.date()).days
    if days <= 1:
        part = next(words for until, *words in PARTS if local.hour < until)
        return str(part[max(days, 0)])
    if days < 7:
        return _("on %(weekday)s") % {"weekday": date_format(local, "l")}
    return date_format(local, "j. F")


def time_left(heard_at: datetime, *, now: datetime) -> str:
    """Say for how long WhatsApp accepts an answer; "" if no longer."""
    left = heard_at + WINDOW - now
    return next((str(words) for least, words in LEFT if left > least), "")
