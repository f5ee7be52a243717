"""Numbers as the desk may show them: exact while a broadcast runs, coarse afterwards.

What happened to a broadcast is exact only as long as somebody may have to act on it. Later,
an exact number would tell who joined or left between two broadcasts.
"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscribers.figures import HIDDEN_BELOW, publishable


def rounded(count: int) -> int | None:
    """Round to 10; None if the number must not be shown. Noise is for what is published."""
    return publishable(count)


def number(count: int, *, exact: bool) -> str:
    """Write a number; unless exact, rounded to 10, and hidden below 20."""
    if exact:
        return f"{count}"
    shown = rounded(count)
    if shown is None:
        return _("fewer than %(n)s") % {"n": HIDDEN_BELOW}
    return _("about %(n)s") % {"n": shown}


def people(count: int) -> str:
    """Write how many people would get something, never exactly."""
    shown = rounded(count)
    if shown is None:
        return ngettext("fewer than %(n)s person", "fewer than %(n)s people", HIDDEN_BELOW) % {
            "n": HIDDEN_BELOW
        }
    return ngettext("about %(n)s person", "about %(n)s people", shown) % {"n": shown}


def share(part: int, whole: int, *, exact: bool) -> str:
    """Write a share in percent, rounded down; empty where the whole is too small to tell."""
    if not whole or (not exact and rounded(whole) is None):
        return ""
    return _("%(n)s %%") % {"n": 100 * part // whole}
