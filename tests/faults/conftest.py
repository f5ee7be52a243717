"""Fixtures that start processes, and see that none is left."""

from tests.swe_broadcast.conftest import folder, start

__all__ = ["folder", "start"]
