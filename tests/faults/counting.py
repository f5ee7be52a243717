"""Seeds that failed once, and the line in which `make faults` says what it has done.

A scenario that fails under a seed is noted in `regressions.json`, next to this module, and
runs with that seed ever after; commit the file together with the repair.
"""

import json
from pathlib import Path

KEPT = Path(__file__).with_name("regressions.json")


def seeds_of(scenario, usual):
    """The seeds under which a scenario runs: the usual ones, and those that it once failed."""
    return sorted({*usual, *_kept().get(scenario, [])})


def keep(failed):
    """Note the seeds under which scenarios failed, as pairs of both."""
    kept = _kept()
    for scenario, seed in failed:
        kept[scenario] = sorted({*kept.get(scenario, []), seed})
    if failed:
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def summary(reports):
    """One line about the runs that the reports tell of; None if there were none."""
    runs = {report.nodeid: report.outcome for report in reports}
    failed = {report.nodeid for report in reports if report.failed}
    if not runs:
        return None
    scenarios = {nodeid.partition("[")[0] for nodeid in runs}
    return f"faults: {len(scenarios)} scenarios, {len(runs)} runs, {len(failed)} violations"


def scenario_and_seed(nodeid):
    """Take `...::test_name[seed 2-more]` apart; None where no seed decides about anything."""
    name, _, parameters = nodeid.rpartition("::")[2].partition("[")
    seeds = [word for word in parameters.rstrip("]").split("-") if word.startswith("seed ")]
    return (name, int(seeds[0].removeprefix("seed "))) if seeds else None


def _kept():
    return json.loads(KEPT.read_text(encoding="utf-8"))
