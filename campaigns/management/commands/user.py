"""`manage.py user`: the people of the desk."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from campaigns.management.console import VerbConsole, read_secret


class Command(VerbConsole):
    """Make users of the desk."""

    help = "Users of the desk and their groups."
    verbs = {"create": "make a user of the desk"}

    def add_create(self, parser: ArgumentParser) -> None:
        """Add the arguments of `create`."""
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--group",
            action="append",
            required=True,
            metavar="GROUP",
            help="Redaktion, Freigabe, Datenschutz, Personal or IT; may be given several times",
        )
        parser.add_argument(
            "--email",
            default="",
            metavar="ADDRESS",
            help="where somebody who approves is told that a message waits",
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            required=True,
            help="read the password from standard input, so that no list of processes shows it",
        )

    @transaction.atomic
    def do_create(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Make a user in the given groups. Raises CommandError."""
        groups = [_group(name) for name in options["group"]]
        user = User(username=options["name"], email=options["email"], is_staff=True)
        password = read_secret()
        try:
            validate_password(password, user)
            user.set_password(password)
            user.full_clean()
        except ValidationError as invalid:
            raise CommandError(" ".join(invalid.messages)) from None
        user.save()
        user.groups.set(groups)
        return {"id": user.pk, "name": user.username, "groups": [group.name for group in groups]}


def _group(name: str) -> Group:
    try:
        return Group.objects.get(name=name)
    except Group.DoesNotExist:
        known = ", ".join(Group.objects.order_by("name").values_list("name", flat=True))
        raise CommandError(f"There is no group “{name}”. There are: {known}.") from None
