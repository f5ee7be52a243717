"""Aliases: always the same for a thread and a key, and plenty of them."""

from itertools import islice
from uuid import UUID, uuid4

from subscribers.aliases import ANIMALS, COMBINATIONS, QUALITIES, candidates

KEY = bytes(32)
THREAD = UUID(int=4711)


def first(thread, key=KEY):
    return next(candidates(thread, key=key))


def test_a_thread_has_the_same_alias_every_time():
    assert first(THREAD) == first(THREAD)


def test_without_the_key_nobody_can_tell_which_thread_it_is():
    assert first(THREAD) != first(THREAD, key=b"x" * 32)


def test_there_is_another_alias_when_one_is_taken():
    assert len(set(islice(candidates(THREAD, key=KEY), 5))) == 5


def test_aliases_use_all_the_words():
    names = [first(uuid4()) for _ in range(2000)]

    assert {name.split()[0] for name in names} == set(QUALITIES)
    assert {name.split()[1] for name in names} == set(ANIMALS)


def test_a_few_thousand_threads_leave_most_aliases_free():
    assert COMBINATIONS > 20_000
