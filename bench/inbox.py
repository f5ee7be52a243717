"""Webhooks: stored durably against the textbook, and how fast statuses are applied.

The views are called as functions, one after the other: what a web server and Django's
middleware add is the same for both and left out.
"""

import json
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from bench import people, textbook
from bench.cpu import Cost, Meter
from campaigns import connections as ours
from campaigns import inbox, views
from campaigns.models import Attempt, Delivery
from campaigns.sending.arm import arm, claim
from campaigns.sending.start import BATCH_SIZE
from tests.factories import NOW
from whatsapp import signature

POSTS = {1: 1_000, 50: 100}  # by updates in each
SENT = 2_500  # messages with two statuses each
A_BODY = 50  # statuses


def stored(size: int, *, postgres: int) -> Cost:
    """Our view: verify, store the bytes, answer; statuses wait for a worker."""
    people.gather(10, reachable=0)
    return _answered(size, lambda request: views.webhook(request).status_code, postgres=postgres)


def by_orm(size: int, *, postgres: int) -> Cost:
    """The textbook's view: verify, parse, get() and save() for each status, then answer."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_recipient")
    with connection.schema_editor() as editor:
        editor.create_model(textbook.Recipient)
    textbook.Recipient.objects.bulk_create(
        textbook.Recipient(phone="+49151", wamid=f"wamid.{number}")
        for number in range(size * POSTS[size])
    )
    return _answered(size, textbook.take_in, postgres=postgres)


def applied(*, postgres: int) -> Cost:
    """Statuses of one broadcast, from the stored bytes to the rows."""
    people.gather(SENT, reachable=SENT)
    tokens = _arm_all(people.started().pk)
    desk = ours.desk()
    groups = [tokens[start : start + A_BODY] for start in range(0, SENT, A_BODY)]
    bodies = [_body(word, group) for group in groups for word in ("sent", "delivered")]
    for body in bodies:
        inbox.receive(body, desk=desk, now=timezone.now())
    cost = Meter(postgres=postgres).measure(
        2 * SENT,
        lambda: inbox.apply_pending(desk=desk, clock=timezone.now, limit=len(bodies)),
    )
    assert Delivery.objects.filter(state="delivered").count() == SENT
    return cost


def _arm_all(broadcast_id: int) -> list[UUID]:
    while batch := claim(broadcast_id, owner="bench", now=NOW):
        arm(batch, level=1, limit=BATCH_SIZE, vault=ours.vault(), now=NOW)
    return list(Attempt.objects.order_by("delivery").values_list("token", flat=True))


def _answered(size: int, view: Callable[[HttpRequest], int], *, postgres: int) -> Cost:
    posts = POSTS[size]
    requests = [
        _request(_body("sent", [uuid4()] * size, first=number * size)) for number in range(posts)
    ]

    def work() -> None:
        assert all(view(request) == 200 for request in requests)

    return Meter(postgres=postgres).measure(posts, work)


def _request(body: bytes) -> HttpRequest:
    signed = signature.sign(body, secret=settings.WHATSAPP_APP_SECRETS[0])
    return RequestFactory().post(
        "/webhooks/whatsapp/",
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": signed},
    )


def _body(word: str, tokens: Sequence[UUID], *, first: int = 0) -> bytes:
    """One POST with a status for each token."""
    statuses = [
        {
            "id": f"wamid.{number}",
            "status": word,
            "timestamp": str(int(NOW.timestamp())),
            "recipient_id": "4915112345678",
            "biz_opaque_callback_data": str(token),
        }
        for number, token in enumerate(tokens, start=first)
    ]
    metadata = {
        "display_phone_number": "4936112345",
        "phone_number_id": settings.WHATSAPP_PHONE_NUMBER_ID,
    }
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": statuses}
    entry = {"id": "102200000000001", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
