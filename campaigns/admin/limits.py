"""WhatsApp's daily limit in words: what it is, and what it means for a message."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import allowance
from campaigns.admin import figures
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
    """Say how many people count at present; empty while no limit is in force.

    Without a limit a day may have millions of attempts, and nobody needs their number.
    """
    if allowance.limit() is None:
        return ""
    return figures.people(allowance.use(now=now).people)


def forecast(category: Category, *, now: datetime) -> str:
    """Say how a message of this category would be split today; empty if all of it may leave."""
    found = allowance.forecast(category, now=now)
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
