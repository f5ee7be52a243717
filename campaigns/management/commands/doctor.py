"""`manage.py doctor`: is everything there, and does it work?"""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import connections, doctor, tasks
from campaigns.management.console import Console


class Command(Console):
    """Try everything that an installation needs."""

    help = "Tries everything an installation needs, live; exit code 1 if something is wrong."
    requires_migrations_checks = False
    requires_system_checks: list[str] = []  # it makes them itself, and reports

    def answer(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Return every finding."""
        patient = doctor.Patient(
            client=connections.cloud_client(),
            broker=connections.broker(),
            vault=connections.vault,
            workers=tasks.QUEUES,
            spool=connections.spool(),
            clock=timezone.now,
        )
        findings = [
            {"name": one.name, "ok": one.is_well, "words": one.words}
            for one in doctor.examine(patient)
        ]
        self.is_well = all(one["ok"] for one in findings)
        return {"ok": self.is_well, "findings": findings}

    def show(self, facts: Mapping[str, Any]) -> None:
        """Print one line a finding."""
        for one in facts["findings"]:
            sign = self.style.SUCCESS("ok   ") if one["ok"] else self.style.ERROR("WRONG")
            self.stdout.write(f"{sign} {one['name']:<18} {one['words']}")

    def handle(self, *args: object, **options: Any) -> None:
        """Examine, print, and fail if something is wrong."""
        super().handle(*args, **options)
        if not self.is_well:
            raise CommandError("Something is wrong, see above.")
