"""Mails and posts to the person on duty: what they say, and that nobody is named in them."""

import base64
import hashlib
import hmac
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core import mail

from campaigns import telling
from campaigns.alarms import NotTold
from campaigns.models import Alarm, Check
from tests.factories import NOW, BroadcastFactory

pytestmark = pytest.mark.django_db(databases="__all__")

WORDS = telling.Words(language="de", base_url="https://news.example")
SECRET = b"a secret of some length"


@pytest.fixture
def alarm():
    broadcast = BroadcastFactory(state="missed")
    return Alarm.objects.create(
        kind="missed", subject=f"broadcast {broadcast.pk}", raised_at=NOW, not_before=NOW
    )


class Receiver(BaseHTTPRequestHandler):
    """Somebody else's webhook."""

    def do_POST(self):
        length = int(self.headers["content-length"])
        self.server.got.append((dict(self.headers), self.rfile.read(length)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_args):
        """Keep quiet."""


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.status = [], 204
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def post_to(receiver):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    return telling.Post(url=url, secret=SECRET, words=WORDS)


def test_a_mail_says_in_german_what_is_wrong_and_where_to_look(alarm):
    tell = telling.Mail(to=("duty@example.org",), sender="desk@example.org", words=WORDS)

    tell(alarm, now=NOW)

    (sent,) = mail.outbox
    pk = alarm.subject.split()[1]
    assert sent.subject == (
        "SWE Broadcast: Eine Aussendung hat ihren Zeitpunkt verpasst und niemanden erreicht."
    )
    assert f"https://news.example/admin/campaigns/broadcast/{pk}/change/" in sent.body
    assert sent.to == ["duty@example.org"]


def test_a_mail_about_what_is_not_ready_says_what_is_wrong():
    check = Check.objects.create(
        broadcast=BroadcastFactory(), about="number", fault="token", light="red", at=NOW
    )
    alarm = Alarm.objects.create(
        kind="not_ready",
        subject=f"broadcast {check.broadcast_id}",
        raised_at=NOW,
        not_before=NOW,
    )
    tell = telling.Mail(to=("duty@example.org",), sender="desk@example.org", words=WORDS)

    tell(alarm, now=NOW)

    assert "WhatsApp erkennt unser Zugangstoken nicht an." in mail.outbox[0].body


def test_a_mail_server_that_is_away_is_asked_again_later(alarm, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    tell = telling.Mail(to=("duty@example.org",), sender="desk@example.org", words=WORDS)

    with pytest.raises(NotTold):
        tell(alarm, now=NOW)


def test_a_post_carries_a_signature_that_its_receiver_can_check(alarm, receiver):
    post_to(receiver)(alarm, now=NOW)

    ((headers, body),) = receiver.got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_a_post_has_the_shape_of_the_specification_and_names_nobody(alarm, receiver):
    post_to(receiver)(alarm, now=NOW)

    said = json.loads(receiver.got[0][1])
    assert set(said) == {"type", "timestamp", "data"}
    assert said["type"] == "alarm.missed"
    assert set(said["data"]) == {"subject", "text", "url"}


def test_the_same_alarm_keeps_its_id_so_that_a_repetition_can_be_dropped(alarm, receiver):
    tell = post_to(receiver)

    tell(alarm, now=NOW)
    tell(alarm, now=NOW)

    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1


@pytest.mark.parametrize("status", [302, 400, 500])
def test_whatever_is_not_taken_is_told_later(alarm, receiver, status):
    receiver.status = status

    with pytest.raises(NotTold):
        post_to(receiver)(alarm, now=NOW)


def test_a_receiver_that_is_away_is_asked_again_later(alarm):
    tell = telling.Post(url="http://127.0.0.1:9/", secret=SECRET, words=WORDS)

    with pytest.raises(NotTold):
        tell(alarm, now=NOW)


def test_a_secret_is_read_as_its_receiver_shows_it():
    written = "whsec_" + base64.b64encode(SECRET).decode()

    assert telling.read_secret(written) == SECRET
    with pytest.raises(ValueError, match=r".+"):
        telling.read_secret("whsec_!!")
