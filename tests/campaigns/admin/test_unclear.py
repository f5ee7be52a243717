"""What stays unclear: how the page of a broadcast shows it, and what can be done about it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import doubt
from campaigns.doubt import SHORTEST
from campaigns.models import Broadcast, Delivery
from tests.campaigns.admin.addresses import do, page, said
from tests.campaigns.doubts import attempt, urgent
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")

AGAIN, GIVE_UP = "Send the unclear ones again", "Close as not delivered"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """The desk looks at it when the settle time is just over."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + SHORTEST)


@pytest.fixture
def unclear():
    """A broadcast with one doubt whose time has been looked up."""
    broadcast = BroadcastFactory(state="sending")
    attempt(broadcast, "in_doubt")
    doubt.look_up_times(now=NOW)
    return broadcast


def shown(client, broadcast):
    return client.get(page(broadcast)).content.decode()


def confirmation(client, broadcast, verb):
    address = reverse("admin:campaigns_broadcast_confirm", args=[broadcast.pk, verb])
    return client.get(address).content.decode()


def test_the_page_says_what_is_unclear_and_offers_what_can_be_done(editor, unclear):
    text = shown(editor, unclear)

    assert "1 message left, but nobody heard what WhatsApp answered" in text
    assert "Nothing of it is sent again by itself" in text
    assert AGAIN in text
    assert GIVE_UP in text


def test_an_urgent_message_says_that_it_is_repeated_by_itself(editor):
    broadcast = urgent()
    attempt(broadcast, "in_doubt")

    assert "they are sent once more by themselves" in shown(editor, broadcast)


def test_where_nothing_is_unclear_nothing_of_it_is_shown(editor):
    broadcast = BroadcastFactory(state="sending")
    DeliveryFactory(broadcast=broadcast, state="accepted")

    text = shown(editor, broadcast)

    assert "nobody heard" not in text
    assert AGAIN not in text
    assert GIVE_UP not in text


def test_a_page_that_shows_no_button_yet_is_loaded_anew_when_something_is_unclear(editor, unclear):
    address = reverse("admin:campaigns_broadcast_progress", args=[unclear.pk])

    assert editor.get(address, {"state": "sending"}).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in editor.get(address, {"state": "sending-unclear"}).headers


@pytest.mark.parametrize("verb", ["send_again", "give_up"])
def test_both_ask_first(editor, unclear, verb):
    text = confirmation(editor, unclear, verb)

    assert "Nobody knows whether these messages have arrived" in text
    assert Delivery.objects.get().state == "in_doubt"


def test_sending_again_puts_it_into_the_queue_and_into_the_diary(editor, unclear):
    answer = editor.post(do(unclear, "send_again"), follow=True)

    assert said(answer) == ["What was unclear is sent once more."]
    assert Delivery.objects.get().state == "queued"
    event = unclear.events.get()
    assert (event.what, event.actor) == ("resent", editor.user.username)


def test_closing_as_not_delivered_lets_the_broadcast_add_up(editor, unclear):
    editor.post(do(unclear, "give_up"))

    assert Delivery.objects.get().state == "unknown"
    event = unclear.events.get()
    assert (event.what, event.actor) == ("given_up", editor.user.username)
    assert "they may have arrived or not" in shown(editor, unclear)


def test_pressed_twice_it_is_sent_once(editor, unclear):
    editor.post(do(unclear, "send_again"))

    answer = editor.post(do(unclear, "send_again"))

    assert "Please wait three minutes" in said(answer)[-1]
    assert unclear.events.count() == 1


def test_what_is_no_longer_of_use_is_not_sent_again(editor, unclear):
    Broadcast.objects.update(expires_at=NOW)

    answer = editor.post(do(unclear, "send_again"))

    assert "no longer of use" in said(answer)[0]
    assert Delivery.objects.get().state == "in_doubt"


def test_a_cancelled_broadcast_sends_nothing_again_but_can_be_cleared_up(editor, unclear):
    Broadcast.objects.update(state="cancelled")

    answer = editor.post(do(unclear, "send_again"))
    editor.post(do(unclear, "give_up"))

    assert "That is not possible now" in said(answer)[0]
    assert Delivery.objects.get().state == "unknown"


def test_what_has_been_cleared_up_meanwhile_is_not_closed(editor, unclear):
    Delivery.objects.all().move("sent")

    answer = editor.post(do(unclear, "give_up"))

    assert said(answer) == ["Nothing is unclear any more."]


@pytest.mark.parametrize("verb", ["send_again", "give_up"])
@pytest.mark.parametrize("group", ["Redaktion", "Freigabe", "IT"])
def test_whoever_may_stop_a_broadcast_decides(sign_in, unclear, verb, group):
    sign_in(group).post(do(unclear, verb))

    assert unclear.events.get().actor


@pytest.mark.parametrize("verb", ["send_again", "give_up"])
def test_nobody_else_decides(sign_in, unclear, verb):
    reader = sign_in("Redaktion")
    reader.user.groups.get().permissions.remove(
        reader.user.groups.get().permissions.get(codename="stop_broadcast")
    )

    answer = reader.post(do(unclear, verb))

    assert said(answer) == ["You do not have the right to do this."]
    assert Delivery.objects.get().state == "in_doubt"
