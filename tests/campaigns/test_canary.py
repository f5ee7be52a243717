"""Nobody's number, name, words or message id outside the sealed columns.

Marked data goes the whole way: a dialogue from START to STOP with all that people send besides
words, a broadcast, erasure, every report about it. Then everything that is stored or said is
searched for it, as it is and decoded: a copy of every table in PostgreSQL's text and binary
form, the broker and the task messages in it, the log, the mails, the metrics, the console, and
every page and export of the desk.
"""

import base64
import io
import logging
import logging.config
import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote_to_bytes

import pytest
from django.conf import settings as django_settings
from django.contrib.admin import site
from django.core import mail
from django.core.management import call_command
from django.db import connections as databases
from django.urls import reverse
from django.utils import timezone

from campaigns import (
    connections,
    dossier,
    health,
    housekeeping,
    metrics,
    phone_tests,
    replies,
    sending,
    statuses,
    tasks,
)
from campaigns.inbox import hearing
from campaigns.models import Attempt, Broadcast
from campaigns.phone_tests import Words
from campaigns.states import BroadcastState
from subscribers import access, bundle, figures, incidents, phones, resources
from subscribers.models import ConsentEvent, Subscriber
from tests.campaigns.console import words
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW, BroadcastFactory, UserFactory
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
# What phones send besides words: nothing of it may be kept.
UNWANTED = [
    {"type": "image", "image": {"id": "1", "caption": WORDS, "mime_type": "image/jpeg"}},
    {"type": "location", "location": {"latitude": 50.9, "longitude": 11.0, "name": WORDS}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": NAME}}]},
    {"type": "tomorrow", "tomorrow": {"text": WORDS}},
]
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
def journey(log, sender, simulator, monkeypatch, settings, tmp_path):
    """Somebody joins, gets a broadcast, says things; everything that can go wrong is logged."""
    settings.JOURNAL_DIR = tmp_path / "journal"
    simulator.add_person(f"Erika {NAME}", PHONE)
    simulator.say(PHONE, "START")
    post(body(message(PHONE, text="START", wamid=WAMID)))
    _answer(sender)
    post(body(message(PHONE, button="consent:maxi")))
    _answer(sender)
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED)
    sending.start(broadcast.pk, now=NOW)
    sending.pump(broadcast.pk, sender=sender, until=NOW.replace(hour=10))
    token = Attempt.objects.get().token
    statuses.apply(
        parse(body(status("delivered", token=token))).events, vault=sender.vault, now=NOW
    )
    post(body(message(PHONE, text=WORDS)))
    for content in UNWANTED:
        post(body(message(PHONE, **content)))
    _try_out(broadcast, sender=sender)
    leaver = f"{PHONE[:-4]}0000"
    for word in ("START", WORDS, "STOP"):
        post(body(message(leaver, text=word)))
    monkeypatch.setattr(hearing, "_heard", _stumble)  # the worst: an exception that quotes it all
    post(body(message(PHONE, text=f"{WORDS} zwei", wamid=f"{WAMID}2")))
    tasks.ring(tasks.pump, queue="send_bulk", broadcast_id=broadcast.pk)
    tasks.ring(tasks.answer, queue="inbound")
    erasures = connections.erasures()
    for step in housekeeping.steps(erasures, keeps_proof=True):
        step(now=NOW + timedelta(days=2))


def _answer(sender):
    """Send what the webhook, which goes by the real clock, has queued."""
    now = timezone.now()
    replies.send_due(sender=replace(sender, clock=lambda: now), until=now + timedelta(minutes=1))


def _try_out(broadcast, *, sender):
    """Somebody at the desk connects this very phone and sends a test to it."""
    anna = UserFactory(group="Redaktion")
    code = phones.draw(anna, vault=sender.vault, now=timezone.now())
    post(body(message(PHONE, text=code, wamid=f"{WAMID}3")))
    said = broadcast.message
    words = Words(category=said.category, template=said.template, values=said.values)
    phone_tests.ask(words, by=anna, now=NOW)
    assert phone_tests.send_due(sender=sender, until=NOW.replace(hour=10)) == 1


def _stumble(event, **_):
    raise RuntimeError(f"{event} {event.wamid} {event.sender.phone} {WORDS} {NAME}")


