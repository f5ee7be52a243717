"""The desk as its members use it, in a real browser: German, strict about CSP and access."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from campaigns import alarms, connections, series
from campaigns.models import (
    About,
    Alarm,
    Broadcast,
    Check,
    Delivery,
    Fault,
)
from campaigns.states import BroadcastState
from tests.browser.desk import DESKTOP, HANDSET, HEADLINE, WRITE, Hands
from tests.campaigns.pictures import picture
from tests.factories import (
    NOW,
    BroadcastFactory,
    DeliveryFactory,
    SeriesFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

PASSWORD = "ein langes Passwort"


def submitted(**message):
    return BroadcastFactory(state=BroadcastState.IN_REVIEW, **message)


def told_of_a_missed_one():
    """A broadcast that missed its time, with the bar above every page that says so."""
    broadcast = BroadcastFactory(state=BroadcastState.MISSED)
    alarms.raise_(Alarm.Kind.MISSED, f"broadcast {broadcast.pk}", now=NOW)
    return broadcast


def held():
    """A broadcast in its hold time, of which something is not ready."""
    until = timezone.now() + timedelta(minutes=5)
    broadcast = BroadcastFactory(state=BroadcastState.SCHEDULED, due_at=until, held_until=until)
    for about, fault in ((About.LIMIT, Fault.LIMIT), (About.WORDS, Fault.WORDS)):
        Check.objects.create(
            broadcast=broadcast, about=about, light=fault.light, fault=fault, at=NOW
        )
    return broadcast


def preview(page):
    return page.locator("#preview .bubble").first


def test_a_message_is_written_with_the_keyboard_alone(open_desk):
    page = open_desk("Redaktion")

    page.keyboard.press("n")
    page.get_by_role(
        "link", name=re.compile("Wichtige Unternehmensnachricht|Important company news")
    ).focus()
    page.keyboard.press("Enter")
    page.locator("#id_value-betreff:focus").wait_for()
    Hands(page).write_on([HEADLINE, "Ab Montag"])
    submitting = Hands(page)
    submitting.press("Control+Enter")
    page.locator(".badge-in_review").wait_for()

    assert submitting.acts == 1
    broadcast = Broadcast.objects.get()
    assert broadcast.state == BroadcastState.IN_REVIEW
    assert broadcast.message.values["betreff"] == HEADLINE


def test_the_phone_shows_what_is_typed_while_it_is_typed(open_desk):
    page = open_desk("Redaktion", f"{WRITE}/presseschau/")

    page.locator("#id_value-schlagzeile_1").fill(HEADLINE)

    expect(preview(page)).to_contain_text("TA: Die Linie 3 fährt wieder")
    expect(preview(page).locator("strong", has_text="wieder")).to_be_visible()


def test_what_whatsapp_would_refuse_is_said_while_it_is_typed(open_desk):
    page = open_desk("Redaktion", f"{WRITE}/presseschau/")

    page.locator("#id_value-schlagzeile_1").fill("zu     weit")

    expect(page.locator("#hint-value-schlagzeile_1")).to_have_class(re.compile("hint-problem"))


def test_a_picture_is_seen_as_soon_as_it_is_chosen_and_kept(open_desk):
    page = open_desk("Redaktion", f"{WRITE}/bilder/")
    photo = {"name": "weiche.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(80, 40))}

    page.locator("#id_value-titel").fill("Nachtschicht")
    page.locator("#id_upload").set_input_files([photo])
    expect(page.locator("#preview img.bubble-media").first).to_be_visible()
    page.locator("button[value=save]").click()
    page.locator(".badge-draft").wait_for()

    message = Broadcast.objects.get().message
    assert (message.media.filename, message.values["titel"]) == ("weiche.jpg", "Nachtschicht")


def test_choosing_a_day_means_a_certain_time(open_desk):
    page = open_desk("Redaktion", f"{WRITE}/presseschau/")

    page.locator("#id_day").fill("2031-11-24")

    expect(page.locator("input[name=when][value=later]")).to_be_checked()


def test_a_message_is_approved_on_a_handset(open_desk):
    broadcast = submitted()
    page = open_desk("Freigabe", viewport=HANDSET)

    hands = Hands(page)

    hands.tap("#waiting ~ ul a")  # the mail's link leads there, too
    hands.tap(".decide button")
    page.locator(".badge-scheduled").wait_for()

    assert hands.acts == 2
    broadcast.refresh_from_db()
    assert broadcast.state == BroadcastState.SCHEDULED


def test_the_keyboard_decides_in_the_form_one_types_in_and_in_no_other(open_desk):
    broadcast = submitted()
    page = open_desk("Freigabe", f"/admin/campaigns/broadcast/{broadcast.pk}/review/")
    page.keyboard.press("?")
    page.locator("#shortcuts button").press("Control+Enter")  # asks for nothing that is decided
    page.locator("summary").click()
    page.keyboard.press("Control+Enter")
    page.locator("#note").fill("Bitte kürzer")

    page.locator("#note").press("Control+Enter")
    page.locator(".badge-draft").wait_for()

    broadcast.refresh_from_db()
    assert broadcast.state == BroadcastState.DRAFT
    assert broadcast.events.get(what="returned").note == "Bitte kürzer"


def test_on_a_handset_who_gets_it_and_when_and_the_button_are_seen_at_once(open_desk):
    review = f"/admin/campaigns/broadcast/{submitted().pk}/review/"

    page = open_desk("Freigabe", review, viewport=HANDSET)

    for name in ("Geht an", "Kosten", "Versand"):
        expect(page.locator(".facts dt", has_text=name)).to_be_in_viewport(ratio=1)
    expect(page.locator(".decide button")).to_be_in_viewport(ratio=1)


def test_on_a_handset_a_line_of_the_list_is_seen_as_a_whole(open_desk):
    BroadcastFactory(state=BroadcastState.DONE, closed_at=NOW)

    page = open_desk("Redaktion", "/admin/campaigns/broadcast/", viewport=HANDSET)

    for cell in page.locator("#result_list tbody tr > *").all():
        expect(cell).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("group", "path"),
    [
        ("Redaktion", "/admin/campaigns/archivedbroadcast/"),
        ("IT", "/admin/campaigns/rate/"),
    ],
)
def test_on_a_handset_the_archive_and_the_rate_card_do_not_scroll_sideways(open_desk, group, path):
    BroadcastFactory(state=BroadcastState.DONE, closed_at=NOW)

    page = open_desk(group, path, viewport=HANDSET)

    assert_all_cells_are_seen(page)


def assert_all_cells_are_seen(page):
    """Whatever a list says stands between the edges of the screen."""
    boxes = [cell.bounding_box() for cell in page.locator("#result_list tbody tr > *").all()]
    assert [box for box in boxes if box["width"]]
    assert [
        box for box in boxes if box["x"] < 0 or box["x"] + box["width"] > HANDSET["width"]
    ] == []


def test_what_cannot_wait_takes_four_acts(open_desk):
    page = open_desk("Redaktion")
    words = ["Halle Ost ist gesperrt", "Wasserrohrbruch", "Bitte zum Betriebshof West"]

    hands = Hands(page)

    hands.press("e")
    page.locator("#id_value-betreff:focus").wait_for()
    hands.write_on(words)
    hands.write("#id_reason", "Die Frühschicht ist schon unterwegs")
    hands.press("Control+Enter")
    page.locator(".badge-in_review").wait_for()

    assert hands.acts == 4
    broadcast = Broadcast.objects.get()
    assert [broadcast.message.values[name] for name in ("betreff", "text", "handlung")] == words
    assert broadcast.message.values["stand"]


def test_a_typo_seen_after_sending_is_one_act(open_desk, settings):
    settings.HOLD_SECONDS = 300
    connections.forget()
    broadcast = submitted()
    page = open_desk("Freigabe", f"/admin/campaigns/broadcast/{broadcast.pk}/review/")
    page.locator(".decide button").click()
    expect(page.locator(".countdown")).to_have_text(re.compile(r"^[0-4]:[0-5]\d$"))

    hands = Hands(page)
    hands.tap(".undo button")
    page.locator(".badge-approved").wait_for()

    assert hands.acts == 1
    broadcast.refresh_from_db()
    assert broadcast.state == BroadcastState.APPROVED


def test_progress_moves_by_itself_and_the_page_follows_the_state(open_desk):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)
    DeliveryFactory(broadcast=broadcast)
    page = open_desk("Redaktion", f"/admin/campaigns/broadcast/{broadcast.pk}/change/")
    expect(page.locator("#progress-title")).to_contain_text("0 %")

    Delivery.objects.update(state="delivered")
    expect(page.locator("#progress-title")).to_contain_text("100 %")
    Broadcast.objects.update(state=BroadcastState.DONE, closed_at=NOW)

    expect(page.locator(".badge-done")).to_be_visible()


def test_whoever_mistypes_the_password_is_told_and_can_try_again(open_desk):
    user = UserFactory(group="Personal", is_staff=True)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    page = open_desk(None)

    for password in ("falsch", PASSWORD):
        page.locator("#id_username").fill(user.username)
        page.locator("#id_password").fill(password)
        page.keyboard.press("Enter")
        page.locator(".errornote, .desk-nav").wait_for()

    expect(page.locator(".desk-nav")).to_be_visible()


PAGES = [
    ("Redaktion", "/admin/campaigns/series/"),
    ("Redaktion", "/admin/campaigns/series/add/"),
    ("Redaktion", "{missed}"),
    ("Redaktion", "/admin/"),
    ("Redaktion", f"{WRITE}/"),
    ("Redaktion", f"{WRITE}/bilder/"),
    ("Redaktion", "/admin/campaigns/broadcast/"),
    ("Freigabe", "{review}"),
    ("Redaktion", "{held}"),
    ("Redaktion", f"{WRITE}/eilmeldung/"),
    ("Redaktion", "{running}"),
    ("IT", "/admin/campaigns/channel/"),
    ("IT", "/admin/campaigns/messagetemplate/"),
    ("IT", "/admin/campaigns/category/neues/change/"),
    ("IT", "/admin/auth/user/add/"),
    ("Datenschutz", "/admin/"),
    ("Personal", "/admin/"),
]


@pytest.mark.parametrize(("group", "path"), PAGES)
@pytest.mark.parametrize("look", [(DESKTOP, "light"), (HANDSET, "dark")])
def test_every_page_is_accessible_and_fits_the_screen(open_desk, group, path, look):
    page_of = "/admin/campaigns/broadcast/{}/change/".format
    path = path.format(
        review=f"/admin/campaigns/broadcast/{submitted().pk}/review/",
        held=page_of(held().pk),
        running=page_of(DeliveryFactory().broadcast_id),
        missed=page_of(told_of_a_missed_one().pk),
    )
    SeriesFactory()
    series.sweep(now=timezone.now())
    viewport, scheme = look

    page = open_desk(group, path, viewport=viewport, color_scheme=scheme, bypass_csp=True)

    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_browser_keeps_nothing_about_anybody(open_desk):
    SubscriberFactory(phone="+4915198765432")
    page = open_desk("Redaktion")
    page.goto(WRITE)
    page.goto("/admin/campaigns/broadcast/")

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    cookies = {cookie["name"] for cookie in page.context.cookies()}

    assert "15198765432" not in kept + page.content()
    assert cookies <= {"sessionid", "csrftoken", "messages"}
