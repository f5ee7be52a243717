"""Numbers as the desk shows them: exact only while somebody may have to act on them."""

import pytest

from campaigns.admin import figures


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "fewer than 20"), (19, "fewer than 20"), (20, "about 20"), (397, "about 400")],
)
def test_a_number_is_rounded_or_hidden(count, shown):
    assert figures.number(count, exact=False) == shown


def test_a_number_is_exact_where_that_was_asked_for():
    assert figures.number(7, exact=True) == "7"


@pytest.mark.parametrize(
    ("count", "shown"), [(3, "fewer than 20 people"), (412, "about 410 people")]
)
def test_people_are_never_counted_exactly(count, shown):
    assert figures.people(count) == shown


@pytest.mark.parametrize(
    ("part", "whole", "exact", "shown"),
    [
        (1, 3, True, "33 %"),
        (0, 0, True, ""),
        (19, 19, False, ""),
        (399, 400, False, "99 %"),
    ],
)
def test_a_share_of_a_small_group_is_not_shown(part, whole, exact, shown):
    assert figures.share(part, whole, exact=exact) == shown
