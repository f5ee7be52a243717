"""Erasure, own data, other languages, and floods that hold back none of them."""

import re

import pytest

from subscribers import access, limits
from subscribers.models import AccessLink, ConsentEvent, SubscriberState, Turn
from tests.factories import NOW
from tests.subscribers.dialogue import answer, purposes
from tests.subscribers.people import BOTH_DATABASES, kinds, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)


def test_erasure_is_asked_about_once_with_three_buttons(vault):
    subscriber = who_is("mini", vault)

    [say] = answer(subscriber, "LÖSCHEN")

    subscriber.refresh_from_db()
    assert [button_id for button_id, _ in say.buttons] == ["erase:yes", "stop", "erase:cancel"]
    assert subscriber.state == SubscriberState.ACTIVE


def test_a_confirmed_erasure_ends_the_subscription_and_names_a_receipt(vault):
    subscriber = who_is("mini", vault)

    [say] = answer(subscriber, button_id="erase:yes")

    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.ERASING
    assert kinds(subscriber)[-2:] == ["withdrawn", "erasure_requested"]
    assert ConsentEvent.objects.latest("pk").receipt_code in say.text


def test_own_data_are_told_with_a_link_that_is_stored_as_a_hash_only(vault):
    subscriber = who_is("maxi", vault)

    [say] = answer(subscriber, "AUSKUNFT")

    [secret] = re.findall(r"https://werke.example/auskunft/([\w-]+)/", say.text)
    link = AccessLink.objects.get()
    assert "MAXI, aktiv" in say.text
    assert "Fassung 1" in say.text
    assert secret.encode() not in bytes(link.token_sha256)
    assert access.look(secret, now=NOW).formats == ("pdf", "json")


def test_own_data_are_told_three_times_a_day(vault):
    subscriber = who_is("mini", vault)

    says = [answer(subscriber, "AUSKUNFT", message=bytes([n])) for n in range(4)]

    assert [purposes(it) for it in says] == [["access"]] * 3 + [["access_limit"]]


def test_whoever_writes_neither_german_nor_english_is_helped_in_both(vault):
    subscriber = who_is("mini", vault)

    german, english = answer(subscriber, "помощь")

    assert "abmelden" in german.text
    assert "unsubscribe" in english.text


def test_after_very_many_messages_we_say_so_once_and_fall_silent(vault):
    subscriber = who_is("mini", vault)
    many = [answer(subscriber, "HILFE", message=bytes([n])) for n in range(limits.A_PERSON)]

    last_word = answer(subscriber, "HILFE", message=b"x")
    silence = answer(subscriber, "HILFE", message=b"y")

    assert {tuple(purposes(says)) for says in many} == {("help",)}
    assert purposes(last_word) == ["slow_down"]
    assert silence == []


@pytest.mark.parametrize(("said", "purpose"), [("STOP", "withdrawn"), ("JA LÖSCHEN", "erased")])
def test_no_flood_holds_back_a_stop(vault, said, purpose):
    subscriber = who_is("mini", vault)
    Turn.objects.create(subscriber=subscriber, hour=NOW.replace(minute=0), messages=5_000)

    says = answer(subscriber, said)

    subscriber.refresh_from_db()
    assert purposes(says) == [purpose]
    assert subscriber.tier_id is None


def test_a_flood_of_stops_is_confirmed_once(vault):
    subscriber = who_is("mini", vault)
    Turn.objects.create(subscriber=subscriber, hour=NOW.replace(minute=0), messages=5_000)
    first = answer(subscriber, "STOP", message=b"1")
    subscriber.refresh_from_db()

    second = answer(subscriber, "STOP", minutes=1, message=b"2")

    assert purposes(first) == ["withdrawn"]
    assert second == []


def test_when_all_together_write_too_much_only_leaving_is_answered(vault, monkeypatch):
    monkeypatch.setattr(limits, "EVERYBODY", 0)

    assert answer(who_is("mini", vault), "HILFE") == []
    assert purposes(answer(who_is("mini", vault), "STOP")) == ["withdrawn"]
