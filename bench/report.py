"""From what was measured to the tables of docs/performance.md, so that nobody types a figure."""

import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
TITLES = {
    "send": "A message, from claim to recorded",
    "rate": "Two sender processes",
    "pace": "Accuracy of the rate, four processes",
    "lanes": "The urgent lane",
    "webhook": "Webhooks",
    "start": "Starting a million",
    "million": "A broadcast to a million",
    "stop": "STOP while 10,000 messages leave",
    "pages": "Pages of the desk at 100,000 messages and 1,000,000 deliveries",
    "ledger": "The consent ledger",
    "privacy": "What figures tell about one person",
}
HEAD = "| | CPU (worker + PostgreSQL) | Rate | Measured | Wanted |\n|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table, in words: what a message costs, or how two costs compare."""

    section: str
    what: str
    cpu: str = ""
    rate: str = ""
    measured: str = ""
    wanted: str = ""


def keep(lines: Sequence[Line], target: Path) -> list[Line]:
    """Put new lines in the place of older ones of the same sections; return all there are."""
    known = [Line(**line) for line in json.loads(target.read_text())] if target.exists() else []
    fresh = {line.section for line in lines}
    every = [line for line in known if line.section not in fresh] + list(lines)
    every.sort(key=lambda line: list(TITLES).index(line.section))
    target.parent.mkdir(exist_ok=True)
    text = json.dumps([asdict(line) for line in every], indent=2, ensure_ascii=False)
    target.write_text(text + "\n", encoding="utf-8")
    return every


def tables(lines: Iterable[Line]) -> str:
    """A table for each section, in Markdown."""
    parts = []
    for section, group in groupby(lines, key=lambda line: line.section):
        parts += ["", f"## {TITLES[section]}", HEAD, *map(_row, group)]
    return "\n".join(parts[1:]) + "\n"


def replace(page: str, lines: Iterable[Line]) -> str:
    """Put the tables between the two markers of a page."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables(lines)}{END}{after}"


def in_words(seconds: Sequence[float]) -> str:
    """The median and the longest of some times, in milliseconds."""
    return f"{1000 * statistics.median(seconds):,.0f} ms, longest {1000 * max(seconds):,.0f} ms"


def write(line: Line) -> None:
    """Print a line as soon as it is known."""
    figures = (line.cpu, line.rate, line.measured, line.wanted and f"({line.wanted})")
    sys.stdout.write(f"{line.what:44}" + "  ".join(filter(None, figures)) + "\n")
    sys.stdout.flush()


def _row(line: Line) -> str:
    measured = f"**{line.measured}**" if line.wanted else line.measured
    return f"| {line.what} | {line.cpu} | {line.rate} | {measured} | {line.wanted} |"
