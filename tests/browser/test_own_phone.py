"""From no phone at all to a test on it: a code written on the phone page, then one act."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import connections, phone_tests, tasks, templates_sync
from campaigns.models import Delivery, MessageTemplate, PhoneTest
from campaigns.states import DeliveryState
from subscribers import phones
from subscribers.identities import Address
from subscribers.models import ConsentEvent, DeskPhone, Subscriber
from tests.browser.desk import HANDSET, Hands, is_refused, unsound
from tests.factories import BroadcastFactory, UserFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("templates"),
]

PATIENCE = 20_000  # milliseconds; the slowest look is one every two seconds
SHIFT = timedelta(seconds=5)
HEADLINE = "TA: Die Linie 3 fährt wieder"
BUTTON = "Test an mein Telefon"


@pytest.fixture
def templates(whatsapp):
    """WhatsApp knows one of them, and has approved it."""
    MessageTemplate.objects.exclude(name="presseschau").update(status="APPROVED")
    templates_sync.push(client=connections.cloud_client(), app_id="1", now=timezone.now())
    MessageTemplate.objects.update(status="APPROVED")


def work_until(page, is_done):
    """Work as the workers would, until something is so."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not is_done() and time.monotonic() < deadline:
        tasks.apply_inbox()
        phone_tests.send_due(sender=connections.sender(), until=timezone.now() + SHIFT)
        page.wait_for_timeout(50)
    assert is_done()


def is_delivered():
    return PhoneTest.objects.filter(state=DeliveryState.DELIVERED).exists()


def test_a_phone_is_connected_by_its_code_and_each_test_is_one_act(new_page, whatsapp, live_server):
    whatsapp.control.add_person("Anna", "+4915155500042")
    anna = UserFactory(username="anna", first_name="Anna", group="Redaktion")
    desk = new_page(live_server.url, anna, bypass_csp=True)
    phone = new_page(whatsapp.url, is_trouble=is_refused)
    desk.set_default_timeout(PATIENCE)

    desk.goto("/admin/")
    desk.get_by_role("link", name="Mein Telefon").click()
    desk.get_by_role("button", name="Code anzeigen").click()
    code = desk.locator(".phone-code").inner_text()
    assert unsound(desk) == []
    phone.goto("/phone/")
    phone.get_by_role("link", name="Anna").click()
    phone.get_by_role("textbox", name="Nachricht").fill(code)
    phone.keyboard.press("Enter")
    verified = desk.get_by_role("heading", name="Ihr Telefon ist verbunden")
    expect(verified).to_be_visible(timeout=PATIENCE)
    assert unsound(desk) == []

    desk.goto("/admin/campaigns/broadcast/add/presseschau/")
    desk.locator("#id_value-schlagzeile_1").fill(HEADLINE)
    for field in desk.locator("textarea[data-one-line]").all():
        if not field.input_value():
            field.fill("MDR: Noch eine")
    hands = Hands(desk)
    hands.click(BUTTON)
    work_until(desk, is_delivered)

    expect(phone.locator(".bubble").filter(has_text=HEADLINE)).to_be_visible(timeout=PATIENCE)
    expect(desk.locator("#phone-test")).to_contain_text("zugestellt", timeout=PATIENCE)
    assert hands.acts == 1
    assert desk.locator("#id_value-schlagzeile_1").input_value() == HEADLINE
    assert DeskPhone.objects.count() == 1
    assert not Subscriber.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert not Delivery.objects.exists()


def test_whoever_decides_needs_one_act_on_a_phone(new_page, whatsapp, live_server, vault):
    whatsapp.control.add_person("Bert", "+4915155500043")
    bert = UserFactory(username="bert", group="Freigabe")
    now = timezone.now()
    address = Address(phone="+4915155500043")
    phones.connect(phones.draw(bert, vault=vault, now=now), address, vault=vault, now=now)
    broadcast = BroadcastFactory(state="in_review")
    page = new_page(live_server.url, bert, viewport=HANDSET)
    page.set_default_timeout(PATIENCE)

    page.goto(f"/admin/campaigns/broadcast/{broadcast.pk}/review/")
    hands = Hands(page)
    hands.click(BUTTON)
    work_until(page, is_delivered)

    expect(page.locator("#phone-test")).to_contain_text("zugestellt", timeout=PATIENCE)
    assert hands.acts == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
