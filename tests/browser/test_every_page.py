"""Every page there is, in both themes, wide and narrow: legible to all, and nothing unexpected."""

from hashlib import sha256

import pytest
from django.test import RequestFactory
from django.utils import translation
from django.views.defaults import server_error

from tests import addresses, scene
from tests.addresses import NOBODY, Page
from tests.browser.desk import DESKTOP, LOOKS, unsound

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("by_day"),
]

# What another page is while an incident goes on, which stands above every page, too.
OTHERWISE = {"subscribers_incident_changelist", "campaigns_channel_changelist"}
BROKEN = Page("500", "/broken/", NOBODY, 500)


class Surveyor:
    """Looks at pages as members of each group, and writes down what should not be."""

    def __init__(self, browser, url, clients, *, locale):
        self.findings, self.url, self.locale = [], url, locale
        self.tabs = {group: self._tab(browser, clients[group]) for group in clients}

    def look_at(self, page, looks):
        """Load a page once, and look at it in some of the sizes and themes."""
        tab = self.tabs[page.group]
        self.place, self.is_listening = page.path, True
        size, theme = looks[0]
        tab.set_viewport_size(size)
        tab.emulate_media(color_scheme=theme)
        answer = tab.goto(page.path)
        self._note([answer.status] if answer.status != page.status else [])
        self.is_listening = False  # what axe does, our policy forbids
        self._note(unsound(tab, looks))

    def _tab(self, browser, client):
        context = browser.new_context(base_url=self.url, locale=self.locale, viewport=DESKTOP)
        for name, cookie in client.cookies.items():
            context.add_cookies([{"name": name, "value": cookie.value, "url": self.url}])
        context.route(
            f"**{BROKEN.path}", lambda route: route.fulfill(status=500, body=broken(self.locale))
        )
        tab = context.new_page()
        tab.on("pageerror", lambda error: self._note([error]))
        tab.on("console", self._heard)
        tab.on("request", self._asked)
        return tab

    def _heard(self, said):
        is_the_answer = "Failed to load" in said.text and self.place in said.location["url"]
        if said.type == "error" and self.is_listening and not is_the_answer:
            self._note([said.text])

    def _asked(self, request):
        if not request.url.startswith((self.url, "data:", "blob:")):
            self._note([request.url])

    def _note(self, found):
        self.findings += [f"{self.place} {one}" for one in found]


def broken(locale):
    """What is shown where a view fails, which no view does here."""
    with translation.override(locale[:2]):
        return server_error(RequestFactory().get("/")).content


def survey(browser, url, looks_for, *, locale="de-DE"):
    """Look at every page in the looks chosen for it; return everything that was found."""
    clients = addresses.members()
    made = scene.furnish(editor=clients["Redaktion"].user)
    pages, _closed = addresses.pages(made, clients)
    surveyor = Surveyor(browser, url, clients, locale=locale)
    for page in [*pages, BROKEN]:
        surveyor.look_at(page, looks_for(page))
    scene.break_in()
    for page in pages:
        if page.name in OTHERWISE:
            surveyor.look_at(page, looks_for(page))
    for tab in surveyor.tabs.values():
        tab.context.close()
    return surveyor.findings


def one_look(page):
    """Return one of the four looks, always the same for a page, and evenly spread."""
    digest = sha256(f"{page.name} {page.group}".encode()).digest()
    return [LOOKS[digest[0] % len(LOOKS)]]


def test_every_page_is_sound_in_one_of_four_looks(browser, live_server):
    found = survey(browser, live_server.url, one_look)

    assert not found, "\n".join(found)


@pytest.mark.thorough
@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_every_page_is_sound_in_all_four_looks(browser, live_server, locale):
    found = survey(browser, live_server.url, lambda _page: LOOKS, locale=locale)

    assert not found, "\n".join(found)
