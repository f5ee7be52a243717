"""The project as an app: nothing but the wiring that has to happen at the start."""

from django.apps import AppConfig
from django.conf import settings  # noqa: TID251 - the edge

from subscribers import journal
from subscribers.journal import Journal


class ProjectConfig(AppConfig):
    """Makes our Celery application the current one, registers our checks, names the journal."""

    name = "swe_broadcast"

    def ready(self) -> None:
        """Import the first three; the journal is where the settings say."""
        from swe_broadcast import celery, checks, key_checks  # noqa: F401 - read settings, so not earlier

        key = settings.MESSAGE_ID_KEY.encode()
        journal.use(Journal(settings.JOURNAL_DIR, key=key))
