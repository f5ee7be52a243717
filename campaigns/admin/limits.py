"""WhatsApp's daily limit in words: what it is, and what it means for a message."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import allowance
from campaigns.admin import figures
from campaigns.admin.pages import moment
from campaigns.models import Category, Channel


def in_force() -> str:
    """Say how many people a day WhatsApp lets us write to first."""
    people = allowance.limit()
    if people is not None:
        return ngettext(
            "WhatsApp lets us write to %(n)s person in 24 hours without being asked.",
            "WhatsApp lets us write to %(n)s people in 24 hours without being asked.",
            people,
        ) % {"n": people}
    if Channel.objects.get(pk=Channel.ONLY).daily_limit is None:
        return _("WhatsApp has not told us its limit yet.")
    return _("There is no limit.")


def used(*, now: datetime) -> str:
    """Say whether anything is left of the limit at present; empty while none is in force.

    How many people count is not said: the number falls when one of them leaves.
    """
    limit = allowance.limit()
    if limit is None:
        return ""
    use = allowance.use(now=now)
    if use.people < limit:
        return _("not used up")
    if use.less_at is None:
        return _("used up")
    return _("used up until %(when)s") % {"when": moment(use.less_at)}


def forecast(category: Category, *, people: int | None) -> str:
    """Say how a message to so many would be split today; empty if all of it may leave.

    `people` is what was published, None if nothing can be said.
    """
    found = None if people is None else allowance.forecast(category, people=people)
    if found is None:
        return ""
    words = {
        "today": figures.number(found.today, exact=False),
        "all": figures.number(found.people, exact=False),
    }
    if category.useful_for < timedelta(days=1):
        sentence = _(
            "WhatsApp’s daily limit: only %(today)s of %(all)s. "
            "For the rest it would be too late to be useful."
        )
    elif found.people - found.today <= (allowance.limit_of(category) or 0):
        sentence = _("WhatsApp’s daily limit: today %(today)s of %(all)s, the rest tomorrow.")
    else:
        sentence = _(
            "WhatsApp’s daily limit: today %(today)s of %(all)s, the rest on the following days."
        )
    return " ".join([sentence % words, *_kept_back(category)])


def _kept_back(category: Category) -> list[str]:
    """Say that ordinary news leave a part of the limit; nothing about those it is left to."""
    if allowance.limit_of(category) == allowance.limit():
        return []
    return [
        _("%(percent)s %% of the limit stay free for urgent notices.")
        % {"percent": allowance.KEPT_BACK_PERCENT}
    ]
