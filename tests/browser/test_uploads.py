"""A file above a message in a real browser: dropped, pasted, looked at, cut with the keyboard."""

import base64

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from campaigns.models import Broadcast, Media
from tests.browser.desk import DESKTOP, HANDSET, WRITE
from tests.campaigns.pictures import picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

HIGH = picture(size=(600, 900), colour=(15, 95, 102))
BRING = """([target, kind, name, encoded, size]) => {
  const given = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
  const bytes = size ? new Uint8Array(size) : given;
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  const how = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { ...how, clipboardData: data })
    : new DragEvent(kind, { ...how, dataTransfer: data });
  return !document.querySelector(target).dispatchEvent(event);
}"""


def bring(page, kind, *, content=b"", name="weiche.jpg", target="#upload-field", size=0):
    """Drop or paste a file; return whether the page has taken the event for itself."""
    return page.evaluate(BRING, [target, kind, name, base64.b64encode(content).decode(), size])


def photo(page):
    return page.locator("#preview img.bubble-media").first


def test_a_picture_is_dropped_described_and_cut_with_the_keyboard(open_desk):
    page = open_desk("Redaktion", f"{WRITE}/bilder/")
    sent = []
    page.on("request", lambda asked: sent.append(asked.url))

    assert bring(page, "dragover")
    assert bring(page, "drop", content=HIGH)
    expect(photo(page)).to_be_visible()
    expect(page.locator(".part-box")).to_be_visible()
    page.locator("#id_part-size").press("Home")  # the smallest part
    page.locator("#id_part-size").press("PageUp")
    for _ in range(6):
        page.locator("#id_part-size").press("PageUp")
    page.locator("#id_part-down").press("End")
    page.get_by_role("button", name="Diesen Ausschnitt nehmen").press("Enter")
    expect(page.get_by_role("button", name="Zurück zum ganzen Bild")).to_be_visible()
    page.get_by_role("textbox", name="Was ist auf dem Bild zu sehen?").fill("Eine Weiche im Schnee")
    page.locator("#id_value-titel").fill("Nachtschicht")
    page.locator("button[value=save]").click()
    page.locator(".badge-draft").wait_for()

    kept = Broadcast.objects.get().message.media
    assert (kept.alt, kept.filename) == ("Eine Weiche im Schnee", "weiche.jpg")
    assert kept.width / kept.height == pytest.approx(1.91, abs=0.01)
    assert 300 <= kept.width < 600
    assert len([url for url in sent if "/upload/" in url]) == 2


def test_what_would_be_refused_does_not_travel(open_desk):
    page = open_desk("Redaktion", f"{WRITE}/bilder/")
    sent = []
    page.on("request", lambda asked: sent.append(asked.url))

    for kind, file, sentence in (
        ("drop", {"size": 40 * 1024 * 1024 + 1}, "Zu groß: höchstens 40 MB."),
        ("paste", {"content": b"%PDF-1.7"}, "WhatsApp nimmt Bilder nur als JPEG oder PNG."),
    ):
        bring(page, kind, **file)
        expect(page.locator("#upload-problem")).to_have_text(sentence)
        assert page.locator("#id_upload").evaluate("field => field.files.length") == 0

    assert not [url for url in sent if "/upload/" in url]


def test_a_file_dropped_beside_its_field_leaves_the_page_as_it_is(open_desk):
    page = open_desk("Redaktion", f"{WRITE}/bilder/")

    assert bring(page, "dragover", target="h1")
    assert bring(page, "drop", target="h1", content=HIGH)

    assert not Media.objects.exists()


@pytest.mark.parametrize("look", [(DESKTOP, "light"), (HANDSET, "dark")])
def test_the_choice_of_a_part_is_accessible_and_fits_the_screen(open_desk, look):
    viewport, scheme = look
    page = open_desk(
        "Redaktion", f"{WRITE}/bilder/", viewport=viewport, color_scheme=scheme, bypass_csp=True
    )

    assert bring(page, "paste", content=HIGH)
    expect(photo(page)).to_be_visible()
    page.locator(".part-picture").click(position={"x": 20, "y": 20})

    assert page.locator("#id_part-down").input_value() == "0"
    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
