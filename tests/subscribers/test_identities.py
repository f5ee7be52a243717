"""Who is behind an address, also when we learn late that two addresses are one person."""

from datetime import timedelta

import pytest

from subscribers import consent, identities
from subscribers.identities import Address
from subscribers.models import ConsentEvent, Identity, SubjectKey, Subscriber, SubscriberState
from subscribers.vault import VaultError
from tests.factories import NOW, SubscriberFactory
from tests.subscribers import racing
from tests.subscribers.people import BOTH_DATABASES, act

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE, USER_ID, OTHER_ID = "+4915112345678", "DE.1349120865", "DE.9999999999"
BOTH = Address(phone=PHONE, user_id=USER_ID)


def arrive(vault, *, phone=None, user_id=None):
    address = Address(phone=phone, user_id=user_id)
    return identities.find_or_add(address, at=NOW, vault=vault, now=NOW)


def find(vault, **parts):
    return identities.find(Address(**parts), vault=vault)


def opened(vault, subscriber):
    return identities.addresses([subscriber.pk], vault=vault).get(subscriber.pk)


def test_a_stranger_becomes_somebody_who_has_asked(vault):
    subscriber = arrive(vault, phone=PHONE)

    assert subscriber.state == SubscriberState.REQUESTED
    assert (subscriber.tier, subscriber.notice) == (None, None)
    assert find(vault, phone=PHONE) == subscriber


def test_nobody_is_found_before_they_have_written(vault):
    assert find(vault, phone=PHONE, user_id=USER_ID) is None


def test_the_same_address_is_the_same_person(vault):
    assert arrive(vault, phone=PHONE) == arrive(vault, phone=PHONE)


def test_an_address_is_stored_sealed_only(vault):
    subscriber = arrive(vault, phone=PHONE)

    row = Identity.objects.get(subscriber=subscriber)
    assert PHONE.encode() not in bytes(row.sealed)
    assert PHONE.encode() not in bytes(row.blind_index)
    assert opened(vault, subscriber) == Address(phone=PHONE)


def test_a_user_id_that_comes_with_a_known_number_is_learnt(vault):
    subscriber = arrive(vault, phone=PHONE)

    arrive(vault, phone=PHONE, user_id=USER_ID)

    assert find(vault, user_id=USER_ID) == subscriber
    assert opened(vault, subscriber) == BOTH


def test_a_number_that_comes_with_a_known_user_id_is_learnt(vault):
    subscriber = arrive(vault, user_id=USER_ID)

    arrive(vault, phone=PHONE, user_id=USER_ID)

    assert find(vault, phone=PHONE) == subscriber
    assert opened(vault, subscriber) == BOTH


def test_the_number_comes_first_because_meta_wants_it():
    assert [kind for kind, _ in BOTH.parts()] == ["phone", "user_id"]


def test_an_address_does_not_show_when_it_is_printed():
    assert PHONE not in repr(BOTH)
    assert USER_ID not in repr(BOTH)


def test_a_number_and_a_user_id_that_arrived_apart_become_one_person_together(vault):
    by_phone, by_user_id = arrive(vault, phone=PHONE), arrive(vault, user_id=USER_ID)

    together = arrive(vault, phone=PHONE, user_id=USER_ID)

    assert together in (by_phone, by_user_id)
    assert find(vault, phone=PHONE) == find(vault, user_id=USER_ID) == together
    assert opened(vault, together) == BOTH


@pytest.mark.parametrize("second_tier", ["mini", "maxi"])
def test_somebody_who_subscribed_twice_gets_everything_once_after_they_are_one(vault, second_tier):
    SubscriberFactory(phone=PHONE, tier="mini", joined_at=NOW - timedelta(days=2))
    newer = SubscriberFactory(phone=None, user_id=USER_ID, tier=second_tier)

    together = arrive(vault, phone=PHONE, user_id=USER_ID)

    [active] = Subscriber.objects.filter(state=SubscriberState.ACTIVE)
    assert active == together == newer
    assert active.tier_id == second_tier


def test_the_record_that_ends_because_two_are_one_says_so_in_the_ledger(vault):
    older = SubscriberFactory(phone=PHONE, joined_at=NOW - timedelta(days=2))
    SubscriberFactory(phone=None, user_id=USER_ID)

    arrive(vault, phone=PHONE, user_id=USER_ID)

    last = ConsentEvent.objects.filter(subscriber_id=older.pk).latest("pk")
    assert (last.kind, last.act) == ("withdrawn", "system")


