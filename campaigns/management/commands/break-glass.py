"""`manage.py break-glass`: who it is, for a court or to save a life; docs/keys.md says how."""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from getpass import getpass
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import CommandError
from django.utils import timezone

from campaigns.management.console import VerbConsole, read_secret
from subscribers import break_glass, register
from subscribers.break_glass import Reason, Refused
from subscribers.models import ConsentEvent
from subscribers.sealed_box import Share
from subscribers.vault import VaultError


class Command(VerbConsole):
    """Two steps, two holders; the data-protection officer is told before each is done."""

    help = "Opens who is behind one receipt code, with the shares of two holders."
    verbs = {
        "ask": "ask for one record, with reason and case number",
        "open": "open it, with two shares, within four hours",
    }

    def add_ask(self, parser: ArgumentParser) -> None:
        """Add the arguments of `ask`."""
        parser.add_argument("receipt", metavar="RECEIPT")
        parser.add_argument("--reason", required=True, choices=Reason.values)
        parser.add_argument("--case", required=True, metavar="NUMBER", help="of court or police")
        parser.add_argument("--by", required=True, metavar="NAME", help="who asks")

    def add_open(self, parser: ArgumentParser) -> None:
        """Add the arguments of `open`."""
        parser.add_argument("id", type=int, metavar="ID", help="what `ask` has printed")
        parser.add_argument(
            "--holder",
            action="append",
            required=True,
            metavar="NAME",
            help="who brings a share; give it twice. The shares are asked for, or read from "
            "standard input, one a line",
        )

    def do_ask(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Write down that somebody asks. Raises CommandError."""
        code = register.receipt_code(options["receipt"])
        if code is None:
            raise CommandError("This cannot be a receipt code.")
        try:
            asked = break_glass.ask(
                code,
                reason=Reason(options["reason"]),
                case=options["case"],
                by=options["by"],
                now=timezone.now(),
            )
        except Refused as refused:
            raise CommandError(str(refused)) from None
        _tell("Somebody asks who is behind a record", asked)
        return {"id": asked.pk, "open_until": asked.recorded_at + break_glass.VALID_FOR}

    def do_open(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Open it. Raises CommandError."""
        holders, now = options["holder"], timezone.now()
        try:
            asked = break_glass.check(options["id"], holders=holders, now=now)
            shares = [_read_share(holder) for holder in holders]
            _tell("Two holders are opening a record", asked, holders=" and ".join(holders))
            return break_glass.open_record(asked, shares, holders=holders, now=now)
        except (Refused, VaultError) as refused:
            raise CommandError(str(refused)) from None


def _read_share(holder: str) -> Share:
    typed = getpass(f"Share of {holder}: ") if sys.stdin.isatty() else read_secret()
    return Share.parse(typed)


def _tell(what: str, asked: ConsentEvent, **more: str) -> None:
    """Tell the data-protection officer; without that nothing is opened. Raises CommandError."""
    facts = {"id": asked.pk, "reason": asked.details["reason"], "case": asked.details["case"]}
    facts |= {"asked by": asked.details["by"], **more}
    lines = [f"{what}.", "", *(f"{name}: {value}" for name, value in facts.items())]
    recipient = settings.ORGANISATION["dpo"]
    try:
        send_mail(f"[SWE Broadcast] {what}", "\n".join(lines), None, [recipient])
    except (SMTPException, OSError):
        raise CommandError(f"{recipient} cannot be told by mail, so nothing is opened.") from None
