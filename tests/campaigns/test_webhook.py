"""The address that Meta posts to: what it takes, what it refuses, and that nothing is lost."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from campaigns import connections, inbox
from campaigns.models import InboxEntry, Reply
from subscribers import consent
from subscribers.models import ConsentEvent, Subscriber, SubscriberState
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

PHONE = "+4915155500001"


def apply_all():
    return inbox.apply_pending(
        desk=connections.desk(), clock=lambda: NOW + timedelta(days=3), limit=100
    )


def test_meta_gets_its_challenge_back():
    query = {
        "hub.mode": "subscribe",
        "hub.verify_token": settings.WHATSAPP_VERIFY_TOKEN,
        "hub.challenge": "1158201444",
    }

    answer = Client().get(reverse("webhook"), query)

    assert (answer.status_code, answer.content) == (200, b"1158201444")


def test_a_wrong_verify_token_is_refused():
    query = {"hub.mode": "subscribe", "hub.verify_token": "guess", "hub.challenge": "1"}

    assert Client().get(reverse("webhook"), query).status_code == 403


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=" + 64 * "0", "sha1=ä", "x" * 9000])
def test_an_unsigned_body_is_refused_and_not_stored(header):
    answer = post(body(message(PHONE, text="START")), header=header)

    assert answer.status_code == 403
    assert not InboxEntry.objects.exists()


def test_while_rotating_each_secret_signs(settings):
    settings.WHATSAPP_APP_SECRETS = ["new", "old"]

    answers = [
        post(body(message(PHONE, text=word)), secret=secret)
        for word, secret in [("START", "new"), ("HILFE", "old")]
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    "raw",
    [b"", b"not json", b"[]", b"null", b'{"entry": 7}', b'{"entry": [{"changes": "x"}]}', b"\xff"],
)
def test_a_malformed_body_is_kept_for_a_human_and_answered_with_200(raw):
    answer = post(raw)
    apply_all()

    assert answer.status_code == 200
    assert InboxEntry.objects.filter(state__in=["quarantined", "applied"]).count() == 1


def test_a_deeply_nested_body_does_no_harm():
    raw = b'{"entry": ' + 50_000 * b"[" + 50_000 * b"]" + b"}"

    assert post(raw).status_code == 200
    apply_all()
    assert InboxEntry.objects.get().state == InboxEntry.State.QUARANTINED


def test_three_megabytes_pass():
    raw = body(*[status("sent", wamid=f"wamid.{n}{'x' * 900}") for n in range(2_600)])
    assert len(raw) > 3_000_000

    assert post(raw).status_code == 200
    assert InboxEntry.objects.count() == 1


def test_more_than_four_megabytes_are_refused_plainly():
    assert post(b" " * (4 * 1024 * 1024 + 1)).status_code == 413


def test_news_about_another_number_changes_nothing():
    post(body(message(PHONE, text="START"), number_id="999"))
    apply_all()

    assert not Subscriber.objects.exists()
    assert InboxEntry.objects.get().state == InboxEntry.State.APPLIED


def test_start_is_answered_with_the_notice_and_the_question():
    post(body(message(PHONE, text="Start")))

    assert list(Reply.objects.values_list("purpose", flat=True)) == ["notice", "question"]
    assert Subscriber.objects.get().state == SubscriberState.REQUESTED


def test_the_same_body_counts_once():
    raw = body(message(PHONE, text="START"))

    for _ in range(3):
        assert post(raw).status_code == 200

    assert InboxEntry.objects.count() == 1
    assert Reply.objects.count() == 2


def test_the_same_message_in_another_body_counts_once():
    said = message(PHONE, text="START", wamid="wamid.SAME")

    post(body(said))
    post(body(said, status("sent", wamid="wamid.else")))

    assert Reply.objects.count() == 2


def test_a_body_that_is_applied_is_erased():
    post(body(message(PHONE, text="START")))

    assert InboxEntry.objects.get().body is None


def test_a_tap_on_a_button_is_consent():
    post(body(message(PHONE, text="START")))
    subscriber = Subscriber.objects.get()
    consent.notice_sent(subscriber.pk, notice=subscriber.notice, now=NOW)

    post(body(message(PHONE, button="consent:maxi", at=NOW + timedelta(seconds=20))))

    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.tier_id) == (SubscriberState.ACTIVE, "maxi")
    assert Reply.objects.last().purpose == "confirmed"
    assert ConsentEvent.objects.get(kind="given").receipt_code in Reply.objects.last().text


def test_words_are_consent_only_after_the_notice_has_arrived():
    post(body(message(PHONE, text="START")))
    post(body(message(PHONE, text="JA MINI", at=NOW + timedelta(seconds=5))))
    assert Subscriber.objects.get().state == SubscriberState.REQUESTED

    subscriber = Subscriber.objects.get()
    consent.notice_sent(subscriber.pk, notice=subscriber.notice, now=NOW)
    post(body(message(PHONE, text="ja mini", at=NOW + timedelta(seconds=30))))

    assert Subscriber.objects.get().tier_id == "mini"


def test_stop_counts_before_we_answer():
    subscriber = SubscriberFactory(phone=PHONE)

    post(body(message(PHONE, text="STOP")))

    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.WITHDRAWN
    assert Reply.objects.get().purpose == "withdrawn"


def test_a_stop_that_cannot_be_recorded_is_not_acknowledged(monkeypatch):
    SubscriberFactory(phone=PHONE)
    monkeypatch.setattr(consent, "withdraw", _broken)

    answer = post(body(message(PHONE, text="STOP")))

    assert answer.status_code == 503
    assert InboxEntry.objects.get().state == InboxEntry.State.FAILING


@pytest.mark.parametrize("said", [{"button": "erase:yes"}, {"text": "ja löschen"}])
def test_a_confirmed_wish_to_be_erased_is_not_acknowledged_before_it_counts(monkeypatch, said):
    subscriber = SubscriberFactory(phone=PHONE)
    raw = body(message(PHONE, **said))
    with monkeypatch.context() as patch:
        patch.setattr(consent, "request_erasure", _broken)
        assert post(raw).status_code == 503

    answer = post(raw)

    subscriber.refresh_from_db()
    assert (answer.status_code, subscriber.state) == (200, SubscriberState.ERASING)


def test_a_stop_that_could_not_be_recorded_counts_when_it_comes_again(monkeypatch):
    subscriber = SubscriberFactory(phone=PHONE)
    raw = body(message(PHONE, text="STOP"))
    with monkeypatch.context() as patch:
        patch.setattr(consent, "withdraw", _broken)
        post(raw)

    answer = post(raw)

    subscriber.refresh_from_db()
    assert (answer.status_code, subscriber.state) == (200, SubscriberState.WITHDRAWN)


def test_a_stop_that_was_put_aside_is_still_not_acknowledged(monkeypatch):
    SubscriberFactory(phone=PHONE)
    monkeypatch.setattr(consent, "withdraw", _broken)
    raw = body(message(PHONE, text="STOP"))
    post(raw)
    InboxEntry.objects.update(state=InboxEntry.State.QUARANTINED)

    assert post(raw).status_code == 503


def test_a_stop_beside_a_poisoned_message_counts(monkeypatch):
    subscriber = SubscriberFactory(phone=PHONE)
    monkeypatch.setattr(consent, "ask", _broken)

    answer = post(body(message("+4915155500002", text="START"), message(PHONE, text="stop")))

    subscriber.refresh_from_db()
    assert answer.status_code == 200
    assert subscriber.state == SubscriberState.WITHDRAWN


def test_a_poisoned_body_is_tried_again_and_then_put_aside(monkeypatch):
    monkeypatch.setattr(consent, "ask", _broken)
    post(body(message(PHONE, text="START")))

    for days in range(1, 5):
        inbox.apply_pending(
            desk=connections.desk(), clock=lambda days=days: NOW + timedelta(days=days), limit=1
        )

    assert InboxEntry.objects.get().state == InboxEntry.State.QUARANTINED


def test_a_withdrawal_in_whatsapps_own_menu_ends_the_subscription():
    subscriber = SubscriberFactory(phone=PHONE)
    item = {
        "wa_id": PHONE[1:],
        "detail": "User requested to stop marketing messages",
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": int(NOW.timestamp()),
    }
    raw = json.loads(body({"user_preferences": [item]}))
    raw["entry"][0]["changes"][0]["field"] = "user_preferences"

    post(json.dumps(raw).encode())

    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.WITHDRAWN


def _broken(*_args, **_kwargs):
    raise RuntimeError("poison")
