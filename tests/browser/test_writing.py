"""Nothing typed is lost, whatever ends: the browser, the session, the server, a colleague."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import expect

from campaigns import connections
from campaigns.models import Broadcast, Message, MessageTemplate, Unsaved
from tests.factories import PASSWORD, BroadcastFactory, SubscriberFactory, UserFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

WRITE = "/admin/campaigns/broadcast/add/presseschau/"
HEADLINE = "TA: Die Linie 3 fährt wieder"
FIELD = "#id_value-schlagzeile_1"
FULL_TEXT = "#id_full_text"
TEXT = "Erste Zeile\n- zweite Zeile"


@pytest.fixture(autouse=True, scope="module")
def _database_beside_the_loop():
    """Playwright runs an event loop in this thread; the database is used beside it, not in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(autouse=True)
def _desk(settings):
    settings.QUIET_HOURS = "off"
    connections.forget()
    MessageTemplate.objects.update(status=MessageTemplate.Status.APPROVED)
    SubscriberFactory(tier="maxi")


@pytest.fixture
def anna():
    return UserFactory(
        username="anna", first_name="Anna", last_name="Beer", group="Redaktion", can_log_in=True
    )


@pytest.fixture
def desk(browser, live_server):
    """A browser in which somebody is signed in; ends with a check for mistakes in our scripts."""
    contexts, mistakes = [], []

    def open_for(user):
        context = browser.new_context(base_url=live_server.url, locale="de-DE")
        contexts.append(context)
        client = Client()
        client.force_login(user)
        [(name, cookie)] = client.cookies.items()
        context.add_cookies([{"name": name, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert mistakes == []


def type_a_review(page):
    page.goto(WRITE)
    page.locator(FIELD).fill(HEADLINE)
    page.locator(FULL_TEXT).fill(TEXT)


def offer(page):
    return page.locator("#unsaved-offer")


def take_the_offer(page):
    expect(offer(page)).to_contain_text(re.compile(r"Nicht gespeicherter Text von \d+:\d\d"))
    page.get_by_role("button", name="Wiederherstellen").click()
    expect(page.locator(FIELD)).to_have_value(HEADLINE)
    expect(page.locator(FULL_TEXT)).to_have_value(TEXT)


def test_after_a_crash_of_the_browser_the_server_has_it(desk, anna):
    page = desk(anna)
    type_a_review(page)
    expect(page.locator("#autosave")).to_contain_text("gesichert")
    page.context.close()

    page = desk(anna)
    page.goto(WRITE)

    take_the_offer(page)
    assert not Broadcast.objects.exists()


def test_without_a_server_the_browser_has_it(desk, anna):
    page = desk(anna)
    page.goto(WRITE)
    page.context.set_offline(True)
    page.locator(FIELD).fill(HEADLINE)
    page.locator(FULL_TEXT).fill(TEXT)
    expect(page.locator("#autosave")).to_contain_text("Keine Verbindung")
    page.context.set_offline(False)

    page.goto(WRITE)

    take_the_offer(page)


def test_an_expired_session_loses_nothing(desk, anna):
    page = desk(anna)
    page.goto(WRITE)
    Session.objects.all().delete()
    page.locator(FIELD).fill(HEADLINE)
    page.locator(FULL_TEXT).fill(TEXT)
    expect(page.locator("#autosave")).to_contain_text("nicht mehr angemeldet")
    page.get_by_role("button", name="Als Entwurf speichern").click()

    page.locator("#id_username").fill("anna")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_selector("#compose")

    take_the_offer(page)


def test_what_was_saved_or_discarded_is_not_offered_again(desk, anna):
    page = desk(anna)
    type_a_review(page)
    page.get_by_role("button", name="Als Entwurf speichern").click()
    page.wait_for_selector(".badge-draft")
    page.goto(WRITE)
    expect(offer(page)).to_be_hidden()

    page.locator(FIELD).fill("Doch nicht")
    expect(page.locator("#autosave")).to_contain_text("gesichert")
    page.reload()
    with page.expect_response("**/keep/**"):
        page.get_by_role("button", name="Verwerfen").click()
    page.reload()

    expect(offer(page)).to_be_hidden()
    assert not Unsaved.objects.exists()


def test_two_editors_see_each_other_and_overwrite_nothing(desk, anna):
    broadcast = BroadcastFactory()
    edit = f"/admin/campaigns/broadcast/{broadcast.pk}/edit/"
    theirs, mine = desk(anna), desk(UserFactory(group="Redaktion"))
    for page in (theirs, mine):
        page.goto(edit)
    theirs.locator(FIELD).fill("MDR: Ganz anders")
    expect(theirs.locator("#autosave")).to_contain_text("gesichert")
    mine.locator(FIELD).fill(HEADLINE)
    expect(mine.locator("#others")).to_have_text("Anna Beer schreibt gerade hier")
    theirs.get_by_role("button", name="Als Entwurf speichern").click()
    theirs.wait_for_selector(".badge-draft")

    mine.get_by_role("button", name="Als Entwurf speichern").click()

    expect(mine.locator(".newer del").first).to_be_visible()
    expect(mine.locator(FIELD)).to_have_value(HEADLINE)
    assert Message.objects.get().values["schlagzeile_1"] == "MDR: Ganz anders"
