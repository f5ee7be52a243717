"""Writing a template in a real browser: live, accessible, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from campaigns import alarms
from campaigns.models import Alarm, ForeignTemplate, MessageTemplate
from tests.browser.desk import DESKTOP, HANDSET
from tests.factories import NOW, SubscriberFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

LIST = "/admin/campaigns/messagetemplate/"


@pytest.fixture
def dearer():
    """A template that WhatsApp made marketing, with a history."""
    SubscriberFactory.create_batch(30, tier="maxi")
    template = MessageTemplate.objects.get(name="neues")
    happened = [
        ("submitted", "", "", "desk"),
        ("status", "LOCAL", "PENDING", "sync"),
        ("status", "PENDING", "APPROVED", "webhook"),
        ("quality", "GREEN", "YELLOW", "webhook"),
        ("purpose", "UTILITY", "MARKETING", "webhook"),
    ]
    for what, before, after, source in happened:
        template.events.create(at=NOW, what=what, before=before, after=after, source=source)
    MessageTemplate.objects.filter(pk=template.pk).update(quality="YELLOW")
    alarms.raise_(Alarm.Kind.DEARER, f"template {template.pk}", now=NOW)
    ForeignTemplate.objects.create(
        name="sommerfest", language="de", status="APPROVED", purpose="MARKETING", seen_at=NOW
    )
    return template


def test_a_template_is_written_live_and_saved_with_the_keyboard(open_desk):
    page = open_desk("Redaktion", f"{LIST}add/")
    phone = page.locator("#preview .bubble")

    page.get_by_label("Name", exact=True).fill("baustelle")
    body = page.get_by_label("Text", exact=True)
    body.fill("{{ort}} ist gesperrt")
    expect(page.locator("#hint-body")).to_contain_text("davor oder dahinter")
    body.fill("*Baustelle:* {{ort}} ist gesperrt, weil {{grund}} ist.")
    page.get_by_label("{{ort}} heißt").fill("Ort")
    page.get_by_label("Beispiel").first.fill("Anger")
    expect(phone).to_contain_text("Anger ist gesperrt, weil ‹grund› ist.")
    page.get_by_label("{{grund}} heißt").fill("Grund")
    page.get_by_label("Beispiel").last.fill("Markt")
    expect(phone).to_contain_text("weil Markt ist.")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".messagelist")).to_contain_text("WhatsApp kennt sie noch nicht")
    assert MessageTemplate.objects.get(name="baustelle").value_names == ["ort", "grund"]


@pytest.mark.parametrize("path", ["", "add/?copy={pk}", "{pk}/change/"])
@pytest.mark.parametrize("look", [(DESKTOP, "light"), (HANDSET, "dark")])
def test_every_page_is_accessible_and_fits_the_screen(open_desk, dearer, path, look):
    viewport, scheme = look

    page = open_desk(
        "IT",
        LIST + path.format(pk=dearer.pk),
        viewport=viewport,
        color_scheme=scheme,
        bypass_csp=True,
    )

    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
