"""The public pages leave nothing behind in a browser that could tell who was there."""

import pytest
from django.utils import timezone

from subscribers import access
from tests.factories import SubscriberFactory

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
