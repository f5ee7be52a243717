import base64
import hashlib
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.vault import (
    KeyRing,
    Vault,
    VaultError,
    WrappedKey,
    place,
    read_key,
    read_keys,
    seal,
    unseal,
)

OLD, NEW = b"o" * 32, b"n" * 32
HERE = place("identity", 1, "phone")


def make_vault(*, keys=None, current="old", index_keys=(b"i" * 32,), message_keys=(b"m" * 32,)):
    ring = KeyRing(keys=keys or {"old": OLD}, current=current)
    return Vault(ring=ring, index_keys=index_keys, message_keys=lambda: message_keys)


def encoded(key):
    return base64.b64encode(key).decode()


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_again(value):
    assert unseal(seal(value, key=OLD, place=HERE), key=OLD, place=HERE) == value


def test_the_same_value_never_looks_the_same_when_sealed():
    first, second = (seal(b"+49151", key=OLD, place=HERE) for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    "elsewhere",
    [place("identity", 2, "phone"), place("identity", 1, "user_id"), place("other", 1, "phone")],
    ids=["another row", "another column", "another table"],
)
def test_a_sealed_value_opens_in_its_own_place_only(elsewhere):
    sealed = seal(b"+49151", key=OLD, place=HERE)

    with pytest.raises(VaultError):
        unseal(sealed, key=OLD, place=elsewhere)


def test_a_sealed_value_does_not_open_with_another_key():
    sealed = seal(b"+49151", key=OLD, place=HERE)

    with pytest.raises(VaultError):
        unseal(sealed, key=NEW, place=HERE)


@given(st.data())
def test_a_sealed_value_with_any_byte_changed_does_not_open(data):
    sealed = bytearray(seal(b"+49151", key=OLD, place=HERE))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))

    with pytest.raises(VaultError):
        unseal(bytes(sealed), key=OLD, place=HERE)


@given(st.binary(max_size=100))
def test_bytes_that_nobody_sealed_raise_instead_of_being_returned(garbage):
    with pytest.raises(VaultError):
        unseal(garbage, key=OLD, place=HERE)


def test_a_data_key_opens_for_its_own_subscriber_only():
    vault, owner = make_vault(), uuid4()
    data_key, wrapped = vault.new_data_key(subject=owner)

    assert vault.data_key(wrapped, subject=owner) == data_key
    with pytest.raises(VaultError):
        vault.data_key(wrapped, subject=uuid4())


def test_after_a_rotation_old_data_keys_open_and_new_ones_are_wrapped_by_the_new_key():
    owner = uuid4()
    data_key, wrapped = make_vault().new_data_key(subject=owner)
    rotated = make_vault(keys={"new": NEW, "old": OLD}, current="new")

    _, wrapped_later = rotated.new_data_key(subject=owner)

    assert rotated.data_key(wrapped, subject=owner) == data_key
    assert wrapped_later.key_id == "new"


def test_a_key_that_is_no_longer_on_the_ring_is_named_in_the_error():
    owner = uuid4()
    _, wrapped = make_vault().new_data_key(subject=owner)

    with pytest.raises(VaultError, match="“old”"):
        make_vault(keys={"new": NEW}, current="new").data_key(wrapped, subject=owner)


def test_a_data_key_cannot_be_passed_off_as_wrapped_by_another_key():
    owner = uuid4()
    vault = make_vault(keys={"old": OLD, "twin": OLD})
    _, wrapped = vault.new_data_key(subject=owner)

    with pytest.raises(VaultError):
        vault.data_key(WrappedKey(key_id="twin", sealed=wrapped.sealed), subject=owner)


def test_equal_addresses_have_equal_blind_indexes_and_others_have_not():
    vault = make_vault()

    index = vault.blind_index("phone", "+4915112345678")

    assert index == vault.blind_index("phone", "+4915112345678")
    assert index != vault.blind_index("phone", "+4915112345679")
    assert index != vault.blind_index("user_id", "+4915112345678")


def test_a_blind_index_cannot_be_computed_without_the_index_key():
    index = make_vault().blind_index("phone", "+4915112345678")

    assert index != make_vault(index_keys=(b"x" * 32,)).blind_index("phone", "+4915112345678")
    assert index != hashlib.sha256(b"+4915112345678").digest()


def test_while_the_index_key_is_rotated_both_indexes_find_and_the_new_one_is_written():
    old, new = b"o" * 32, b"n" * 32
    before = make_vault(index_keys=(old,))
    during = make_vault(index_keys=(new, old))

    found = during.blind_indexes("phone", "+49151")

    assert found == [during.blind_index("phone", "+49151"), before.blind_index("phone", "+49151")]
    assert during.index_id != before.index_id


def test_while_message_keys_change_a_message_is_known_by_each_of_its_hashes():
    old, new = b"o" * 32, b"n" * 32

    hashes = make_vault(message_keys=(new, old)).message_hashes("wamid.1")

    assert hashes == [make_vault(message_keys=(key,)).message_hash("wamid.1") for key in (new, old)]


def test_a_message_id_is_replaced_by_32_bytes_that_need_the_message_key():
    first, other = make_vault(), make_vault(message_keys=(b"x" * 32,))

    assert len(first.message_hash("wamid.1")) == 32
    assert first.message_hash("wamid.1") != first.message_hash("wamid.2")
    assert first.message_hash("wamid.1") != other.message_hash("wamid.1")


def test_a_webhook_body_is_recognised_when_it_comes_again():
    vault = make_vault()

    assert vault.body_hash(b"{}") == vault.body_hash(b"{}")
    assert vault.body_hash(b"{}") != vault.body_hash(b"[]")


def test_a_webhook_body_sealed_before_a_rotation_opens_after_it():
    sealed = make_vault().seal_body(b"{}")

    rotated = make_vault(keys={"new": NEW, "old": OLD}, current="new")

    assert rotated.open_body(sealed) == b"{}"


@given(st.binary(max_size=100))
def test_a_webhook_body_that_nobody_sealed_raises(garbage):
    with pytest.raises(VaultError):
        make_vault().open_body(garbage)


@pytest.mark.parametrize("separator", [",", "\n", " , \n"])
def test_a_key_ring_reads_commas_and_lines_and_takes_the_first_key_as_current(separator):
    ring = KeyRing.parse(separator.join([f"new:{encoded(NEW)}", f"old:{encoded(OLD)}"]))

    assert ring.current == "new"
    assert ring["old"] == OLD


@pytest.mark.parametrize(
    "text",
    ["", " , ", f":{encoded(OLD)}", f"a:{encoded(OLD)},a:{encoded(NEW)}", "a:kurz", "a:YQ==", "a"],
)
def test_a_malformed_key_ring_is_refused(text):
    with pytest.raises(VaultError):
        KeyRing.parse(text)


def test_keys_separated_by_commas_are_read_the_current_one_first():
    assert read_keys(f"{encoded(NEW)}, {encoded(OLD)}") == (NEW, OLD)


def test_the_same_key_twice_is_refused():
    with pytest.raises(VaultError):
        read_keys(f"{encoded(OLD)},{encoded(OLD)}")


@pytest.mark.parametrize("text", ["ä", "not base64!", encoded(b"k" * 16), ""])
def test_a_malformed_key_is_refused(text):
    with pytest.raises(VaultError):
        read_key(text)


def test_keys_do_not_show_when_their_holders_are_printed():
    vault = make_vault()

    shown = f"{vault!r} {vault.ring!r}"

    assert "ooo" not in shown
    assert "iii" not in shown
