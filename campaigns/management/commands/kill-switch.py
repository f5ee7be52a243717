"""`manage.py kill-switch`: stop everything, release it again."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone, translation

from campaigns import stopping
from campaigns.management.console import Console
from campaigns.models import Channel
from campaigns.reasons import StopReason
from campaigns.scheduling import CONSOLE


class Command(Console):
    """Stop all broadcasts within 5 seconds; STOP and our answers to it keep working."""

    help = "Stop all sending at once, or release it. People can still say STOP and are answered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the position of the switch."""
        super().add_arguments(parser)
        parser.add_argument("position", choices=["on", "off", "show"])

    def answer(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Turn the switch and return where the number stands."""
        match options["position"]:
            case "on":
                stopping.stop_channel(StopReason.KILL_SWITCH, now=timezone.now(), by=CONSOLE)
            case "off":
                if not stopping.release_channel(now=timezone.now(), by=CONSOLE):
                    raise CommandError(self._hold())
        channel = Channel.objects.get(pk=Channel.ONLY)
        return {
            "sending": "stopped" if channel.stop_reason else "allowed",
            "reason": channel.stop_reason,
            "since": channel.stopped_at,
            "by": channel.stopped_by,
        }

    @staticmethod
    def _hold() -> str:
        """Say what still stops everything, and what ends it."""
        with translation.override("en"):
            reason = Channel.objects.values_list("stop_reason", flat=True).get(pk=Channel.ONLY)
            if not reason:
                return "Nothing was stopped."
            return f"{StopReason(reason).label} {StopReason(reason).advice}"
