"""The rules of retention in the reader's words."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscribers.retention import Rule

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def described(rule: Rule) -> tuple[str, str, str]:
    """Return the class of data, how long it is kept, and why."""
    return _(rule.name), _span(rule.promise), _(rule.why)


def _span(promise: timedelta) -> str:
    if not promise:  # a date stands in the row itself
        return _("31 December of the third year after the end")
    if promise > DAY:
        days = promise // DAY
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if promise < HOUR:
        minutes = promise // MINUTE
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = promise // HOUR
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
