"""Fixtures that every package may use."""

from collections import Counter
from uuid import uuid4

import hypothesis
import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from campaigns import connections
from campaigns.models import MessageTemplate
from subscribers import journal
from subscribers.journal import Journal
from tests.factories import NOW

# How long an example takes says more about the machine than about us.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


@pytest.fixture(autouse=True, scope="session")
def _emptying_tables_is_maintenance():
    """Tests with real commits empty all tables afterwards, the append-only ones too."""
    sql_flush = DatabaseOperations.sql_flush

    def flush(self, style, tables, **options):
        statements = sql_flush(self, style, tables, **options)
        return ["SET LOCAL swe_broadcast.ledger_maintenance = 'on'", *statements]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", flush)
        yield


@pytest.fixture(autouse=True)
def _fresh_connections():
    """What was made from a test's settings must not outlive it."""
    yield
    connections.forget()


@pytest.fixture(autouse=True)
def own_journal(settings):
    """Each test has a journal of its own, as it has a database of its own."""
    settings.JOURNAL_DIR = settings.DATA_DIR / "journals" / uuid4().hex
    own = Journal(settings.JOURNAL_DIR, key=settings.MESSAGE_ID_KEY.encode())
    journal.use(own)
    return own


@pytest.fixture(autouse=True)
def _own_spool(settings):
    """What one test leaves there would hold all sending in the next."""
    settings.SPOOL_DIR = settings.DATA_DIR / "spools" / uuid4().hex


@pytest.fixture
def now():
    """A Monday at 10:00 in Berlin."""
    return NOW


@pytest.fixture
def vault():
    """The keys of the test installation."""
    return connections.vault()


@pytest.fixture
def approved_templates(db):
    """WhatsApp has approved every shipped template."""
    MessageTemplate.objects.update(status=MessageTemplate.Status.APPROVED)


def pytest_terminal_summary(terminalreporter):
    """Say what could not run and why, a line for each reason."""
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, number in reasons.items():
        terminalreporter.write_line(f"{number} tests did not run: {reason}")
