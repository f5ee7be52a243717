"""Signed notes are byte for byte those of the reference implementation."""

import base64

import pytest

from subscribers.ledger.notes import Signer, SigningKeyError
from tests.vectors import load

PUBLISHED, OURS = load("notes"), load("ledger")
SECRET = base64.b64encode(b"s" * 32).decode()


def test_a_note_and_its_public_key_are_the_published_ones():
    signer = Signer.read(PUBLISHED["secret"], name=PUBLISHED["name"])

    assert signer.public_key == PUBLISHED["public_key"]
    assert signer.sign(PUBLISHED["text"]) == PUBLISHED["signed"]


def test_a_checkpoint_is_the_published_one():
    signer = Signer.read(OURS["secret"], name=OURS["origin"])

    note = signer.checkpoint(size=4, root=bytes.fromhex(OURS["root"]))

    assert (signer.public_key, note) == (OURS["public_key"], OURS["checkpoint"])


@pytest.mark.parametrize(
    ("secret", "words"), [("no base64!", "valid base64"), ("c2hvcnQ=", "has 5 bytes")]
)
def test_a_malformed_key_is_refused_in_words(secret, words):
    with pytest.raises(SigningKeyError, match=words):
        Signer.read(secret, name="desk")


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\n"])
def test_a_name_that_no_note_can_carry_is_refused(name):
    with pytest.raises(SigningKeyError, match="name of the ledger"):
        Signer.read(SECRET, name=name)


def test_a_signer_never_shows_its_key():
    assert SECRET not in repr(Signer.read(SECRET, name="desk"))
