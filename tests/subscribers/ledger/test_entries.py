"""From an event to its leaf: the bytes are published, and can be written in one way only."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.ledger import entries, tree
from tests.vectors import load

VECTORS = load("ledger")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOTHING = {
    "kind": "requested",
    "act": "word",
    "subject": None,
    "tier": "",
    "notice": None,
    "notice_sha256": "",
    "happened_at": NOON,
    "recorded_at": NOON,
    "message_hash": None,
    "receipt_code": None,
    "details": {},
}


@pytest.mark.parametrize("vector", VECTORS["entries"], ids=lambda vector: vector["body"]["kind"])
def test_an_event_is_committed_to_by_the_published_bytes(vector):
    salt = bytes.fromhex(vector["salt"])

    assert entries.canonical(vector["body"]).decode() == vector["canonical"]
    assert entries.commitment(vector["body"], salt=salt).hex() == vector["commit"]


def test_leaves_and_links_are_the_published_ones():
    previous, leaves = entries.NO_LINK, []
    for seq, vector in enumerate(VECTORS["entries"]):
        leaves.append(entries.leaf_hash(seq, bytes.fromhex(vector["commit"])))
        previous = entries.link(previous, leaves[-1])

        assert (leaves[-1].hex(), previous.hex()) == (vector["leaf"], vector["link"])
    assert tree.root(leaves).hex() == VECTORS["root"]


def test_the_order_of_keys_does_not_matter():
    assert entries.canonical({"b": 1, "a": [2]}) == entries.canonical({"a": [2], "b": 1})


def test_a_moment_is_the_same_in_every_time_zone():
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))

    assert entries.body(**NOTHING | {"happened_at": berlin}) == entries.body(**NOTHING)


@given(st.sampled_from(sorted(NOTHING)))
def test_every_part_of_an_event_is_committed_to(part):
    other = {
        "subject": "somebody",
        "message_hash": b"1",
        "happened_at": NOON + timedelta(microseconds=1),
        "recorded_at": NOON + timedelta(microseconds=1),
        "details": {"reason": "x"},
    }
    changed = NOTHING | {part: other.get(part, "other")}

    seals = [entries.commitment(entries.body(**one), salt=bytes(32)) for one in (NOTHING, changed)]

    assert seals[0] != seals[1]


def test_the_same_event_under_another_salt_looks_like_another_event():
    body = entries.body(**NOTHING)

    assert entries.commitment(body, salt=b"1" * 32) != entries.commitment(body, salt=b"2" * 32)


@pytest.mark.parametrize("value", [0.5, b"bytes", NOON])
def test_what_could_be_written_in_two_ways_is_refused(value):
    with pytest.raises(TypeError, match="cannot be committed"):
        entries.canonical({"details": [{"x": value}]})


@pytest.mark.parametrize("key", ["Schlüssel", 1])
def test_keys_are_plain_ascii(key):
    with pytest.raises(TypeError, match="ASCII"):
        entries.canonical({key: 1})


def test_a_number_that_readers_of_json_would_round_is_refused():
    with pytest.raises(ValueError, match="too large"):
        entries.canonical({"n": 2**53})
