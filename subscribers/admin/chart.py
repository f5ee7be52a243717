"""A year of figures as lines: where each point lies, ready for the template's SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from subscribers.snapshot import Month

WIDTH, HEIGHT = 640, 220  # the unit of the SVG's viewBox
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 12, 28
STEPS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
MOST_MARKS = 5
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis and what is written there."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One cell over the months: a stroke for each stretch without a gap, and its dots."""

    name: str
    label: str
    strokes: list[str]  # as <polyline points="">
    dots: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn."""

    lines: list[Line]
    months: list[Mark]
    numbers: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT


def of(months: Sequence[Month]) -> Chart | None:
    """Draw these months, the oldest first; None if fewer than two have anything to show."""
    totals = [month.total for month in months if month.total is not None]
    if len(totals) < 2:
        return None
    step = next((s for s in STEPS if max(totals) <= s * MOST_MARKS), STEPS[-1])
    top = -(-max(totals) // step) * step
    return Chart(
        lines=list(_lines(months, top)),
        months=[
            Mark(_x(i, len(months)), formats.date_format(month.first, "M"))
            for i, month in enumerate(months)
        ],
        numbers=[
            Mark(_y(n, top), formats.number_format(n, use_l10n=True))
            for n in range(0, top + 1, step)
        ],
    )


def _lines(months: Sequence[Month], top: int) -> Iterator[Line]:
    names = {cell.tier_id: cell.tier.name for month in months for cell in month.tiers}
    for slug, name in names.items():
        shown = [
            next((cell.shown for cell in month.tiers if cell.tier_id == slug), None)
            for month in months
        ]
        yield _line(slug, name, shown, top)
    yield _line(TOTAL, _("Total"), [month.total for month in months], top)


def _line(name: str, label: str, shown: Sequence[int | None], top: int) -> Line:
    strokes: list[list[str]] = [[]]
    dots = []
    for i, figure in enumerate(shown):
        if figure is None:
            strokes.append([])
            continue
        x, y = _x(i, len(shown)), _y(figure, top)
        strokes[-1].append(f"{x},{y}")
        dots.append((x, y))
    return Line(name, label, [" ".join(stroke) for stroke in strokes if len(stroke) > 1], dots)


def _x(place: int, places: int) -> str:
    return f"{LEFT + place * (WIDTH - LEFT - RIGHT) / max(places - 1, 1):.1f}"


def _y(figure: int, top: int) -> str:
    return f"{HEIGHT - BOTTOM - figure * (HEIGHT - TOP - BOTTOM) / top:.1f}"
