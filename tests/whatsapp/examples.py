"""What several tests of the wire library speak about."""

import pytest

from tests.whatsapp import server as web
from whatsapp.client import CloudClient
from whatsapp.limits import InvalidPayload
from whatsapp.payloads import Recipient, Text

SECRET = "EAAsecretCANARY"
PHONE = "+4915100000001"
USER_ID = "DE.13491208655302741918"
WAMID = "wamid.HBgNNDkxNTEwMDAwMDAwMRUCABEYEjAxMjM0NTY3ODlBQkNERUYwMQA="

KIM = Recipient(phone=PHONE)
HELLO = Text(body="Guten Morgen ✓")
OK = web.json_answer(
    200,
    {
        "messaging_product": "whatsapp",
        "contacts": [{"input": PHONE, "wa_id": "4915100000001", "user_id": USER_ID}],
        "messages": [{"id": WAMID}],
    },
)


def make_client(url, **changes):
    settings = {
        "base_url": url,
        "version": "v25.0",
        "phone_number_id": "111",
        "business_account_id": "222",
        "access_token": SECRET,
    }
    return CloudClient(**settings | changes)


def send(client):
    return client.send(HELLO, to=KIM, token="t-1")


def refusal(make, *args, **kwargs):
    """The field and the rule that Meta would not accept, and the limit that belongs to it."""
    with pytest.raises(InvalidPayload) as caught:
        make(*args, **kwargs)
    return caught.value.field, caught.value.rule, caught.value.limit
