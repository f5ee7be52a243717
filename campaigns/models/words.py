"""The words of a message as PostgreSQL's German full-text search sees them.

Endings are cut off and filler words left out, so that “Baustelle” finds “Baustellen”. Documents:
PostgreSQL 16, 12.3 “Controlling Text Search”; the names of the values are no words.
"""

import re

from django.contrib.postgres.search import SearchConfig, SearchQuery, SearchVectorField
from django.db.models import Func
from django.db.models.expressions import CombinedExpression

GERMAN = SearchConfig("german")


class Words(Func):
    """A text, or the texts inside a JSON value, as a tsvector."""

    function = "to_tsvector"
    output_field = SearchVectorField()


# The same expression in the index and in the question, or the index is of no use.
WORDS = CombinedExpression(
    Words(GERMAN, "values"), "||", Words(GERMAN, "full_text"), output_field=SearchVectorField()
)


def asked_for(typed: str) -> SearchQuery | None:
    """Return a query for texts with all of these words or their beginnings; None for no words."""
    terms = [f"'{term}':*" for term in re.findall(r"\w+", typed)]
    return SearchQuery(" & ".join(terms), config=GERMAN, search_type="raw") if terms else None
