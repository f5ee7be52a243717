"""What our commands have in common: verbs, plain errors, and `--json`.

The console speaks English, whatever the desk speaks: it is for scripts and for IT.
"""

import json
import sys
from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, no_translations

from campaigns.models import Category

Verb = Callable[[dict[str, Any]], Mapping[str, object]]


class Console(BaseCommand):
    """A command that prints the facts which one function returns: as lines, or as one object."""

    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--json`; commands with verbs add their parsers to it as well."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    @no_translations
    def handle(self, *args: object, **options: Any) -> None:
        """Do it and print what came of it."""
        facts = self.answer(options)
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))
        else:
            self.show(facts)

    @abstractmethod
    def answer(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Do what was asked and return the facts. Raises CommandError."""

    def show(self, facts: Mapping[str, object]) -> None:
        """Print facts for a human: one a line."""
        width = max(len(name) for name in facts)
        for name, value in facts.items():
            self.stdout.write(f"{name:<{width}}  {_plain(value)}")


class VerbConsole(Console):
    """A command with verbs: `manage.py broadcast pause 7`. Each verb is a method, `do_<verb>`."""

    verbs: Mapping[str, str]  # verb -> help

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add one parser a verb; `add_<verb>` may add the verb's own arguments."""
        subparsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        for verb, about in self.verbs.items():
            child = subparsers.add_parser(verb, help=about, description=about)
            super().add_arguments(child)
            getattr(self, f"add_{_name(verb)}", lambda _: None)(child)

    def answer(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Call the method of the verb."""
        verb: Verb = getattr(self, f"do_{_name(options['verb'])}")
        return verb(options)


def find_user(name: str) -> User:
    """Return an active desk user. Raises CommandError."""
    try:
        return User.objects.get(username=name, is_active=True)
    except User.DoesNotExist:
        raise CommandError(f"There is no active user “{name}”.") from None


def find_category(slug: str) -> Category:
    """Return a category with its template and tier. Raises CommandError."""
    try:
        return Category.objects.select_related("tier", "template").get(slug=slug)
    except Category.DoesNotExist:
        known = ", ".join(Category.objects.order_by("position").values_list("slug", flat=True))
        raise CommandError(f"There is no category “{slug}”. There are: {known}.") from None


def read_secret() -> str:
    """Return the first line of standard input, which is how scripts hand over a password."""
    return sys.stdin.readline().rstrip("\r\n")


def _name(verb: str) -> str:
    """Return how a verb is called in Python: give-up, give_up."""
    return verb.replace("-", "_")


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in (None, "") else str(value)
