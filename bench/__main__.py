"""Run the benchmarks, print them, write var/bench.json and docs/performance.md: `make bench`.

`python -m bench send webhook` runs some of them; RUNS=1 runs each once, to try them.
"""

import importlib
import os
import sys
import tempfile
from pathlib import Path

from bench import report, world


def main(wanted: list[str]) -> None:
    """Run the wanted cases in servers of their own."""
    runs = int(os.environ.get("RUNS", "5"))
    if unknown := set(wanted) - set(report.TITLES):
        known = ", ".join(report.TITLES)
        raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. There are: {known}.")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with world.servers(folder) as place, world.answerer(folder) as meta:
            cases = importlib.import_module("bench.cases")  # Django is ready only now
            lines = cases.Bench(meta=meta, place=place, runs=runs).run(wanted or report.TITLES)
    every = report.keep(lines, world.ROOT / "var/bench.json")
    page = world.ROOT / "docs/performance.md"
    page.write_text(report.replace(page.read_text("utf-8"), every), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
