"""Webhook bodies in Meta's envelope.

Source: "Webhooks" in Meta's WhatsApp Business Platform documentation.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from whatsapp.simulator import identifiers
from whatsapp.simulator.account import Account
from whatsapp.simulator.clock import Moment


@dataclass(eq=False)
class Update:
    """One piece of news. `about` names the person or template, `part` the array it belongs in.

    Without `part` the item is the whole `value` of the change. The `id` is our own;
    it tells two updates apart and is never sent.
    """

    about: str
    topic: str  # Meta's `field` of the change
    item: dict[str, Any]
    part: str = ""
    contact: dict[str, Any] | None = None
    message_id: str | None = None  # of a person's own message, for its ticks
    id: str = field(default_factory=identifiers.graph_id)


def signature(body: bytes, *, secret: str) -> str:
    """Return the value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def envelope(updates: Iterable[Update], *, account: Account, now: Moment) -> bytes:
    """Return the body of one POST.

    Like Meta's it is pure ASCII, with slashes escaped too: whoever checks the
    signature over anything but the raw bytes will fail.
    """
    changes = []
    for (name, part), run in groupby(updates, key=lambda update: (update.topic, update.part)):
        if part:
            changes.append({"field": name, "value": _value(part, list(run), account=account)})
        else:
            changes += [{"field": name, "value": update.item} for update in run]
    entry: dict[str, Any] = {"id": account.business_account_id, "changes": changes}
    if any("metadata" not in change["value"] for change in changes):
        entry["time"] = int(now)
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def _value(part: str, updates: list[Update], *, account: Account) -> dict[str, Any]:
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": account.phone,
            "phone_number_id": account.phone_number_id,
        },
    }
    contacts = {update.about: update.contact for update in updates if update.contact}
    if contacts:
        value["contacts"] = list(contacts.values())
    value[part] = [update.item for update in updates]
    return value
