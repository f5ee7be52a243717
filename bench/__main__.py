"""Run the benchmarks, print a table of ratios, write var/bench.json: `make bench`.

`python -m bench send webhook` runs some of them; RUNS=1 runs each once, to try them.
"""

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

from bench import world

CASES = ("send", "webhook", "start", "ledger")


def main(wanted: list[str]) -> None:
    """Run the wanted cases in servers of their own."""
    runs = int(os.environ.get("RUNS", "5"))
    if unknown := set(wanted) - set(CASES):
        raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(CASES)}.")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with world.servers(folder) as postgres, world.answerer(folder) as url:
            cases = importlib.import_module("bench.cases")  # Django is ready only now
            bench = cases.Bench(url=url, ca=folder / "ca.pem", postgres=postgres, runs=runs)
            lines = bench.run(wanted or CASES)
    target = world.ROOT / "var/bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(lines, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