def test_a_stop_under_one_address_holds_for_the_other_one_once_they_are_one(vault):
    SubscriberFactory(phone=PHONE)
    left = SubscriberFactory(phone=None, user_id=USER_ID)
    consent.withdraw(left.pk, act=act(), now=NOW)

    arrive(vault, phone=PHONE, user_id=USER_ID)

    assert not Subscriber.objects.filter(state=SubscriberState.ACTIVE).exists()


def test_a_subscription_survives_that_its_owner_once_wrote_under_another_address(vault):
    subscribed = SubscriberFactory(phone=PHONE)
    arrive(vault, user_id=USER_ID)

    together = arrive(vault, phone=PHONE, user_id=USER_ID)

    assert together == subscribed
    assert together.state == SubscriberState.ACTIVE


def test_a_number_that_comes_with_another_user_id_is_somebody_elses_now(vault):
    old_owner = SubscriberFactory(phone=PHONE, user_id=USER_ID)

    new_owner = arrive(vault, phone=PHONE, user_id=OTHER_ID)

    old_owner.refresh_from_db()
    assert new_owner != old_owner
    assert old_owner.state == SubscriberState.WITHDRAWN
    assert new_owner.state == SubscriberState.REQUESTED
    assert find(vault, phone=PHONE) == new_owner
    assert opened(vault, old_owner) == Address(user_id=USER_ID)


def test_addresses_of_many_people_take_two_queries(vault, django_assert_num_queries):
    people = [SubscriberFactory() for _ in range(3)]

    with (
        django_assert_num_queries(1, using="default"),
        django_assert_num_queries(1, using="keys"),
    ):
        found = identities.addresses([each.pk for each in people], vault=vault)

    assert set(found) == {each.pk for each in people}


def test_whoever_has_been_erased_is_missing_among_the_addresses(vault):
    kept, erased = SubscriberFactory(), SubscriberFactory()
    Identity.objects.filter(subscriber=erased).delete()

    assert set(identities.addresses([kept.pk, erased.pk], vault=vault)) == {kept.pk}


def test_without_the_data_key_an_address_in_an_old_dump_opens_no_more(vault):
    subscriber = SubscriberFactory()
    SubjectKey.objects.filter(pk=subscriber.pk).delete()

    assert opened(vault, subscriber) is None


def test_an_address_moved_to_another_person_does_not_open(vault):
    one, other = SubscriberFactory(), SubscriberFactory()
    stolen = Identity.objects.get(subscriber=one).sealed
    Identity.objects.filter(subscriber=other).update(sealed=stolen)

    assert not opened(vault, other).parts()


@pytest.mark.django_db(transaction=True, databases=BOTH_DATABASES)
def test_two_first_messages_at_the_same_moment_are_one_person(vault):
    found = racing.at_the_same_time(*[lambda: arrive(vault, phone=PHONE)] * 4)

    assert len({each.pk for each in found}) == 1
    assert Subscriber.objects.count() == 1


@pytest.mark.django_db(transaction=True, databases=BOTH_DATABASES)
def test_two_messages_that_both_tell_two_are_one_end_one_record_only(vault):
    SubscriberFactory(phone=PHONE)
    SubscriberFactory(phone=None, user_id=USER_ID)

    def together():
        return arrive(vault, phone=PHONE, user_id=USER_ID)

    found = racing.at_the_same_time(*[together] * 4)

    assert len({each.pk for each in found}) == 1
    assert Subscriber.objects.filter(state=SubscriberState.ACTIVE).count() == 1


def test_a_damaged_record_opens_as_nothing_and_disturbs_no_other(vault, caplog):
    damaged, sound = SubscriberFactory.create_batch(2)
    Identity.objects.filter(subscriber=damaged).update(sealed=b"\x01" + bytes(60))

    opened = identities.addresses([damaged.pk, sound.pk], vault=vault)

    assert opened[damaged.pk].parts() == []
    assert opened[sound.pk].phone.startswith("+49151")
    assert caplog.messages == ["an identity is damaged"]


def damage(key):
    SubjectKey.objects.filter(pk=key).update(wrapped=b"\x01" + bytes(60))


def test_a_damaged_key_opens_nothing_and_disturbs_no_other(vault, caplog):
    damaged, sound = SubscriberFactory.create_batch(2)
    damage(damaged.pk)

    alone = identities.addresses([damaged.pk], vault=vault)
    together = identities.addresses([damaged.pk, sound.pk], vault=vault)

    assert alone[damaged.pk] == together[damaged.pk] == Address()
    assert together[sound.pk].phone.startswith("+49151")
    assert set(caplog.messages) == {"a data key is damaged"}


def test_where_no_key_opens_the_key_ring_is_wrong(vault):
    people = SubscriberFactory.create_batch(2)
    for person in people:
        damage(person.pk)

    with pytest.raises(VaultError):
        identities.addresses([people[0].pk], vault=vault)
