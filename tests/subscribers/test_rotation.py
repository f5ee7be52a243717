"""Keys are changed while the system runs; nobody is lost, and nothing is done twice."""

from dataclasses import replace

import pytest

from subscribers import identities, rotation
from subscribers.identities import Address
from subscribers.models import Identity, SealedProof, SubjectKey
from subscribers.vault import KeyRing
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, stranger

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE = "+4915112345678"
NEW_KEY, NEW_INDEX = b"n" * 32, b"j" * 32


@pytest.fixture
def during(vault):
    """The keys while they are rotated: the new ones first, the old ones still there."""
    ring = KeyRing(keys={"new": NEW_KEY, **vault.ring.keys}, current="new")
    return replace(vault, ring=ring, index_keys=(NEW_INDEX, *vault.index_keys))


@pytest.fixture
def after(during):
    """The keys when the old ones have been taken away."""
    ring = KeyRing(keys={"new": NEW_KEY}, current="new")
    return replace(during, ring=ring, index_keys=(NEW_INDEX,))


def rotate(vault):
    """Rotate to the end; return the last word on every step."""
    return {one.step: one for one in rotation.rotate(vault, now=NOW)}


def test_after_a_rotation_everybody_is_found_and_reached_with_the_new_keys_alone(during, after):
    somebody = SubscriberFactory(phone=PHONE)

    rotate(during)

    assert identities.find(Address(phone=PHONE), vault=after) == somebody
    assert identities.addresses([somebody.pk], vault=after)[somebody.pk].phone == PHONE


def test_before_and_during_a_rotation_everybody_is_found_too(vault, during):
    somebody = SubscriberFactory(phone=PHONE)

    assert identities.find(Address(phone=PHONE), vault=vault) == somebody
    assert identities.find(Address(phone=PHONE), vault=during) == somebody


def test_whoever_is_known_under_the_old_index_does_not_become_two_people(during):
    somebody = SubscriberFactory(phone=PHONE)

    again = identities.find_or_add(Address(phone=PHONE), at=NOW, vault=during, now=NOW)

    assert again == somebody


def test_whoever_joins_during_a_rotation_is_written_with_the_new_keys(during, after):
    stranger(during)

    done = rotate(during)

    assert [progress.done for progress in done.values()] == [0, 0, 0]
    assert SubjectKey.objects.get().key_id == "new"


def test_a_second_rotation_has_nothing_to_do(during):
    SubscriberFactory()
    first = rotate(during)

    second = rotate(during)

    assert first["data keys"].done == first["indexes"].done == 1
    assert {progress.done for progress in second.values()} == {0}


def test_an_interrupted_rotation_goes_on_where_it_stopped(during, monkeypatch):
    monkeypatch.setattr(rotation, "PORTION", 2)
    for _ in range(5):
        SubscriberFactory()
    steps = rotation.rotate(during, now=NOW)
    first = next(steps)
    steps.close()

    rest = rotate(during)

    assert (first.done, first.left) == (2, 3)
    assert rest["data keys"].done == 3


def test_progress_is_told_after_every_portion(during, monkeypatch):
    monkeypatch.setattr(rotation, "PORTION", 2)
    for _ in range(4):
        SubscriberFactory()

    told = [one for one in rotation.rotate(during, now=NOW) if one.step == "data keys"]

    assert [(one.done, one.left) for one in told] == [(2, 2), (4, 0), (4, 0)]


def test_one_damaged_row_stops_nobody_elses_rotation(during):
    damaged, whole = SubscriberFactory(), SubscriberFactory(phone=PHONE)
    SubjectKey.objects.filter(pk=damaged.pk).update(wrapped=b"nonsense")
    Identity.objects.filter(subscriber=damaged).delete()

    done = rotate(during)

    assert (done["data keys"].done, done["data keys"].damaged) == (1, 1)
    assert identities.find(Address(phone=PHONE), vault=during) == whole


def test_whoever_came_before_proofs_were_sealed_gets_theirs(during):
    somebody = SubscriberFactory()
    SealedProof.objects.all().delete()

    rotate(during)

    assert SealedProof.objects.filter(ref=somebody.pk).exists()


def test_the_inventory_tells_ids_and_counts_and_no_key(vault, during):
    SubscriberFactory()

    before, _ = rotation.inventory(during), rotate(during)
    after = rotation.inventory(during)

    assert [(one["id"], one["subscribers"]) for one in before["vault"][:1]] == [("new", 0)]
    assert [one["subscribers"] for one in after["vault"]] == [1, 0]
    assert [one["identities"] for one in after["index"]] == [1, 0]
    assert "nnnn" not in str(after)


def test_the_inventory_names_a_key_that_is_missing_from_the_ring(after):
    SubscriberFactory()

    listed = rotation.inventory(after)

    assert [one["on_ring"] for one in listed["vault"]] == [True, False]
