"""`manage.py webhooks`: those that wait, and those that could not be applied."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.utils import timezone

from campaigns import inbox
from campaigns.management.console import VerbConsole
from campaigns.models import InboxEntry


class Command(VerbConsole):
    """Count stored webhooks; let those that were put aside be tried again."""

    help = (
        "Webhooks that are stored: how far they have got, and a new trial for what was put aside."
    )
    verbs = {
        "list": "count what waits, and what could not be applied",
        "retry": "try again what could not be applied, for instance after a key was put back",
    }

    def do_list(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Return how many are in each state but the last."""
        entries = InboxEntry.objects.exclude(state=InboxEntry.State.APPLIED)
        counts = dict(entries.order_by("state").values_list("state").annotate(Count("pk")))
        states = (state for state in InboxEntry.State if state != InboxEntry.State.APPLIED)
        return {state.value: counts.get(state.value, 0) for state in states}

    def do_retry(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Let them be tried again, by the worker that applies all others."""
        return {"to be tried again": inbox.try_again(now=timezone.now())}
