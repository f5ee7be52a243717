"""Boxes that this server closes and only two holders together open."""

from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from subscribers import sealed_box
from subscribers.sealed_box import Share
from subscribers.vault import VaultError, place

HERE = place("proof", 1, "phone")


@pytest.fixture(scope="module")
def drawn():
    public, shares = sealed_box.draw()
    return sealed_box.read_public_key(public), shares


@pytest.mark.parametrize("two", list(combinations(range(3), 2)))
def test_any_two_of_the_three_shares_open_a_box(drawn, two):
    public, shares = drawn
    box = sealed_box.close(b"+49151", to=public, place=HERE)

    key = sealed_box.join([shares[i] for i in two])

    assert sealed_box.open_box(box, key=key, place=HERE) == b"+49151"


@pytest.mark.parametrize("few", [[], [0], [1, 1]])
def test_one_share_opens_nothing(drawn, few):
    _, shares = drawn

    with pytest.raises(VaultError, match="Two different"):
        sealed_box.join([shares[i] for i in few])


def test_each_share_lacks_a_part_without_which_any_key_is_as_likely(drawn):
    _, shares = drawn
    parts = {part for share in shares for part in share.parts}

    assert len(parts) == 3
    assert all(parts - set(share.parts) for share in shares)


def test_shares_of_two_keys_are_not_put_together(drawn):
    _, shares = drawn
    _, others = sealed_box.draw()

    with pytest.raises(VaultError, match="belong together"):
        sealed_box.join([shares[0], others[1]])


def test_a_share_survives_being_written_down(drawn):
    _, shares = drawn

    assert [Share.parse(f" {share}\n") for share in shares] == shares


@pytest.mark.parametrize("text", ["", "share1", "share4:a:b:c", "share1:a:YQ==:YQ==", "x:1:2:3"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(VaultError):
        Share.parse(text)


def test_a_share_with_one_wrong_character_is_noticed(drawn):
    _, shares = drawn
    text = str(shares[0])
    wrong = text[:-5] + ("A" if text[-5] != "A" else "B") + text[-4:]

    with pytest.raises(VaultError):
        sealed_box.join([Share.parse(wrong), shares[1]])


def test_a_box_opens_for_its_own_place_only(drawn):
    public, shares = drawn
    box = sealed_box.close(b"+49151", to=public, place=HERE)

    with pytest.raises(VaultError):
        sealed_box.open_box(box, key=sealed_box.join(shares), place=place("proof", 2, "phone"))


def test_equal_values_never_look_equal(drawn):
    public, _ = drawn

    first, second = (sealed_box.close(b"+49151", to=public, place=HERE) for _ in range(2))

    assert first[1:33] != second[1:33]
    assert first != second


@given(st.binary(max_size=120))
def test_bytes_that_nobody_closed_raise(garbage):
    with pytest.raises(VaultError):
        sealed_box.open_box(garbage, key=X25519PrivateKey.generate(), place=HERE)


def test_no_public_key_means_that_nothing_is_sealed():
    assert sealed_box.read_public_key("") is None


@pytest.mark.parametrize("text", ["x", "YQ==", "ä"])
def test_a_malformed_public_key_is_refused(text):
    with pytest.raises(VaultError):
        sealed_box.read_public_key(text)


def test_a_share_does_not_show_its_parts_when_it_is_printed_by_accident(drawn):
    _, shares = drawn

    assert str(shares[0]).split(":")[2] not in repr(shares[0])
