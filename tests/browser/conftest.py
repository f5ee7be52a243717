"""Chromium, the system's own: nothing is downloaded for the tests."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.whatsapp.simulator.phone_server import anna, phones

__all__ = ["anna", "phones"]  # fixtures of the phone page
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


# Ends with the browser tests: Playwright's event loop would keep Django from its database.
@pytest.fixture(scope="package")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: run `make chromium`, or name yours in CHROMIUM")
    with sync_playwright() as playwright:
        # Without its sandbox Chromium also starts as root, as in a container.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
