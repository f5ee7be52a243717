"""Nobody's number, name, words or message id outside the sealed columns.

Marked data goes the whole way, and then everything that is stored or said is searched for it:
every table, the broker, the task messages in it, the log, and the addresses we call.
"""

import base64
import io
import logging
import logging.config
import re

import pytest
from django.conf import settings as django_settings
from django.db import connections as databases

from campaigns import connections, inbox, replies, sending, statuses, tasks
from campaigns.models import Attempt
from campaigns.states import BroadcastState
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW, BroadcastFactory
from whatsapp.events import parse

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("templates"),
]

PHONE = "+4915198765432"
NAME = "Kanarienvogel"
WORDS = "Geheimes-Kanarienwort"
WAMID = "wamid." + base64.b64encode(f"HBgN{PHONE[1:]}FQIAEhgg".encode()).decode()
CANARIES = [PHONE[1:], PHONE[-9:], NAME, WORDS, WAMID, WAMID[6:]]
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")


@pytest.fixture
def log():
    """Everything that is logged, in the words in which production writes it."""
    written = io.StringIO()
    config = django_settings.LOGGING
    logging.config.dictConfig(config)
    handlers = [handler for handler in logging.getLogger().handlers if hasattr(handler, "stream")]
    for handler in handlers:
        handler.setStream(written)
    logging.getLogger().setLevel(logging.DEBUG)
    yield written
    logging.config.dictConfig(config)


@pytest.fixture
def journey(log, sender, simulator, monkeypatch):
    """Somebody joins, gets a broadcast, says things; everything that can go wrong is logged."""
    simulator.add_person(f"Erika {NAME}", PHONE)
    simulator.say(PHONE, "START")
    post(body(message(PHONE, text="START", wamid=WAMID)))
    post(body(message(PHONE, button="consent:maxi")))
    replies.send_due(sender=sender, until=NOW.replace(hour=10))
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)
    sending.start(broadcast.pk, now=NOW)
    sending.pump(broadcast.pk, sender=sender, until=NOW.replace(hour=10))
    token = Attempt.objects.get().token
    statuses.apply(
        parse(body(status("delivered", token=token))).events, vault=sender.vault, now=NOW
    )
    post(body(message(PHONE, text=WORDS)))
    monkeypatch.setattr(inbox, "_heard", _stumble)  # the worst: an exception that quotes it all
    post(body(message(PHONE, text=f"{WORDS} zwei", wamid=f"{WAMID}2")))
    tasks.ring(tasks.pump, queue="send_bulk", broadcast_id=broadcast.pk)
    tasks.ring(tasks.answer, queue="inbound")


def _stumble(event, **_):
    raise RuntimeError(f"{event} {event.wamid} {event.sender.phone} {WORDS} {NAME}")


def assert_clean(haystack, where):
    """Search as it is, as hexadecimal, and decoded from base64."""
    readings = [haystack, *_decoded(haystack)]
    found = {
        canary
        for canary in CANARIES
        for reading in readings
        if canary.encode() in reading or canary.encode().hex().encode() in reading
    }
    assert not found, where


def _decoded(haystack):
    for match in BASE64.finditer(haystack):
        text = match.group().rstrip(b"=").translate(bytes.maketrans(b"+/", b"-_"))
        for start in range(4):  # the encoded part may begin anywhere
            part = text[start:]
            usable = part[: -1 if len(part) % 4 == 1 else None]
            yield base64.urlsafe_b64decode(usable + b"=" * (-len(usable) % 4))


def test_the_canaries_would_be_found():
    for hidden in (WORDS.encode(), base64.b64encode(PHONE.encode()), WORDS.encode().hex().encode()):
        with pytest.raises(AssertionError):
            assert_clean(b'{"x": "' + hidden + b'"}', "here")


def test_no_table_shows_anybody(journey):
    for alias in ("default", "keys"):
        with databases[alias].cursor() as cursor:
            for table in databases[alias].introspection.table_names(cursor):
                cursor.execute(f'SELECT t::text FROM "{table}" AS t')
                rows = "\n".join(row for (row,) in cursor.fetchall())
                assert_clean(rows.encode(), f"{alias}.{table}")


def test_the_broker_and_its_task_messages_show_nobody(journey):
    broker = connections.broker()
    keys = broker.keys("*")

    assert any(b"send_bulk" in key for key in keys)
    for key in keys:
        assert_clean(key + b" " + (broker.dump(key) or b""), key)
        if broker.type(key) == b"list":
            assert_clean(b"\n".join(broker.lrange(key, 0, -1)), key)


def test_the_log_shows_nobody_even_when_an_exception_quotes_everything(journey, log):
    written = log.getvalue()

    assert "message could not be acted on" in written
    assert_clean(written.encode(), "log")
