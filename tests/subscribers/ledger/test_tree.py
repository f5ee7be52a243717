"""The Merkle tree, against the vectors of Certificate Transparency and against itself."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.ledger import tree
from subscribers.ledger.tree import Frontier
from tests.vectors import load

VECTORS = load("tree")
LEAVES = [hashlib.sha256(b"\0" + bytes.fromhex(data)).digest() for data in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
MANY = [hashlib.sha256(bytes([number])).digest() for number in range(70)]

sizes = st.integers(min_value=1, max_value=len(MANY))


def proof(vector):
    return [bytes.fromhex(step) for step in vector["proof"]]


def grown(leaves):
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_root_of_every_size_is_the_published_one(size):
    assert tree.root(LEAVES[:size]) == ROOTS[size]


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_inclusion_is_proved_by_the_published_steps(vector):
    index, size = vector["index"], vector["size"]

    steps = tree.inclusion_proof(index, LEAVES[:size])

    assert steps == proof(vector)
    assert tree.is_included(LEAVES[index], index, size=size, root=ROOTS[size], proof=steps)


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_consistency_is_proved_by_the_published_steps(vector):
    older, newer = vector["older"], vector["newer"]

    steps = tree.consistency_proof(older, LEAVES[:newer])

    assert steps == proof(vector)
    assert tree.is_consistent((older, ROOTS[older]), (newer, ROOTS[newer]), steps)


@given(sizes, st.data())
def test_every_leaf_of_every_tree_can_be_proved_and_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = MANY[:size]

    steps = tree.inclusion_proof(index, leaves)

    facts = {"size": size, "root": tree.root(leaves)}
    assert tree.is_included(leaves[index], index, **facts, proof=steps)
    assert not tree.is_included(b"another leaf", index, **facts, proof=steps)
    assert not tree.is_included(leaves[index], index, **facts, proof=[*steps, b"one more"])
    assert not tree.is_included(leaves[index], size, **facts, proof=steps)


@given(sizes, sizes)
def test_every_tree_continues_every_smaller_one_and_no_rewritten_one(one, other):
    older, newer = sorted((one, other))
    steps = tree.consistency_proof(older, MANY[:newer])
    new = newer, tree.root(MANY[:newer])

    assert tree.is_consistent((older, tree.root(MANY[:older])), new, steps)
    assert not tree.is_consistent((older, tree.root(MANY[1 : older + 1])), new, steps)
    assert not tree.is_consistent(new, (older - 1, tree.root(MANY[: older - 1])), steps)


@given(sizes, sizes)
def test_a_stored_frontier_grows_on_as_if_it_had_never_been_stored(one, other):
    older, newer = sorted((one, other))
    stored = grown(MANY[:older]).stored()

    frontier = Frontier.restore(older, stored)
    for leaf in MANY[older:newer]:
        frontier.append(leaf)

    assert frontier.root() == tree.root(MANY[:newer])


def test_a_frontier_of_another_size_is_refused():
    with pytest.raises(ValueError, match="not the frontier"):
        Frontier.restore(4, grown(MANY[:3]).stored())


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_for_a_leaf_that_does_not_exist(index):
    with pytest.raises(IndexError):
        tree.inclusion_proof(index, LEAVES[:3])


@pytest.mark.parametrize("older", [0, 4])
def test_there_is_no_proof_that_a_tree_continues_none_or_a_larger_one(older):
    with pytest.raises(ValueError, match="older tree"):
        tree.consistency_proof(older, LEAVES[:3])
