"""`manage.py reconcile`: after a backup has been put back, learn what was sent since."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import reconciliation
from campaigns.management.console import Console, find_user
from campaigns.models import Channel
from campaigns.reconciliation import Report
from subscribers import journal

LABELS = {
    "is_held": "the database comes from a backup",
    "sends_restored": "sends since, now marked as unclear",
    "withdrawals_restored": "withdrawals since, repeated",
    "tier_changes_restored": "changes of tier since, repeated",
    "rests_restored": "pauses and holds since, repeated",
    "broadcasts_paused": "running broadcasts, paused",
    "broadcasts_lost": "lost: broadcasts started since (id: sends)",
    "consents_lost": "lost: consents given since",
    "unreadable": "lost: lines that cannot be read",
    "is_journal_missing": "lost: the whole journal",
    "is_complete": "everything is known again",
    "is_released": "sending is allowed",
}


class Command(Console):
    """Compare journal and database; with --release, act on it and allow sending again."""

    help = (
        "After a restore: tells what was sent and who said STOP since the backup, and changes "
        "nothing. With --release it repeats every STOP, marks as unclear whatever was sent, pauses "
        "what was running, and allows sending again. May be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add who releases."""
        super().add_arguments(parser)
        parser.add_argument("--release", action="store_true", help="do it, and allow sending")
        parser.add_argument("--as", dest="user", metavar="USER", help="who answers for that")

    def answer(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Look or reconcile, and return the report."""
        now, ours = timezone.now(), journal.current()
        if options["release"] and not options["user"]:
            raise CommandError("Somebody has to answer for the release: add --as USER.")
        user = find_user(options["user"]) if options["release"] else None
        try:
            act = reconciliation.release if user else reconciliation.look
            report = act(ours, now=now)
        except OSError as trouble:
            raise CommandError(f"The journal cannot be read: {trouble.strerror}.") from None
        facts = _facts(report, is_released=user is not None and report.is_held)
        if user and report.is_held:
            _log(user, facts)
        return facts

    def show(self, facts: Mapping[str, object]) -> None:
        """Print the report in words, and what to do next."""
        super().show({LABELS[name]: value for name, value in facts.items()})
        if facts["is_held"] and not facts["is_released"]:
            self.stdout.write("Nothing was changed. To go on: reconcile --release --as USER")


def _facts(report: Report, *, is_released: bool) -> dict[str, object]:
    return {**asdict(report), "is_complete": report.is_complete, "is_released": is_released}


def _log(user: User, facts: Mapping[str, object]) -> None:
    """Keep the report, with the name of whoever acted on it."""
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Channel),
        object_id=str(Channel.ONLY),
        object_repr="restore",
        action_flag=CHANGE,
        change_message=f"hold after a restore released: {json.dumps(facts)}",
    )
