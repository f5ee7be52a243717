"""From the notice board into the conversation and out again, on the phone page, counted."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import connections, replies
from subscribers.models import Subscriber, SubscriberState
from tests.browser.desk import HANDSET, is_refused

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

SHIFT = timedelta(seconds=5)
PATIENCE = 10_000  # milliseconds; nothing here takes one second


@pytest.fixture
def phone(whatsapp, new_page):
    """Somebody's phone with our chat open: they have scanned the code of the poster."""
    whatsapp.control.add_person("Kim", "+4915155500077")
    page = new_page(whatsapp.url, is_trouble=is_refused, viewport=HANDSET)
    page.set_default_timeout(PATIENCE)
    page.goto("/phone/")
    page.get_by_role("link", name="Kim").click()
    return page


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
