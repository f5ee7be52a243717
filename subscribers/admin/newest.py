"""Pages of a list that cost the same for a hundred rows and for a hundred thousand.

Counting everything that matches takes longer with every row, and so does leafing to the last
page of thousands. So a list ends after its first rows, and says how to get at the others.
"""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

if TYPE_CHECKING:  # generic for mypy only, not while running
    Base = Paginator[Any]
else:
    Base = Paginator

MOST = 500  # rows; ten pages of fifty, and nobody leafs through more


class NewestFirst(Base):
    """Counts no further than MOST, and fetches what a line shows for the lines shown only."""

    object_list: QuerySet[Any]

    @cached_property
    def _found(self) -> int:
        return self.object_list.order_by()[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        """How many rows the list has, at most MOST."""
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        """There are more."""
        return self._found > MOST

    def page(self, number: Any) -> Page[Any]:
        """Return a page. Its ids come first: joined tables are read for these rows only."""
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        top = min(bottom + self.per_page, self.count)
        ids = self.object_list.values_list("pk", flat=True)[bottom:top]
        return Page(self.object_list.filter(pk__in=list(ids)), number, self)