def assert_clean(haystack, where):
    """Search as it is, as hexadecimal, decoded from base64 and from a URL."""
    plain = unquote_to_bytes(haystack)
    readings = [haystack, plain, *_decoded(haystack), *_decoded(plain)]
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
    encoded = base64.b64encode(PHONE.encode())
    in_a_url = WORDS.replace("-", "%2D").encode()
    for hidden in (WORDS.encode(), WORDS.encode().hex().encode(), encoded, in_a_url):
        with pytest.raises(AssertionError):
            assert_clean(b'{"x": "' + hidden + b'"}', "here")


@pytest.mark.parametrize("form", ["text", "binary"])
def test_no_copy_of_a_table_shows_anybody(journey, form):
    for alias in ("default", "keys"):
        connection = databases[alias]
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
            for table in tables:
                with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT {form})') as rows:
                    assert_clean(b"".join(rows), f"{alias}.{table}")
            assert tables


def test_the_list_outside_the_database_shows_nobody(journey, settings):
    lists = list(settings.JOURNAL_DIR.glob("*"))

    assert lists
    for file in lists:
        assert_clean(file.read_bytes(), file.name)


def test_neither_metrics_nor_mails_nor_console_show_anybody(journey):
    asked = ConsentEvent.objects.filter(receipt_code__isnull=False).latest("pk")
    told = [
        words("keys", "list"),
        words("keys", "rotate"),
        metrics.text(health.state(tasks.QUEUES, spool=connections.spool(), now=NOW)).decode(),
    ]
    call_command(
        "break-glass",
        *("ask", asked.receipt_code, "--reason=court-order", "--case=12/26", "--by=Carla"),
        stdout=io.StringIO(),
    )

    assert mail.outbox
    assert_clean("".join(told).encode(), "console")
    for letter in mail.outbox:
        assert_clean(letter.message().as_bytes(), "mail")


def test_no_page_and_no_export_of_the_desk_shows_anybody(journey, client):
    client.force_login(UserFactory(is_superuser=True))
    pages = [reverse("admin:index")]
    for model in site._registry:
        names = f"{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"admin:{names}_changelist"))
    seen = 0
    for page in pages:
        answer = client.get(page, follow=True)
        seen += answer.status_code == 200
        assert_clean(answer.content + str(answer.headers).encode(), page)
    for row in Broadcast.objects.all():
        answer = client.get(reverse("admin:campaigns_broadcast_change", args=[row.pk]), follow=True)
        assert_clean(answer.content, "broadcast")

    assert seen >= 8


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


def test_no_file_that_leaves_the_house_shows_anybody(journey, client, tmp_path):
    hr = UserFactory(group="Personal", is_staff=True)
    snapshot_day = NOW + timedelta(days=40)
    figures.freeze_if_due(now=snapshot_day)
    client.force_login(hr)
    page = reverse("admin:subscribers_monthlyfigure_export")
    for number in range(len(resources.FORMATS)):
        answer = client.post(page, {"format": number})
        assert answer.has_header("Content-Disposition")
        assert_clean(_unzipped(answer.content), f"figures {number}")

    out = io.StringIO()
    bundle.write(out, origin="test/ledger", now=NOW)
    assert_clean(out.getvalue().encode(), "bundle")
    incident = incidents.declare("Probe", known_at=NOW, by="dpo", now=NOW)
    content, _digest = dossier.write(incident, origin="test/ledger", now=NOW + timedelta(days=3))
    assert_clean(_unzipped(content), "evidence of an incident")


def test_the_copy_of_ones_own_data_does_not_name_the_number(journey, client):
    somebody = ConsentEvent.objects.filter(kind="given").latest("pk").subscriber_id
    for form in access.FORMATS:
        subscriber = Subscriber.objects.get(pk=somebody)
        link = f"/auskunft/{access.new_link(subscriber, now=timezone.now())}/"
        page = client.get(link)
        file = client.post(link, {"format": form})

        assert file.has_header("Content-Disposition")
        assert_clean(page.content + str(page.headers).encode(), "page of the copy")
        assert_clean(file.content.replace(WORDS.encode(), b""), form)


def _unzipped(content):
    """What is in a file, and in the files within it where it is an archive."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())
