"""The project as an app: nothing but the wiring that has to happen at the start."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Makes our Celery application the current one, everywhere, and registers our checks."""

    name = "swe_broadcast"

    def ready(self) -> None:
        """Import it: that is all."""
        from swe_broadcast import celery, checks, key_checks  # noqa: F401 - read settings, so not earlier
