"""How the desk writes amounts of money, who did something, and where something is written."""

from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from campaigns.cost import Bill, Item
from campaigns.models import Category
from campaigns.scheduling import CONSOLE

register = template.Library()


@register.filter
def euros(amount: Decimal, places: int = 2) -> str:
    """Write an amount."""
    return _("€%(amount)s") % {"amount": number_format(amount, places, force_grouping=True)}


@register.filter
def total(costs: Item | Bill) -> str:
    """Write what something costs; only its bound where it would tell of fewer than 20 people."""
    if costs.euros is None and costs.most:
        return _("less than %(sum)s") % {"sum": euros(costs.most)}
    return euros(costs.most)


@register.filter
def who(name: str) -> str:
    """Write who did something: a name, or that it was done outside the desk."""
    return _("on the console") if name == CONSOLE else name


@register.filter
def writing_url(category: Category) -> str:
    """Return the page where a message of this category is written."""
    page = "press_write" if category.is_press_review else "broadcast_write"
    return reverse(f"admin:campaigns_{page}", args=[category.pk])
