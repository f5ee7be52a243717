"""`manage.py category`: what can be written, and what each kind needs."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from campaigns.management.console import VerbConsole, find_category
from campaigns.models import Category
from subscribers.models import Tier


class Command(VerbConsole):
    """Show categories."""

    help = "Categories: who gets them, by which template, with which values."
    verbs = {"list": "show all categories", "show": "show one category"}

    def add_show(self, parser: ArgumentParser) -> None:
        """Add the arguments of `show`."""
        parser.add_argument("slug", metavar="SLUG")

    def do_list(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Return the short names and names of all categories."""
        return {one.slug: one.name_en for one in Category.objects.order_by("position")}

    def do_show(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Return one category."""
        category = find_category(options["slug"])
        return {
            "slug": category.slug,
            "tiers": [tier.slug for tier in Tier.objects.including(category.tier)],
            "template": category.template.name,
            "language": category.template.language,
            "values": category.template.value_names,
            "header": category.template.header or None,
            "full_text": category.has_full_text,
        }
