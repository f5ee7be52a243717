"""A reply read and answered in a real browser, wide and narrow."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import connections
from campaigns.models import Reply
from subscribers import threads
from subscribers.threads import Letter
from tests.browser.desk import DESKTOP, HANDSET
from tests.subscribers.letters import crowd

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.mark.parametrize("viewport", [DESKTOP, HANDSET], ids=["wide", "narrow"])
def test_an_editor_answers_a_reply_in_two_acts(open_desk, viewport):
    now = timezone.now()
    letter = Letter(text="Ruft mich an: 0171 2345678. LG Mandy", about="Neue Bahnen", at=now)
    threads.take_in(crowd(), letter, vault=connections.vault(), now=now)
    page = open_desk("Redaktion", "/admin/subscribers/thread/", viewport=viewport)

    page.locator(".rows a").first.click()
    expect(page.get_by_text("gekürzt: Namen oder Nummern sind entfernt")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    page.get_by_label("Ihre Antwort").fill("Machen wir!")
    page.get_by_role("button", name="Senden", exact=True).click()

    expect(page.get_by_text("Die Antwort ist unterwegs.")).to_be_visible()
    assert width <= viewport["width"]
    assert Reply.objects.get(purpose="answer").text == "Machen wir!"
