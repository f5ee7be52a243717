"""From the notice board into the conversation and out again, on the phone page, counted."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import connections, replies
from subscribers.models import Subscriber, SubscriberState
from whatsapp.simulator import Simulator

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

SHIFT = timedelta(seconds=5)
PATIENCE = 10_000  # milliseconds; nothing here takes one second


@pytest.fixture(autouse=True, scope="module")
def _database_beside_the_loop():
    """Playwright runs an event loop in this thread; the database is used beside it, not in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def whatsapp(live_server, settings):
    """A simulated WhatsApp that tells our desk what people write."""
    with Simulator(
        access_token=django_settings.WHATSAPP_ACCESS_TOKEN,
        app_secret=django_settings.WHATSAPP_APP_SECRETS[0],
        verify_token=django_settings.WHATSAPP_VERIFY_TOKEN,
        webhook_url=f"{live_server.url}/webhooks/whatsapp/",
        settings={"sent_delay": 0, "delivered_delay": 0},
    ) as simulator:
        settings.WHATSAPP_API_URL = simulator.url
        connections.forget()
        yield simulator


@pytest.fixture
def phone(browser, whatsapp):
    """Somebody's phone with our chat open: they have scanned the code of the poster."""
    whatsapp.control.add_person("Kim", "+4915155500077")
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{whatsapp.url}/phone/")
    page.get_by_role("link", name="Kim").click()
    yield page
    context.close()


def let_us_answer(page, words):
    """Send what waits, as the worker would, until the phone shows it."""
    said = page.locator(".bubble").filter(has_text=words)
    deadline = time.monotonic() + PATIENCE / 1000
    while not said.count() and time.monotonic() < deadline:
        replies.send_due(sender=connections.sender(), until=timezone.now() + SHIFT)
        page.wait_for_timeout(50)
    expect(said).to_be_visible()


def state():
    return Subscriber.objects.get().state


def test_joining_takes_three_acts_and_leaving_one(phone):
    acts = ["scan the code"]

    phone.get_by_role("button", name="START senden").click()
    acts.append("send START")
    let_us_answer(phone, "Mit deiner Wahl willigst du ein")
    phone.get_by_role("button", name="MAXI", exact=True).click()
    acts.append("tap MAXI")
    let_us_answer(phone, "Du bekommst ab jetzt")

    assert (len(acts), state()) == (3, SubscriberState.ACTIVE)

    phone.get_by_role("textbox", name="Nachricht").fill("stopp")
    phone.keyboard.press("Enter")
    acts.append("send STOP")
    let_us_answer(phone, "du bekommst keine Nachrichten mehr")

    assert (len(acts), state()) == (4, SubscriberState.WITHDRAWN)
