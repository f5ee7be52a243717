"""How the desk writes amounts of money."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from subscribers.figures import HIDDEN_BELOW

register = template.Library()


@register.filter
def euros(amount: Decimal | None, places: int = 2) -> str:
    """Write an amount; None is one that would tell of fewer than 20 people."""
    if amount is None:
        return _("fewer than %(n)s people") % {"n": HIDDEN_BELOW}
    return _("€%(amount)s") % {"amount": number_format(amount, places, force_grouping=True)}
