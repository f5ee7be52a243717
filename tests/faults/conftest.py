"""Fixtures that start processes, and see that none is left; and a town for accidents."""

import os
from dataclasses import replace

import pytest
from django.db import connection

from campaigns import connections
from tests.campaigns.conftest import running_simulator, sender, simulator, templates
from tests.faults import counting
from tests.faults.town import Town
from tests.swe_broadcast.conftest import folder, start

__all__ = ["folder", "running_simulator", "sender", "simulator", "start", "templates"]

SEEDS = {int(seed) for seed in os.environ.get("FAULT_SEEDS", "1").split(",")}
WATCHED = ("delivery", "broadcast")
WATCH = """
CREATE TABLE fault_moves (of text, id bigint, old text, new text, why text);
CREATE FUNCTION fault_watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO fault_moves
    VALUES (TG_ARGV[0], NEW.id, OLD.state, NEW.state, to_jsonb(NEW) ->> 'pause_reason');
    RETURN NULL;
END $$;
"""
WATCH_ONE = """
CREATE TRIGGER fault_watch AFTER UPDATE ON campaigns_{0} FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION fault_watch('{0}');
"""
LOOK_AWAY = """
DROP FUNCTION fault_watch CASCADE;
DROP TABLE fault_moves;
"""


def pytest_generate_tests(metafunc):
    """`seed` decides about all chance in a scenario."""
    if "seed" in metafunc.fixturenames:
        seeds = counting.seeds_of(metafunc.function.__name__, SEEDS)
        metafunc.parametrize("seed", seeds, ids=lambda seed: f"seed {seed}")


def pytest_terminal_summary(terminalreporter):
    """Say what ran and what came of it; remember the seeds of what failed."""
    told = [
        report
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.getreports(outcome)
        if report.nodeid.startswith("tests/faults/") and (report.when == "call" or report.failed)
    ]
    if line := counting.summary(told):
        terminalreporter.write_line(line)
    if "FAULT_SEEDS" in os.environ:  # `make faults`
        failed = [counting.scenario_and_seed(report.nodeid) for report in told if report.failed]
        counting.keep([found for found in failed if found])


@pytest.fixture
def watched(transactional_db):
    """The database itself notes every move of a delivery and of a broadcast."""
    with connection.cursor() as cursor:
        cursor.execute(WATCH + "".join(WATCH_ONE.format(table) for table in WATCHED))
    yield
    with connection.cursor() as cursor:
        cursor.execute(LOOK_AWAY)


@pytest.fixture
def town(watched, templates, simulator, sender, caplog, seed):
    """An installation in small, its broker empty."""
    town = Town(simulator=simulator, sender=sender, log=caplog, seed=seed)
    for key in town.broker_keys():
        town.sender.pace.broker.delete(key)
    return town


@pytest.fixture
def spool(town, settings, tmp_path):
    """An empty folder, that the town's worker looks at as well."""
    settings.SPOOL_DIR = tmp_path / "spool"
    connections.spool.cache_clear()
    town.sender = replace(town.sender, spool=connections.spool())
    return town.sender.spool
