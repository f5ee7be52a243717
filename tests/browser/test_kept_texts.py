"""A longer text outlives a request that failed, in whatever form of the desk it was typed."""

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import connections
from campaigns.models import Reply
from campaigns.states import BroadcastState
from subscribers import incidents, threads
from subscribers.models import Thread
from subscribers.threads import Letter
from tests.browser.desk import is_refused
from tests.factories import BroadcastFactory, UserFactory
from tests.subscribers.letters import crowd, newest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

TEXT = "Erste Zeile\nzweite Zeile"


def write(subscriber):
    now = timezone.now()
    letter = Letter(text="Wann fährt sie?", about="Neue Bahnen", at=now)
    threads.take_in(subscriber, letter, vault=connections.vault(), now=now)


def thread():
    """Return the page of a letter that can be answered."""
    write(crowd())
    return f"/admin/subscribers/thread/{newest().thread_id}/"


def review():
    broadcast = BroadcastFactory(state=BroadcastState.IN_REVIEW)
    return f"/admin/campaigns/broadcast/{broadcast.pk}/review/"


def incident():
    now = timezone.now()
    incidents.declare("Ein Laptop fehlt", known_at=now, by="anna", now=now)
    return "/admin/subscribers/incident/"


def new_template():
    return "/admin/campaigns/messagetemplate/add/"


@pytest.fixture
def open_tab(ready, new_page, live_server):
    """Open a page as a member of a group; what it cannot load is no trouble here."""

    def open_as(group, path):
        user = UserFactory(group=group)
        page = new_page(live_server.url, user, is_trouble=is_refused)
        page.goto(path)
        return page

    return open_as


def press_in_vain(page, field):
    """Press the button of a form while the database is away."""
    trouble = {"status": 503, "content_type": "text/html", "body": render_to_string("503.html")}
    page.route(
        "**/*",
        lambda it: it.fulfill(**trouble) if it.request.method == "POST" else it.continue_(),
    )
    page.locator(f"form:has({field}) [type=submit]").first.click()
    page.locator("main.card a").click()
    page.unroute("**/*")


@pytest.mark.parametrize(
    ("group", "place", "field"),
    [
        ("Redaktion", thread, "#text"),
        ("Freigabe", review, "#note"),
        ("IT", incident, "#words"),
        ("Redaktion", new_template, "#id_body"),
    ],
)
def test_a_text_stands_in_its_field_again_until_it_is_taken_in(open_tab, group, place, field):
    path = place()
    page = open_tab(group, path)
    page.locator(field).evaluate("(it) => it.closest('details')?.setAttribute('open', '')")
    page.locator(field).fill(TEXT)

    press_in_vain(page, field)
    page.goto(path)

    expect(page.locator(field)).to_be_visible()
    expect(page.locator(field)).to_have_value(TEXT)


def test_an_overtaken_answer_stays_typed_and_is_forgotten_when_it_has_left(open_tab):
    path = thread()
    page = open_tab("Redaktion", path)
    page.locator("#text").fill("Am Montag")
    write(Thread.objects.get().subscriber)
    page.get_by_role("button", name="Senden", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Inzwischen")
    expect(page.locator("#text")).to_have_value("Am Montag")
    page.locator("#text").fill("Ab Montag")
    page.goto("/admin/")
    page.goto(path)
    expect(page.locator("#text")).to_have_value("Ab Montag")

    page.locator("#text").press("Control+Enter")
    expect(page.get_by_text("Die Antwort ist unterwegs.")).to_be_visible()
    page.goto(path)

    expect(page.locator("#text")).to_have_value("")
    assert Reply.objects.get(purpose="answer").text == "Ab Montag"


def test_whoever_signs_out_leaves_no_text_behind(open_tab):
    page = open_tab("Redaktion", thread())
    page.locator("#text").fill(TEXT)

    page.get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/logout/")

    assert page.evaluate("sessionStorage.length") == 0
