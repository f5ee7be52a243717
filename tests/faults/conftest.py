"""Fixtures that start processes, and see that none is left; and a town for accidents."""

import os

import pytest
from django.db import connection

from tests.campaigns.conftest import running_simulator, sender, simulator, templates
from tests.faults.town import Town
from tests.swe_broadcast.conftest import folder, start

__all__ = ["folder", "running_simulator", "sender", "simulator", "start", "templates"]

SEEDS = [int(seed) for seed in os.environ.get("FAULT_SEEDS", "1").split(",")]
WATCH = """
CREATE TABLE fault_moves (delivery_id bigint, old text, new text);
CREATE FUNCTION fault_watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO fault_moves VALUES (NEW.id, OLD.state, NEW.state); RETURN NULL;
END $$;
CREATE TRIGGER fault_watch AFTER UPDATE ON campaigns_delivery FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION fault_watch();
"""
LOOK_AWAY = """
DROP TRIGGER fault_watch ON campaigns_delivery;
DROP FUNCTION fault_watch;
DROP TABLE fault_moves;
"""


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def seed(request):
    """What decides about all chance in a scenario."""
    return request.param


@pytest.fixture
def watched(transactional_db):
    """The database itself notes every move of a delivery."""
    with connection.cursor() as cursor:
        cursor.execute(WATCH)
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
