"""The monthly figures on the start page of the personnel department: the newest, as published."""

from dataclasses import dataclass
from datetime import date, datetime

from subscribers import figures, snapshot


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest month in the words of the page of all months; never finer."""

    month: date  # its first day
    taken_at: datetime
    cells: list[tuple[str, str]]  # tier, figure
    total: str


def of_hr(*, now: datetime) -> dict[str, object]:
    """Return what was published last, if anything was, and when the next count is."""
    return {"figures": newest(), "next_figures": figures.next_freezing(now=now)}


def newest() -> Newest | None:
    """Return what was published last; None before the first month has ended."""
    month = snapshot.newest()
    if month is None:
        return None
    cells = [(cell.tier.name, snapshot.on_screen(cell.shown)) for cell in month.tiers]
    total = snapshot.on_screen(month.total)
    return Newest(month.first, month.tiers[0].taken_at, cells, total)
