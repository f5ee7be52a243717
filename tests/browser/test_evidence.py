"""The pages of the data-protection officer in a real browser: legible, and wide enough."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from subscribers.models import LedgerCheck
from tests.browser.desk import DESKTOP, HANDSET

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

PAGES = [
    f"admin:subscribers_{name}"
    for name in (
        "ledgercheck_changelist",
        "ledgercheck_works_council",
        "ledgercheck_processing",
        "processor_changelist",
    )
]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("viewport", [DESKTOP, HANDSET], ids=["desktop", "handset"])
def test_a_page_fits_its_screen_and_can_be_read_by_everybody(open_desk, address, viewport):
    LedgerCheck.objects.create(checked_at=timezone.now(), size=412, erased=0, checkpoints=3)

    page = open_desk("Datenschutz", reverse(address), viewport=viewport)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).response["violations"] == []
