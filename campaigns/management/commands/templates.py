"""`manage.py templates`: our message templates at WhatsApp."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import connections, templates_sync
from campaigns.management.console import VerbConsole
from campaigns.models import MessageTemplate
from whatsapp.errors import WhatsAppError


class Command(VerbConsole):
    """Submit, synchronise and show templates."""

    help = "Message templates: submit them to WhatsApp, compare, show."
    verbs = {
        "push": "submit every template that WhatsApp does not have yet",
        "sync": "take over what WhatsApp says about our templates",
        "list": "show our templates and their status",
    }

    def do_push(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Submit what is missing, and show all. Raises CommandError."""
        try:
            templates_sync.push(
                client=connections.cloud_client(),
                app_id=settings.WHATSAPP_APP_ID,
                now=timezone.now(),
            )
        except WhatsAppError as trouble:
            raise CommandError(f"WhatsApp did not take them: {trouble}") from None
        return self.do_list(options)

    def do_sync(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Take over status, category and quality, and show all. Raises CommandError."""
        try:
            templates_sync.sync(client=connections.cloud_client(), now=timezone.now())
        except WhatsAppError as trouble:
            raise CommandError(f"WhatsApp did not answer as expected: {trouble}") from None
        return self.do_list(options)

    def do_list(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Return every template with its status."""
        rows = MessageTemplate.objects.order_by("name", "language")
        return {
            "templates": [
                {
                    "name": row.name,
                    "language": row.language,
                    "status": row.status,
                    "category": row.purpose,
                    "quality": row.quality,
                    "rejected_reason": row.rejected_reason,
                }
                for row in rows
            ]
        }

    def show(self, facts: Mapping[str, Any]) -> None:
        """Print one template a line."""
        for row in facts["templates"]:
            reason = f"  {row['rejected_reason']}" if row["rejected_reason"] else ""
            self.stdout.write(
                f"{row['name']:<20} {row['language']:<6} {row['status']:<10} "
                f"{row['category']}{reason}"
            )
