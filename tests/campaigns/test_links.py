"""What hangs on links and would give readers away is found, and only that is taken off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import links


@pytest.mark.parametrize(
    ("written", "left", "names"),
    [
        ("https://ta.de/a?utm_source=nl&utm_medium=mail", "https://ta.de/a", 2),
        ("https://ta.de/a?id=7&fbclid=IwAR0x#top", "https://ta.de/a?id=7#top", 1),
        ("Mehr: www.mdr.de/x?UTM_Campaign=a.", "Mehr: www.mdr.de/x.", 1),
        ("(https://ta.de/?gclid=1&seite=2)", "(https://ta.de/?seite=2)", 1),
        ("https://ta.de/a?x=1&amp;utm_id=2", "https://ta.de/a?x=1", 1),
        ("https://ta.de/a#utm_source=x", "https://ta.de/a", 1),
        ("https://a.de/?wt_mc=1 und https://b.de/?mc_eid=9", "https://a.de/ und https://b.de/", 2),
        ("https://ta.de/suche?q=utm_source&seite=2", "https://ta.de/suche?q=utm_source&seite=2", 0),
        ("https://ta.de/utm_source=x/seite", "https://ta.de/utm_source=x/seite", 0),
        ("Was heißt utm_source=newsletter?", "Was heißt utm_source=newsletter?", 0),
        ("https://ta.de/a?id=7#abschnitt", "https://ta.de/a?id=7#abschnitt", 0),
    ],
)
def test_only_what_tracks_is_taken_off(written, left, names):
    assert len(links.tracked(written)) == names
    assert links.untracked(written) == left


@given(st.text(alphabet="htps:/?&=#utm_ab .w", max_size=60))
def test_whatever_is_written_nothing_tracks_any_more_afterwards(text):
    assert links.tracked(links.untracked(text)) == []
