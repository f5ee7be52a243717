"""Nothing stays behind in a browser that could tell who was there, or what somebody wrote."""

import pytest
from django.utils import timezone

from campaigns import connections
from subscribers import access, threads
from subscribers.models import Thread
from subscribers.threads import Letter
from tests.factories import SubscriberFactory
from tests.subscribers.letters import crowd

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

STORED = """async () => [
    ...Object.entries(localStorage), ...Object.entries(sessionStorage),
    ...(await indexedDB.databases()).map((one) => one.name), ...(await caches.keys()),
]"""


def test_neither_the_notice_nor_ones_own_copy_keeps_anything_in_the_browser(live_server, browser):
    somebody = SubscriberFactory(phone="+4915198765432")
    secret = access.new_link(somebody, now=timezone.now())
    context = browser.new_context()
    page = context.new_page()

    for path in ("/datenschutz/", f"/auskunft/{secret}/"):
        answer = page.goto(live_server.url + path)

        assert answer.status == 200
        assert page.evaluate(STORED) == []
        assert {cookie["name"] for cookie in context.cookies()} <= {"csrftoken"}
        assert "4915198765432" not in str(context.cookies())
    context.close()


CANARY = "Geheimes-Kanarienwort"


def stored(page):
    """Everything that the browser keeps for the desk, as one text."""
    return str(page.evaluate(STORED)) + str(page.context.cookies())


def test_the_desk_keeps_no_reply_in_the_browser(open_desk):
    now = timezone.now()
    letter = Letter(text=CANARY, about="", at=now)
    threads.take_in(crowd(), letter, vault=connections.vault(), now=now)
    alias = Thread.objects.get().alias
    page = open_desk("Redaktion", "/admin/subscribers/thread/")

    page.locator(".rows a").first.click()
    page.get_by_text(CANARY).wait_for()
    page.get_by_label("Ihre Antwort").fill("Machen wir!")
    page.goto(page.url.partition("/admin/")[0] + "/admin/")

    assert CANARY not in stored(page)
    assert alias not in stored(page)
