"""Webhooks as Meta sends them, and their readers."""

import json

from tests.whatsapp.examples import PHONE, USER_ID, WAMID
from whatsapp.events import parse

ACCOUNT, NUMBER = "102290129340398", "106540352242922"
PARENT_ID = "DE.ENT.118abc"
AT = "1764000060"
NAME = "Kim Muster"  # a profile name, which nothing may keep

CONTACT = {
    "profile": {"name": NAME, "username": "kim.muster"},
    "wa_id": PHONE[1:],
    "user_id": USER_ID,
    "parent_user_id": PARENT_ID,
    "identity_key_hash": "DF2lS5v2W6x=",
}


def change(value, *, field="messages"):
    return {"field": field, "value": value}


def webhook(*changes, time=1764000000):
    entry = {"id": ACCOUNT, "time": time, "changes": list(changes)}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def of_messages(**lists):
    """The value of a change of the field "messages"."""
    metadata = {"display_phone_number": "4920100000", "phone_number_id": NUMBER}
    return {"messaging_product": "whatsapp", "metadata": metadata} | lists


def message(**parts):
    """A message from Kim; name its type and give the object of that name."""
    return {"from": PHONE[1:], "id": WAMID, "timestamp": AT} | parts


def status(**parts):
    delivered = {"id": WAMID, "status": "delivered", "timestamp": AT, "recipient_id": PHONE[1:]}
    return delivered | parts


def read(value, *, field="messages"):
    """Everything that one change says, in order."""
    return parse(webhook(change(value, field=field)))


def read_message(*, people=(CONTACT,), **parts):
    """The one event of a webhook with one message, and with these people beside it."""
    found = read(of_messages(contacts=list(people), messages=[message(**parts)]))
    assert found.problems == ()
    (event,) = found.events
    return event


def read_status(**parts):
    """The one event of a webhook with one status."""
    found = read(of_messages(statuses=[status(**parts)]))
    assert found.problems == ()
    (event,) = found.events
    return event


def read_notice(field, value):
    """The one event of a webhook about an account, a number or a template."""
    found = read(value, field=field)
    assert found.problems == ()
    (event,) = found.events
    return event
