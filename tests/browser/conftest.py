"""Chromium, the system's own: nothing is downloaded for the tests."""

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect, sync_playwright

from campaigns import connections
from campaigns.models import MessageTemplate
from tests.browser.desk import DESKTOP, is_error, is_refused, signed_in
from tests.factories import SubscriberFactory, UserFactory, publish
from tests.whatsapp.simulator.phone_server import anna, phones
from whatsapp.simulator import Simulator

__all__ = ["anna", "phones"]  # fixtures of the phone page
PATIENCE = 20_000  # milliseconds, for a busy machine; who finds what they expect does not wait
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


# Ends with the browser tests: Playwright's event loop would keep Django from its database.
@pytest.fixture(scope="package")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: run `make chromium`, or name yours in CHROMIUM")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Its loop runs in this thread; the database is used beside it, not in it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        # Without its sandbox Chromium also starts as root, as in a container.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser):
    """Open pages, each in a browser of its own; ends with a check for anything unexpected."""
    contexts, trouble = [], []

    def open_at(url, user=None, *, is_trouble=is_error, **options):
        options = {"viewport": DESKTOP, "locale": "de-DE", **options}
        context = browser.new_context(base_url=url, **options)
        contexts.append(context)
        if user:
            context.add_cookies([signed_in(user, url)])
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if is_trouble(said) else 0)
        page.on(
            "request",
            lambda asked: 0 if asked.url.startswith(url) else trouble.append(asked.url),
        )
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def by_day(settings):
    """Never quiet."""
    settings.QUIET_HOURS = "off"
    connections.forget()


@pytest.fixture
def ready(by_day):
    """Never quiet, every template approved, somebody to write to, counted before."""
    MessageTemplate.objects.update(status=MessageTemplate.Status.APPROVED)
    SubscriberFactory(tier="maxi")
    publish(mini=110, maxi=300)


@pytest.fixture
def open_desk(ready, new_page, live_server):
    """Open a page of a desk that is ready, as a new member of a group."""

    def open_as(group, path="/admin/", **options):
        user = UserFactory(group=group, is_staff=True) if group else None
        page = new_page(live_server.url, user, **options)
        page.goto(path)
        return page

    return open_as


@pytest.fixture
def open_phone(phones, new_page):
    """Open the phone page, on somebody's phone if wished."""

    def open_at(person=None, *, viewport=DESKTOP, **options):
        page = new_page(phones.url, is_trouble=is_refused, viewport=viewport, **options)
        page.set_default_timeout(10_000)
        page.goto(f"/phone/#{person.id if person else ''}")
        expect(page.locator("#people li, #nobody:visible").first).to_be_visible(
            visible=person is None or viewport == DESKTOP
        )
        return page

    return open_at


@pytest.fixture
def whatsapp(live_server, settings):
    """A simulated WhatsApp that tells our desk what people write."""
    with Simulator(
        access_token=django_settings.WHATSAPP_ACCESS_TOKEN,
        app_secret=django_settings.WHATSAPP_APP_SECRETS[0],
        verify_token=django_settings.WHATSAPP_VERIFY_TOKEN,
        webhook_url=f"{live_server.url}/webhooks/whatsapp/",
        settings={"sent_delay": 0, "delivered_delay": 0, "review_delay": 0},
    ) as simulator:
        settings.WHATSAPP_API_URL = simulator.url
        connections.forget()
        yield simulator
