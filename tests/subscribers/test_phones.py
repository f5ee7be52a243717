"""The own phone of somebody at the desk: connected by a code, sealed, gone when it should be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns import connections, housekeeping
from subscribers import erasure, phones, retention, rotation
from subscribers.identities import Address
from subscribers.models import ConsentEvent, DeskPhone, PhoneCode, SubjectKey, Subscriber
from subscribers.understanding import Intent, understand
from subscribers.vault import KeyRing
from tests.factories import NOW, UserFactory
from tests.subscribers.people import BOTH_DATABASES

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE = Address(phone="+4915112345678")
OTHER = Address(phone="+4915112345679")
SOON = NOW + timedelta(minutes=14)


@pytest.fixture
def anna():
    return UserFactory(group="Redaktion")


def draw(user, vault, *, now=NOW):
    return phones.draw(user, vault=vault, now=now)


def connect(text, vault, *, address=PHONE, now=NOW):
    return phones.connect(text, address, vault=vault, now=now)


def connected(user, vault, *, address=PHONE):
    assert connect(draw(user, vault), vault, address=address)
    return phones.of(user)


def sweep():
    for step in housekeeping.steps(connections.erasures(), keeps_proof=True):
        step(now=NOW)


@pytest.mark.parametrize("write", [str, str.lower, lambda code: f" {code.replace('-', ' ')}. "])
def test_whoever_writes_the_code_has_connected_their_phone(anna, vault, write):
    code = draw(anna, vault)

    assert connect(write(code), vault, now=SOON)
    assert phones.address(phones.of(anna), vault=vault) == PHONE


def test_a_phone_without_a_number_is_known_by_its_user_id(anna, vault):
    address = Address(user_id="DE.1234567890")

    phone = connected(anna, vault, address=address)

    assert phones.address(phone, vault=vault) == address


def test_connecting_a_phone_makes_nobody_a_subscriber(anna, vault):
    connected(anna, vault)

    assert not Subscriber.objects.exists()
    assert not ConsentEvent.objects.exists()


def test_a_code_counts_once(anna, vault):
    code = draw(anna, vault)
    connect(code, vault)

    assert not connect(code, vault, address=OTHER)
    assert phones.address(phones.of(anna), vault=vault) == PHONE


def test_a_code_counts_for_a_quarter_of_an_hour(anna, vault):
    code = draw(anna, vault)

    assert not connect(code, vault, now=NOW + phones.VALID_FOR)


def test_only_the_newest_code_counts(anna, vault):
    first, second = draw(anna, vault), draw(anna, vault)

    assert not connect(first, vault)
    assert connect(second, vault)


def test_a_code_of_somebody_who_has_left_counts_for_nothing(anna, vault):
    code = draw(anna, vault)
    anna.is_active = False
    anna.save(update_fields=["is_active"])

    assert not connect(code, vault)


def test_after_too_many_wrong_codes_the_open_ones_count_no_more(anna, vault):
    code = draw(anna, vault)
    for _ in range(phones.WRONG_AT_MOST):
        assert not connect(f"{phones.WORD} BBBB-BBBB", vault, address=OTHER)

    assert not connect(code, vault)


def test_nobody_draws_codes_without_end(anna, vault):
    for _ in range(phones.DRAWN_AT_MOST):
        draw(anna, vault)

    with pytest.raises(phones.TooMany):
        draw(anna, vault)
    assert draw(anna, vault, now=NOW + phones.AN_HOUR)


def test_a_code_is_stored_as_a_hash_that_needs_our_key(anna, vault):
    code = draw(anna, vault)
    stored = bytes(PhoneCode.objects.get().code_hash)
    other_key = replace(vault, ring=KeyRing(keys={"new": b"n" * 32}, current="new"))

    plain = code.removeprefix(phones.WORD).replace("-", "").strip()
    assert plain.encode() not in stored
    assert vault.code_hash(plain) == stored != other_key.code_hash(plain)


@pytest.mark.parametrize(
    "said",
    ["STOP", "Telefon kaputt", "TELEFON", "STOP TELEFON", "Telefon 2345 6789", "Telefon STOP"],
)
def test_no_word_of_ours_is_taken_for_a_code(said):
    assert not phones.is_code(said)


def test_no_code_means_anything_in_the_conversation(anna, vault):
    assert understand(draw(anna, vault)) is Intent.UNCLEAR


def test_another_phone_takes_the_place_of_the_first(anna, vault):
    first = connected(anna, vault)

    second = connected(anna, vault, address=OTHER)

    assert DeskPhone.objects.get() == second != first
    assert phones.address(second, vault=vault) == OTHER


def test_a_forgotten_phone_goes_with_its_key(anna, vault):
    phone = connected(anna, vault)

    phones.forget(DeskPhone.objects.filter(user=anna), now=NOW)
    sweep()

    assert phones.of(anna) is None
    assert not SubjectKey.objects.filter(pk=phone.pk).exists()


def test_a_backup_brings_no_forgotten_phone_back(anna, vault):
    phone = connected(anna, vault)
    key = SubjectKey.objects.get(pk=phone.pk)
    phones.forget(DeskPhone.objects.all(), now=NOW)
    sweep()
    erasure.Erasure.objects.all().delete()  # the restored database knows of no erasure
    key.save(force_insert=True)
    phone.save(force_insert=True)

    erasure.replay(connections.erasures(), now=NOW)

    assert phones.of(anna) is None
    assert not SubjectKey.objects.filter(pk=phone.pk).exists()


def test_the_phone_of_somebody_who_leaves_the_desk_is_forgotten_with_the_next_tick(anna, vault):
    connected(anna, vault)
    anna.is_active = False
    anna.save(update_fields=["is_active"])

    sweep()

    assert not DeskPhone.objects.exists()


def test_a_phone_goes_with_the_account_and_its_key_follows(anna, vault):
    phone = connected(anna, vault)
    anna.delete()

    retention.enforce(retention.RULES, now=NOW + timedelta(days=3))

    assert not DeskPhone.objects.exists()
    assert not SubjectKey.objects.filter(pk=phone.pk).exists()


@pytest.mark.parametrize(("days", "is_kept"), [(180, True), (183, False)])
def test_a_phone_that_nobody_uses_is_forgotten_after_half_a_year(anna, vault, days, is_kept):
    phone = connected(anna, vault)

    retention.enforce(retention.RULES, now=NOW + timedelta(days=days))

    assert (phones.of(anna) == phone) is is_kept
    assert not PhoneCode.objects.exists()


def test_the_key_of_a_phone_is_no_orphan(anna, vault):
    phone = connected(anna, vault)

    retention.enforce(retention.RULES, now=NOW + timedelta(days=5))

    assert phones.address(phone, vault=vault) == PHONE


def test_a_rotation_of_keys_covers_phones(anna, vault):
    phone = connected(anna, vault)
    both = replace(vault, ring=KeyRing(keys={"new": b"n" * 32, **vault.ring.keys}, current="new"))
    list(rotation.rotate(both, now=NOW))

    new_alone = replace(vault, ring=KeyRing(keys={"new": b"n" * 32}, current="new"))

    assert phones.address(phone, vault=new_alone) == PHONE


def test_a_sealed_phone_opens_in_its_own_place_alone(anna, vault):
    phone, stolen = connected(anna, vault), connected(UserFactory(), vault, address=OTHER)

    stolen.sealed = phone.sealed

    assert phones.address(stolen, vault=vault) == Address()
