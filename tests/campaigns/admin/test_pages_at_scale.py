"""What a page asks the database does not depend on how much there is."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from bench import filling, visits
from campaigns.shipped import RIGHTS
from subscribers.admin.access import AccessEventAdmin

pytestmark = pytest.mark.django_db(databases="__all__")

FEW, MANY = 21, 25  # more than show themselves in replies, less than a page


@pytest.fixture(autouse=True)
def _calm(settings, monkeypatch):
    """No quiet hours, and a log that opening pages does not make longer than its page."""
    settings.QUIET_HOURS = "off"
    monkeypatch.setattr(AccessEventAdmin, "list_per_page", 500)


def queries(group):
    """How many queries each page of a group takes, by its name."""
    browser, counts = visits.sign_in(group), {}
    for name, visit in visits.every().items():
        if visit.group == group:
            visits.open_page(browser, visit)  # what stays known afterwards is asked for once
            with CaptureQueriesContext(connections["default"]) as asked:
                visits.open_page(browser, visit)
            counts[name] = len(asked)
    return counts


@pytest.mark.parametrize("group", RIGHTS)
def test_no_page_asks_more_of_the_database_when_there_is_more(group):
    filling.fill(FEW)
    few = queries(group)

    filling.fill(MANY, known=FEW)

    assert queries(group) == few
