"""A reply read and answered in a real browser, wide and narrow."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import connections
from campaigns.models import Reply
from subscribers import threads
from subscribers.threads import Letter
from tests.browser.desk import DESKTOP, HANDSET, Hands
from tests.subscribers.letters import crowd

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.fixture
def letter():
    now = timezone.now()
    letter = Letter(text="Ruft mich an: 0171 2345678. LG Mandy", about="Neue Bahnen", at=now)
    threads.take_in(crowd(), letter, vault=connections.vault(), now=now)


@pytest.mark.usefixtures("letter")
@pytest.mark.parametrize("viewport", [DESKTOP, HANDSET], ids=["wide", "narrow"])
def test_an_editor_answers_a_reply_in_own_words_in_three_acts(open_desk, viewport):
    page = open_desk("Redaktion", "/admin/subscribers/thread/", viewport=viewport)

    hands = Hands(page)
    hands.tap(".rows li:first-child a")
    expect(page.get_by_text("gekürzt: Namen oder Nummern sind entfernt")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    hands.write("#text", "Machen wir!")
    hands.press("Control+Enter")

    expect(page.get_by_text("Die Antwort ist unterwegs.")).to_be_visible()
    assert hands.acts == 3
    assert width <= viewport["width"]
    assert Reply.objects.get(purpose="answer").text == "Machen wir!"


@pytest.mark.usefixtures("letter")
def test_a_ready_answer_takes_two_acts(open_desk):
    hands = Hands(open_desk("Redaktion", "/admin/subscribers/thread/"))

    hands.tap(".rows li:first-child a")
    hands.click("Senden: Weitergegeben")
    expect(hands.page.get_by_text("Die Antwort ist unterwegs.")).to_be_visible()

    assert hands.acts == 2
