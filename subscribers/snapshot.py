"""The figures of a month as one statement, and our signature under it.

A figure that HR has passed on can be checked years later: the signature is made with the key of
the consent ledger, in the same form (c2sp.org/signed-note). A statement names its origin first,
and then, where a checkpoint has a number, a word: neither can be taken for the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

from subscribers.figures import HIDDEN_BELOW
from subscribers.ledger.notes import Signer
from subscribers.models import MonthlyFigure, SignedFigures
from verifier.verify_ledger import Key, Note

HIDDEN = f"<{HIDDEN_BELOW}"


@dataclass(frozen=True, slots=True)
class Month:
    """What was published for one month: a cell for each tier, and their sum."""

    first: date
    tiers: tuple[MonthlyFigure, ...]

    @property
    def total(self) -> int | None:
        """The sum of the cells that are shown: it says nothing that they do not say."""
        return self.people(cell.tier_id for cell in self.tiers)

    def people(self, tiers: Iterable[str]) -> int | None:
        """Return the sum of the cells of some tiers; None if each of them is hidden."""
        wanted = set(tiers)
        return sum(cell.shown or 0 for cell in self.tiers if cell.tier_id in wanted) or None

    def statement(self, *, origin: str) -> str:
        """Write the month as the text that is signed."""
        cells = [(cell.tier_id, cell.shown) for cell in self.tiers]
        lines = [f"{name} {in_words(shown)}" for name, shown in (*cells, ("total", self.total))]
        return "\n".join([origin, f"figures {self.first:%Y-%m}", *lines]) + "\n"


def in_words(shown: int | None) -> str:
    """Write a cell as files do, in every language."""
    return HIDDEN if shown is None else str(shown)


def on_screen(shown: int | None) -> str:
    """Write a cell in the reader's language."""
    if shown is None:
        return _("under %(limit)s") % {"limit": HIDDEN_BELOW}
    return formats.number_format(shown, use_l10n=True, force_grouping=True)


def newest() -> Month | None:
    """Return the newest month that was published; None before the first has ended."""
    last = MonthlyFigure.objects.order_by("-month").values("month")[:1]
    return next(iter(months(MonthlyFigure.objects.filter(month=last))), None)


def months(figures: QuerySet[MonthlyFigure]) -> list[Month]:
    """Return the months of some figures, the oldest first."""
    rows = figures.select_related("tier").order_by("month", "tier__level")
    return [Month(first, tuple(cells)) for first, cells in groupby(rows, lambda row: row.month)]


def sign_missing(*, signer: Signer, now: datetime) -> None:
    """Sign each month that has figures and no signature yet; one that has keeps it."""
    signed = SignedFigures.objects.filter(month=OuterRef("month"))
    for month in months(MonthlyFigure.objects.filter(~Exists(signed))):
        note = signer.sign(month.statement(origin=signer.name))
        SignedFigures.objects.get_or_create(
            month=month.first, defaults={"note": note, "signed_at": now}
        )


def is_genuine(month: Month, signed: SignedFigures, *, keys: Sequence[Key]) -> bool:
    """Tell whether one of our keys has signed exactly these figures."""
    text, _gap, signatures = signed.note.partition("\n\n")
    origin = text.partition("\n")[0]
    note = Note(text=f"{text}\n", origin=origin, size=0, root=b"", signatures=signatures)
    return note.text == month.statement(origin=origin) and any(key.has_signed(note) for key in keys)
