"""A changed number, as WhatsApp tells it: held, asked again, never inherited."""

from datetime import timedelta

import pytest

from campaigns import connections
from campaigns.models import Reply
from subscribers import consent, identities
from subscribers.identities import Address
from subscribers.models import SubscriberState
from tests.campaigns.webhooks import body, message, post
from tests.factories import NOW, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

OLD, NEW = "+4915155500021", "+4915155500022"
SOON = NOW + timedelta(minutes=1)


def move(old=OLD, *, wamid="wamid.SYSTEM", **system):
    system = {"type": "user_changed_number", "wa_id": NEW.lstrip("+")} | system
    changed = message(old, at=SOON, wamid=wamid, type="system", system=system)
    post(body({"messages": changed["messages"]}))


def at(phone):
    subscriber = identities.find(Address(phone=phone), vault=connections.vault())
    return subscriber and (subscriber.state, subscriber.rest, subscriber.tier_id)


def said():
    return list(Reply.objects.order_by("pk").values_list("purpose", flat=True))


def test_the_old_subscription_is_held_and_the_new_number_asked():
    SubscriberFactory(phone=OLD, tier="maxi")

    move()

    assert at(OLD) == (SubscriberState.HELD, "new_number", "maxi")
    assert at(NEW) == (SubscriberState.REQUESTED, "", None)
    assert said() == ["asked_again", "notice", "question"]


def test_only_a_yes_from_the_new_number_subscribes_it():
    SubscriberFactory(phone=OLD, tier="maxi")
    move()
    newcomer = identities.find(Address(phone=NEW), vault=connections.vault())
    consent.notice_sent(newcomer.pk, notice=newcomer.notice, now=SOON)

    post(body(message(NEW, button="consent:mini", at=SOON + timedelta(minutes=1))))

    assert at(NEW) == (SubscriberState.ACTIVE, "", "mini")


def test_a_change_that_is_told_twice_counts_once():
    SubscriberFactory(phone=OLD, tier="maxi")

    move()
    move(type="customer_changed_number")

    assert said() == ["asked_again", "notice", "question"]


def test_a_new_number_with_a_subscription_of_its_own_is_left_alone():
    SubscriberFactory(phone=OLD, tier="maxi")
    SubscriberFactory(phone=NEW, tier="mini")

    move()

    assert at(NEW) == (SubscriberState.ACTIVE, "", "mini")
    assert said() == []


def test_a_change_without_a_new_address_holds_and_asks_nobody():
    SubscriberFactory(phone=OLD, tier="maxi")

    move(wa_id="")

    assert at(OLD)[:2] == (SubscriberState.HELD, "new_number")
    assert said() == []


def test_a_new_user_id_of_somebody_without_a_visible_number_is_asked_too():
    subscriber = SubscriberFactory(phone=None, user_id="DE.111", tier="mini")
    system = {"type": "user_changed_user_id", "user_id": "DE.222", "previous_user_id": "DE.111"}
    item = {"id": "wamid.S", "timestamp": str(int(SOON.timestamp())), "type": "system"}

    post(body({"messages": [{**item, "from_user_id": "DE.111", "system": system}]}))

    subscriber.refresh_from_db()
    newcomer = identities.find(Address(user_id="DE.222"), vault=connections.vault())
    assert subscriber.state == SubscriberState.HELD
    assert newcomer.state == SubscriberState.REQUESTED


def test_a_change_of_somebody_we_do_not_know_changes_nothing():
    move()

    assert (at(OLD), at(NEW), said()) == (None, None, [])
