"""Webhooks: stored durably against the textbook, and how fast statuses are applied.

The views are called as functions, by as many threads as a web process of ours has, and by twice as
many: what a web server and Django's middleware add is the same for both and left out.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from bench import people, textbook
from bench.cpu import Cost, Meter
from campaigns import connections as ours
from campaigns import inbox, views
from campaigns.models import Attempt, Delivery, InboxEntry
from campaigns.sending.arm import arm, claim
from campaigns.sending.start import BATCH_SIZE
from swe_broadcast.processes import WEB_THREADS
from tests.factories import NOW
from whatsapp import signature

SIZES = (1, 50)  # updates in a POST
CROWDS = (WEB_THREADS, 2 * WEB_THREADS)  # POSTs under way at once
OURS, TEXTBOOK = {1: 4_000, 50: 2_000}, {1: 1_000, 50: 100}  # POSTs a run: a second or more
SENT = 2_500  # messages with two statuses each
BLOCKED = 50  # deliveries that an application waits for


def stored(size: int, *, threads: int, postgres: int) -> Cost:
    """Our view: verify, store the bytes, answer; statuses wait for a worker."""
    people.gather(10, reachable=0)
    cost = _answered(size, OURS[size], _our_view, postgres=postgres, threads=threads)
    assert InboxEntry.objects.filter(state="received").count() == OURS[size]
    return cost


def by_orm(size: int, *, threads: int, postgres: int) -> Cost:
    """The textbook's view: verify, parse, get() and save() for each status, then answer."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_recipient")
    with connection.schema_editor() as editor:
        editor.create_model(textbook.Recipient)
    textbook.Recipient.objects.bulk_create(
        textbook.Recipient(phone="+49151", wamid=f"wamid.{number}")
        for number in range(size * TEXTBOOK[size])
    )
    cost = _answered(size, TEXTBOOK[size], textbook.take_in, postgres=postgres, threads=threads)
    assert not textbook.Recipient.objects.exclude(status="sent").exists()
    return cost


def stored_while_blocked(*, postgres: int) -> Cost:
    """Our view again, while a worker applies statuses and waits for a lock that lasts."""
    people.gather(BLOCKED, reachable=BLOCKED)
    tokens = _arm_all(people.started().pk)
    inbox.receive(_body("sent", tokens), desk=ours.desk(), now=timezone.now())
    with _application_blocked():
        cost = _answered(1, OURS[1], _our_view, postgres=postgres, threads=WEB_THREADS)
        assert not Delivery.objects.filter(state="sent").exists()
    return cost


@contextmanager
def _application_blocked() -> Iterator[None]:
    """Hold all deliveries; let a worker run into them."""

    def apply() -> None:
        inbox.apply_pending(desk=ours.desk(), clock=timezone.now, limit=1)
        connection.close()

    worker = threading.Thread(target=apply)
    with transaction.atomic():
        Delivery.objects.lock(list(Delivery.objects.values_list("pk", flat=True)))
        worker.start()
        yield
    worker.join()


def applied(size: int, *, postgres: int) -> Cost:
    """Statuses of one broadcast, so many in each body, from the stored bytes to the rows."""
    bodies = _news(size)
    for body in bodies:
        inbox.receive(body, desk=ours.desk(), now=timezone.now())
    return _to_rows(partial(_apply, bodies), postgres=postgres)


def taken_in_and_applied(size: int, *, postgres: int) -> Cost:
    """The same from the POSTs on, which our view takes in before."""
    bodies = _news(size)
    requests = [_request(body) for body in bodies]

    def take_in_and_apply() -> None:
        _answer_all(requests, _our_view, pool=pool, threads=WEB_THREADS)
        _apply(bodies)

    with _connected(WEB_THREADS) as pool:
        return _to_rows(take_in_and_apply, postgres=postgres)


def _news(size: int) -> list[bytes]:
    """Send a broadcast; return what WhatsApp says of it, two statuses of each message."""
    people.gather(SENT, reachable=SENT)
    tokens = _arm_all(people.started().pk)
    groups = [tokens[start : start + size] for start in range(0, SENT, size)]
    return [_body(word, group) for group in groups for word in ("sent", "delivered")]


def _apply(bodies: Sequence[bytes]) -> None:
    inbox.apply_pending(desk=ours.desk(), clock=timezone.now, limit=len(bodies))


def _to_rows(work: Callable[[], None], *, postgres: int) -> Cost:
    cost = Meter(postgres=postgres).measure(2 * SENT, work)
    assert Delivery.objects.filter(state="delivered").count() == SENT
    return cost


def _arm_all(broadcast_id: int) -> list[UUID]:
    while batch := claim(broadcast_id, owner="bench", now=NOW):
        arm(batch, level=1, limit=BATCH_SIZE, vault=ours.vault(), now=NOW)
    return list(Attempt.objects.order_by("delivery").values_list("token", flat=True))


def _our_view(request: HttpRequest) -> int:
    return views.webhook(request).status_code


def _answered(
    size: int, posts: int, view: Callable[[HttpRequest], int], *, postgres: int, threads: int
) -> Cost:
    requests = [
        _request(_body("sent", [uuid4()] * size, first=number * size)) for number in range(posts)
    ]
    with _connected(threads) as pool:
        answer_all = partial(_answer_all, requests, view, pool=pool, threads=threads)
        return Meter(postgres=postgres).measure(posts, answer_all)


def _answer_all(
    requests: Sequence[HttpRequest],
    view: Callable[[HttpRequest], int],
    *,
    pool: ThreadPoolExecutor,
    threads: int,
) -> None:
    def answer(part: Sequence[HttpRequest]) -> bool:
        return all(view(request) == 200 for request in part)

    assert all(pool.map(answer, [requests[start::threads] for start in range(threads)]))


@contextmanager
def _connected(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that have their connections already, as those of a web process have."""
    everybody = threading.Barrier(threads)

    def each(do: Callable[[], None]) -> None:
        everybody.wait()  # so that none of them does it twice
        do()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(each, [lambda: connection.ensure_connection()] * threads))
        yield pool
        list(pool.map(each, [lambda: connection.close()] * threads))


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
