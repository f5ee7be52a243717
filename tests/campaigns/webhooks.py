"""Webhook bodies as Meta sends them, and a way to post them like Meta."""

import itertools
import json

from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import NOW
from whatsapp import signature

NUMBER_ID = "106600000000001"
_numbers = itertools.count(1)


def body(*values, number_id=NUMBER_ID):
    """One POST with several changes; each value is what stands in `change.value`."""
    metadata = {"display_phone_number": "4936112345", "phone_number_id": number_id}
    changes = [
        {
            "field": "messages",
            "value": {"messaging_product": "whatsapp", "metadata": metadata, **value},
        }
        for value in values
    ]
    entry = {"id": "102200000000001", "changes": changes}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def account_news(field, value):
    """One POST with news about our account."""
    entry = {"id": "102200000000001", "changes": [{"field": field, "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def message(phone, *, at=NOW, wamid=None, **content):
    """One message from a person: `text="START"`, `button="consent:mini"` or raw fields."""
    item = {
        "from": phone.lstrip("+"),
        "id": wamid or f"wamid.IN{next(_numbers)}",
        "timestamp": str(int(at.timestamp())),
    }
    match content:
        case {"text": words}:
            item |= {"type": "text", "text": {"body": words}}
        case {"button": button_id}:
            reply = {"id": button_id, "title": "egal"}
            item |= {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": reply},
            }
        case _:
            item |= content
    contact = {"wa_id": phone.lstrip("+"), "profile": {"name": "Erika Kanarienvogel"}}
    return {"contacts": [contact], "messages": [item]}


def status(word, *, token=None, wamid="wamid.OUT1", at=NOW, codes=(), pricing=None):
    """One status of a message that we sent."""
    item = {
        "id": wamid,
        "status": word,
        "timestamp": str(int(at.timestamp())),
        "recipient_id": "4915112345678",
    }
    if token:
        item["biz_opaque_callback_data"] = str(token)
    if pricing:
        item["pricing"] = pricing
    if codes:
        item["errors"] = [{"code": code, "title": "refused"} for code in codes]
    return {"statuses": [item]}


def post(raw, *, secret=None, header=None):
    """Post a body to our webhook, signed like Meta unless `header` says otherwise."""
    if header is None:
        header = signature.sign(raw, secret=secret or settings.WHATSAPP_APP_SECRETS[0])
    return Client().post(
        reverse("webhook"),
        raw,
        content_type="application/json",
        headers={"X-Hub-Signature-256": header},
    )
