"""`manage.py figures --month 2026-10`: the frozen figures of a month, as HR takes them away."""

import re
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import connections
from campaigns.management.console import Console
from subscribers import access_log, resources, snapshot
from subscribers.models import AccessEvent, MonthlyFigure, SignedFigures

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class Command(Console):
    """Writes one month as a file; it is the same each time."""

    help = "The figures of a month, rounded and frozen: CSV is printed, workbooks need --output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add month, format and file."""
        super().add_arguments(parser)
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--format", choices=list(resources.FORMATS), default="csv")
        parser.add_argument("--output", type=Path, metavar="FILE")

    def answer(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Export; figures that are not what we have signed are not handed out."""
        rows = MonthlyFigure.objects.filter(month=_first_day(options["month"]))
        found = snapshot.months(rows)
        if not found:
            raise CommandError(f"There are no figures of {options['month']}.")
        is_signed = _is_signed(found[0])
        content = resources.export(rows, file_format=options["format"])
        facts = {"month": options["month"], "format": options["format"], "signed": is_signed}
        facts |= self._written(content, options)
        name = resources.file_name(rows, extension=options["format"])
        access_log.note(AccessEvent.What.FIGURES, user=None, now=timezone.now(), ref=name)
        return facts

    def _written(self, content: bytes, options: dict[str, Any]) -> Mapping[str, object]:
        output: Path | None = options["output"]
        if output is None and options["format"] != "csv":
            raise CommandError("A workbook is not printed; say where with --output FILE.")
        if output is None:
            return {"text": content.decode()}
        try:
            output.write_bytes(content)
        except OSError as trouble:
            raise CommandError(f"{output} cannot be written: {trouble.strerror}.") from None
        return {"file": str(output)}

    def show(self, facts: Mapping[str, object]) -> None:
        """Print a CSV as it is, so that it can be piped; facts one a line."""
        if "text" in facts:
            self.stdout.write(str(facts["text"]), ending="")
        else:
            super().show(facts)


def _first_day(month: str) -> date:
    match = MONTH.fullmatch(month)
    if match is None:
        raise CommandError(f"“{month}” is no month such as 2026-10.")
    return date(int(match[1]), int(match[2]), 1)


def _is_signed(month: snapshot.Month) -> bool:
    """Tell whether the month is signed yet. Raises CommandError if it was changed since."""
    signed = SignedFigures.objects.filter(month=month.first).first()
    if signed is None:
        return False
    if not snapshot.is_genuine(month, signed, keys=connections.ledger_keys()):
        raise CommandError("These figures are not those that were signed; nothing is handed out.")
    return True
