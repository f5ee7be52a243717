"""A press review in a real browser: from a prepared list to “scheduled”, by the keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Broadcast, Feed, FeedItem
from campaigns.states import BroadcastState
from tests.browser.desk import DESKTOP, HANDSET

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

PRESS = "/admin/campaigns/broadcast/add/presseschau/press/"
PREPARED = """\
TA: Neue Straßenbahnen fahren ab Montag https://www.thueringer-allgemeine.de/a/1
MDR: Fernwärme wird in der Altstadt ausgebaut https://www.mdr.de/2
TLZ (Abo): Freibäder ziehen eine gute Bilanz https://www.tlz.de/3
TA: Stadtwerke bilden so viele junge Leute aus wie nie https://www.thueringer-allgemeine.de/a/4
MDR: Was die Wärmewende für Mieter bedeutet https://www.mdr.de/5
Freies Wort: Baustelle am Anger endet früher https://www.insuedthueringen.de/6
TA: Sturm deckt das Dach des Betriebshofs ab https://www.thueringer-allgemeine.de/a/7
TLZ: Erfurt bekommt zwanzig neue Ladesäulen https://www.tlz.de/8
"""
EIGHT = [line.partition(" http")[0] for line in PREPARED.splitlines()]


class Keyboard:
    """Presses keys, and counts: a key with its modifiers is one act, and so is a pasted list."""

    def __init__(self, page):
        self.page, self.acts = page, 0

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.acts += 1

    def paste(self, text):
        """What Ctrl+V does with this text in the clipboard, which a test has no right to fill."""
        self.acts += 1
        self.page.evaluate(
            """(text) => {
                const clipboardData = new DataTransfer();
                clipboardData.setData("text/plain", text);
                const field = document.activeElement;
                const event = new ClipboardEvent("paste", {clipboardData, bubbles: true});
                field.dispatchEvent(event);
                field.setRangeText(text);
            }""",
            text,
        )

    def tab_to(self, selector):
        while not self.page.locator(f"{selector}:focus").count():
            self.press("Tab")


def lines(page):
    return page.locator("#press-lines textarea")


def written(page):
    return [field.input_value() for field in lines(page).all()]


def test_eight_headlines_from_a_list_to_scheduled_by_keyboard_in_three_screens(open_desk):
    page = open_desk("Redaktion")
    screens = []
    page.on("framenavigated", lambda frame: screens.append(frame.url))
    keyboard = Keyboard(page)

    # The first screen: collect and order. The roof in the storm comes first.
    keyboard.press("p")
    page.locator("#id_pasted:focus").wait_for()
    keyboard.paste(PREPARED)
    expect(lines(page)).to_have_count(8)
    page.locator("[data-key='1'] textarea:focus").wait_for()
    keyboard.press(*["Enter"] * 6)  # to the seventh line
    keyboard.press(*["Alt+ArrowUp"] * 6)
    expect(page.locator("#preview .bubble").first).to_contain_text("Freibäder")
    keyboard.press("Control+Enter")
    # The second: read it as on the phone, and submit it.
    page.locator(".badge-draft").wait_for()
    keyboard.press("Control+Enter")
    # The third says where it is. A colleague approves on a phone.
    page.locator(".badge-in_review").wait_for()
    broadcast = Broadcast.objects.get()
    colleague = open_desk("Freigabe", f"/admin/campaigns/broadcast/{broadcast.pk}/review/")
    colleague.keyboard.press("Control+Enter")
    colleague.locator(".badge-scheduled").wait_for()

    broadcast.refresh_from_db()
    assert broadcast.state == BroadcastState.SCHEDULED
    assert broadcast.message.template.name == "presseschau_8"
    assert list(broadcast.message.values.values())[1:] == [EIGHT[6], *EIGHT[:6], EIGHT[7]]
    assert len(screens) == 3
    assert keyboard.acts + 1 < 60


def test_lines_are_removed_brought_back_and_dragged(open_desk):
    page = open_desk("Redaktion", PRESS, viewport={"width": 1400, "height": 2200})
    Keyboard(page).paste(PREPARED)
    expect(lines(page)).to_have_count(8)

    page.locator("[data-key='1'] button[value^=drop]").click()
    expect(lines(page)).to_have_count(7)
    page.locator("#press-undo").click()
    page.locator("[data-key='8'] .press-grip").drag_to(
        page.locator("[data-key='1']"), target_position={"x": 40, "y": 4}
    )

    plain = [line.replace(" (Abo)", "") for line in EIGHT]
    assert written(page) == [plain[7], *plain[:7]]
    expect(page.locator("#preview .bubble-text").first).to_contain_text(EIGHT[7])


@pytest.mark.parametrize("look", [(DESKTOP, "light"), (HANDSET, "dark")])
@pytest.mark.parametrize("path", [PRESS, "/admin/campaigns/feed/", "/admin/campaigns/feed/import/"])
def test_every_page_is_accessible_and_fits_the_screen(open_desk, path, look):
    feed = Feed.objects.create(name="MDR", url="https://www.mdr.de/rss", trouble="silent")
    now = timezone.now()
    FeedItem.objects.create(
        feed=feed, title="Eins", link="https://www.mdr.de/1", found_at=now, listed_at=now
    )
    viewport, scheme = look

    page = open_desk("Redaktion", path, viewport=viewport, color_scheme=scheme, bypass_csp=True)
    if path == PRESS:
        Keyboard(page).paste(f"{PREPARED}{PREPARED}https://www.mdr.de/neu")
        expect(lines(page)).to_have_count(17)

    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("look", [(DESKTOP, "light"), (HANDSET, "dark")])
def test_the_picker_of_emoji_is_accessible_and_fits_the_screen(open_desk, look):
    viewport, scheme = look
    page = open_desk("Redaktion", PRESS, viewport=viewport, color_scheme=scheme, bypass_csp=True)
    Keyboard(page).paste(PREPARED)
    expect(lines(page)).to_have_count(8)

    page.locator(".emoji-open").last.click()

    box = page.locator("#emoji").bounding_box()
    assert 0 <= box["x"] <= viewport["width"] - box["width"]
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_headlines_of_feeds_are_taken_one_after_the_other(open_desk):
    feed = Feed.objects.create(name="MDR", url="https://www.mdr.de/rss")
    now = timezone.now()
    for number, title in enumerate(["Eins", "<img src=x onerror=alert(1)>", "Drei"]):
        FeedItem.objects.create(
            feed=feed, title=title, link=f"https://www.mdr.de/{number}", found_at=now, listed_at=now
        )
    page = open_desk("Redaktion", PRESS)

    page.locator("#press-items button").first.focus()
    for taken in (1, 2, 3):
        page.keyboard.press("Enter")
        expect(lines(page)).to_have_count(taken)

    assert written(page) == ["MDR: Eins", "MDR: <img src=x onerror=alert(1)>", "MDR: Drei"]
    expect(page.locator("#press-items .empty")).to_be_visible()
