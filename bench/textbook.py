"""How it is usually done: one Celery task per recipient. A worker of its own in the benchmark.

`send` is the textbook: fetch the row, `requests.post`, one `save()`. With BENCH_TUNED=1 the
worker shares a session and keeps its database connections, as somebody would tune it. Neither
notes anything before it sends, asks for consent, keeps to a rate or survives a crash.
"""

import hashlib
import hmac
import json
import os
from typing import ClassVar

import django
import requests
from celery import Celery
from django.db import models
from requests.adapters import HTTPAdapter

TUNED = os.environ.get("BENCH_TUNED") == "1"
THREADS = 64 if TUNED else 16
TIMEOUT = 20  # seconds

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "swe_broadcast.settings")
django.setup()

from django.conf import settings  # noqa: E402 - after setup()
from django.http import HttpRequest  # noqa: E402

app = Celery("textbook", broker=os.environ["REDIS_URL"])
app.conf.task_ignore_result = True
app.conf.worker_hijack_root_logger = False
if TUNED:
    app.conf["CELERY_DB_REUSE_MAX"] = 1_000_000
else:
    for _database in settings.DATABASES.values():
        _database["CONN_MAX_AGE"] = 0  # Django's default


class Recipient(models.Model):
    """A person, and what became of the message to them."""

    phone = models.CharField(max_length=20)
    status = models.CharField(max_length=20, default="queued")
    wamid = models.CharField(max_length=200, blank=True, unique=True, null=True)

    objects: ClassVar[models.Manager["Recipient"]] = models.Manager()

    class Meta:
        app_label = "bench"


def body(phone: str) -> dict[str, object]:
    """The press review with its example values, about as long as ours."""
    values = [
        {"type": "text", "text": "TA: Neue Straßenbahnen fahren ab Montag auf der Linie 3" * 2}
    ]
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": phone,
        "type": "template",
        "template": {
            "name": "presseschau",
            "language": {"code": "de"},
            "components": [{"type": "body", "parameters": values}],
        },
        "biz_opaque_callback_data": "00000000-0000-0000-0000-000000000000",
    }


def tuned_session(threads: int) -> requests.Session:
    """A session that keeps a connection for each thread."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=threads))
    return session


shared = tuned_session(THREADS)


@app.task
def send(pk: int) -> None:
    """Send one message and store what became of it."""
    person = Recipient.objects.get(pk=pk)
    post = shared.post if TUNED else requests.post
    answer = post(
        os.environ["BENCH_URL"] + "/v25.0/111/messages",
        json=body(person.phone),
        headers={"Authorization": "Bearer token"},
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    person.wamid = answer.json()["messages"][0]["id"]
    person.status = "accepted"
    person.save()


def take_in(request: HttpRequest) -> int:
    """Take in a webhook: verify it, apply every status at once, answer."""
    secret = settings.WHATSAPP_APP_SECRETS[0].encode()
    expected = "sha256=" + hmac.new(secret, request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-Hub-Signature-256"]):
        return 403
    for entry in json.loads(request.body)["entry"]:
        for change in entry["changes"]:
            for status in change["value"].get("statuses", []):
                person = Recipient.objects.get(wamid=status["id"])
                person.status = status["status"]
                person.save()
    return 200
